#include <gmock/gmock.h>

#include "meters/channels.h"
#include "meters/table.h"
#include "support/machine_tree.h"

namespace landauer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace landauer::testing;

TEST(Hwmon, EnergyCountersPowerInputsAndAverages) {
    const MachineTree tree("amd");
    const auto meter = probe_hwmon(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter),
                ElementsAre("amd_energy/Ecore000", "amd_energy/Esocket0", "power_meter/power1"));
    EXPECT_EQ(channel(**meter, "amd_energy/Esocket0"),
              (Channel{"hwmon", "amd_energy/Esocket0", "J", ChannelKind::counter, 1e-6, 0, Rail{RailKind::part}}));
    EXPECT_EQ(channel(**meter, "power_meter/power1"),
              (Channel{"hwmon", "power_meter/power1", "W", ChannelKind::gauge, 1e-6, 0, Rail{RailKind::part}}));
    EXPECT_EQ(read_all(**meter)["power_meter/power1"], 88'000'000);
    EXPECT_TRUE((*meter)->info().is_energy());
}

TEST(Hwmon, ABoardWithVoltageAndCurrentHasOnePower) {
    const MachineTree tree("pi5");
    const auto meter = probe_hwmon(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter), ElementsAre("ina226/power1"));
    EXPECT_EQ(read_all(**meter)["ina226/power1"], 5'400'000);
}

TEST(Hwmon, TheInputIsTakenBeforeTheAverage) {
    const MachineTree tree;
    tree.write("sys/class/hwmon/hwmon0/name", "chip\n");
    tree.write("sys/class/hwmon/hwmon0/power1_input", "10\n");
    tree.write("sys/class/hwmon/hwmon0/power1_average", "20\n");
    const auto meter = probe_hwmon(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_EQ(read_all(**meter), (std::map<std::string, std::int64_t>{{"chip/power1", 10}}));
}

TEST(Hwmon, TwinsKeepNamesOfTheirOwn) {
    const MachineTree tree;
    for (const char* const chip : {"hwmon3", "hwmon4"}) {
        tree.write(std::string("sys/class/hwmon/") + chip + "/name", "ina226\n");
        tree.write(std::string("sys/class/hwmon/") + chip + "/power1_input", "1\n");
    }
    tree.write("sys/class/hwmon/hwmon3/power2_input", "1\n");
    tree.write("sys/class/hwmon/hwmon3/power1_label", "rail\n");
    tree.write("sys/class/hwmon/hwmon3/power2_label", "rail\n");
    const auto meter = probe_hwmon(tree.root());
    ASSERT_TRUE(meter);
    auto names = channel_names(**meter);
    std::sort(names.begin(), names.end());
    EXPECT_EQ(std::unique(names.begin(), names.end()), names.end()) << ::testing::PrintToString(names);
    EXPECT_EQ(names.size(), 3U);
}

TEST(Hwmon, DeniedAndAbsent) {
    const MachineTree tree;
    tree.write("sys/class/hwmon/hwmon0/name", "amd_energy\n");
    tree.write("sys/class/hwmon/hwmon0/energy1_input", "1\n");
    tree.deny("sys/class/hwmon/hwmon0/energy1_input");
    const auto denied = as_nobody([&] { return probe_hwmon(tree.root()); });
    ASSERT_FALSE(denied);
    EXPECT_EQ(denied.error().kind, ErrorKind::Denied);
    EXPECT_THAT(denied.error().remedy, HasSubstr("sudo chmod a+r"));
    const MachineTree guest("vm-nothing");
    EXPECT_EQ(probe_hwmon(guest.root()).error().kind, ErrorKind::Absent);
}

}  // namespace
}  // namespace landauer
