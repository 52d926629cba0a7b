#include <gmock/gmock.h>

#include "meters/channels.h"
#include "meters/table.h"
#include "support/machine_tree.h"

namespace landauer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace landauer::testing;

const std::string kSupplies = "sys/class/power_supply/";

void add_battery(const MachineTree& tree, const std::string& name, const std::string& status,
                 const std::string& power) {
    tree.write(kSupplies + name + "/type", "Battery\n");
    tree.write(kSupplies + name + "/status", status + "\n");
    tree.write(kSupplies + name + "/power_now", power + "\n");
}

TEST(Battery, PowerOfTheMachinesOwnBattery) {
    const MachineTree tree("laptop-battery");
    tree.write(kSupplies + "hidpp_battery_0/power_now", "5000\n");
    const auto meter = probe_battery(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter), ElementsAre("BAT0")) << "the mouse has a battery too";
    EXPECT_EQ(channel(**meter, "BAT0"), (Channel{"battery", "BAT0", "W", ChannelKind::gauge, 1e-6, 0,
                                                 Rail{RailKind::battery, 0, Provenance::measured, 0.0, 1.0}}));
    EXPECT_EQ(read_all(**meter)["BAT0"], 11'480'000);
    EXPECT_TRUE((*meter)->info().blocks);
}

TEST(Battery, OnlyDischargingCounts) {
    const MachineTree tree("laptop-battery");
    const auto meter = probe_battery(tree.root());
    ASSERT_TRUE(meter);
    for (const char* const state : {"Charging", "Full", "Not charging", "Unknown", "", "Discharging more or less"}) {
        tree.write(kSupplies + "BAT0/status", state);
        EXPECT_EQ(read_all(**meter)["BAT0"], kMissing) << state;
    }
    tree.write(kSupplies + "BAT0/status", "Discharging\n");
    EXPECT_EQ(read_all(**meter)["BAT0"], 11'480'000);
}

TEST(Battery, VoltsTimesAmperesWhateverTheSign) {
    for (const char* const ampere : {"-1500000", "1500000"}) {
        const MachineTree tree;
        tree.write(kSupplies + "BAT1/type", "Battery\n");
        tree.write(kSupplies + "BAT1/status", "Discharging\n");
        tree.write(kSupplies + "BAT1/voltage_now", "12000000\n");
        tree.write(kSupplies + "BAT1/current_now", ampere);
        const auto meter = probe_battery(tree.root());
        ASSERT_TRUE(meter);
        EXPECT_DOUBLE_EQ(channel(**meter, "BAT1").scale, 1e-12);
        EXPECT_EQ(read_all(**meter)["BAT1"], 18'000'000'000'000);
    }
}

TEST(Battery, BadNumbersAreMissingAndNeverZero) {
    const MachineTree tree;
    tree.write(kSupplies + "BAT1/type", "Battery\n");
    tree.write(kSupplies + "BAT1/status", "Discharging\n");
    tree.write(kSupplies + "BAT1/voltage_now", "12000000\n");
    tree.write(kSupplies + "BAT1/current_now", "1\n");
    const auto meter = probe_battery(tree.root());
    ASSERT_TRUE(meter);
    for (const char* const bad :
         {"", "nan", "1.5", "9223372036854775807", "-9223372036854775808", "99999999999999999999"}) {
        tree.write(kSupplies + "BAT1/current_now", bad);
        EXPECT_EQ(read_all(**meter)["BAT1"], kMissing) << bad;
    }
}

TEST(Battery, SeveralLieSideBySideAndARestingOneGivesNothing) {
    const MachineTree tree;
    add_battery(tree, "BAT0", "Not charging", "0");
    add_battery(tree, "BAT1", "Discharging", "-7000000");
    const auto meter = probe_battery(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_EQ(channel(**meter, "BAT0").rail.index, 0);
    EXPECT_EQ(channel(**meter, "BAT1").rail.index, 1);
    EXPECT_EQ(read_all(**meter), (std::map<std::string, std::int64_t>{{"BAT0", 0}, {"BAT1", 7'000'000}}));
    tree.write(kSupplies + "BAT0/power_now", "5\n");
    EXPECT_EQ(read_all(**meter)["BAT0"], kMissing) << "which way do they flow?";
    tree.write(kSupplies + "BAT0/power_now", "0\n");
    tree.write(kSupplies + "BAT0/status", "Charging\n");
    EXPECT_EQ(read_all(**meter)["BAT0"], kMissing);
    tree.write(kSupplies + "BAT1/status", "Charging\n");
    EXPECT_EQ(read_all(**meter)["BAT1"], kMissing);
}

TEST(Battery, OnMainsTheMeterIsThereAndSaysWhatItNeeds) {
    const MachineTree tree;
    add_battery(tree, "BAT0", "Full", "0");
    const auto meter = probe_battery(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_THAT((*meter)->info().notes.front(), HasSubstr("joules only while discharging"));
    EXPECT_THAT((*meter)->info().notes.back(), HasSubstr("not running on its battery"));
    EXPECT_EQ(read_all(**meter)["BAT0"], kMissing);
}

TEST(Battery, AbsentMuteAndDenied) {
    const MachineTree guest("vm-nothing");
    EXPECT_EQ(probe_battery(guest.root()).error().kind, ErrorKind::Absent);
    const MachineTree mute;
    mute.write(kSupplies + "BAT0/type", "Battery\n");
    mute.write(kSupplies + "BAT0/status", "Discharging\n");
    mute.write(kSupplies + "BAT0/voltage_now", "1\n");
    const auto silent = probe_battery(mute.root());
    ASSERT_FALSE(silent);
    EXPECT_EQ(silent.error().kind, ErrorKind::Absent);
    EXPECT_THAT(silent.error().sentence, HasSubstr("tells no power"));
    for (const char* const file : {"power_now", "status"}) {
        const MachineTree closed;
        add_battery(closed, "BAT0", "Discharging", "1");
        closed.deny(kSupplies + "BAT0/" + file);
        const auto denied = as_nobody([&] { return probe_battery(closed.root()); });
        ASSERT_FALSE(denied) << file;
        EXPECT_EQ(denied.error().kind, ErrorKind::Denied) << file;
        EXPECT_THAT(denied.error().remedy, HasSubstr(std::string("BAT0/") + file));
    }
}

}  // namespace
}  // namespace landauer
