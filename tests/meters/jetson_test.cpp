#include <gmock/gmock.h>

#include "meters/channels.h"
#include "meters/table.h"
#include "support/machine_tree.h"

namespace landauer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace landauer::testing;

const std::string kChip = "sys/bus/i2c/drivers/ina3221x/0-0040/";

void add_rail(const MachineTree& tree, const std::string& folder, int i, const std::string& label,
              const char* power_mw) {
    tree.write(folder + "rail_name_" + std::to_string(i), label + "\n");
    tree.write(folder + "in_power" + std::to_string(i) + "_input", power_mw);
}

TEST(Jetson, RailsOfTheOlderDriver) {
    const MachineTree tree;
    add_rail(tree, kChip + "iio:device0/", 0, "VDD_IN", "6180\n");
    add_rail(tree, kChip + "iio:device0/", 1, "VDD_SYS_GPU", "152\n");
    add_rail(tree, kChip + "iio:device0/", 2, "NC", "0\n");
    tree.write("sys/bus/i2c/drivers/ina3221x/bind", "");
    const auto meter = probe_jetson(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter), ElementsAre("VDD_IN", "VDD_SYS_GPU"));
    EXPECT_EQ(channel(**meter, "VDD_IN"), (Channel{"jetson", "VDD_IN", "W", ChannelKind::gauge, 1e-3, 0,
                                                   Rail{RailKind::board, 0, Provenance::measured, 0.015}}));
    EXPECT_EQ(channel(**meter, "VDD_SYS_GPU").rail.kind, RailKind::part);
    EXPECT_EQ(read_all(**meter)["VDD_IN"], 6180);
}

TEST(Jetson, AFolderShownTwiceCountsOnce) {
    const MachineTree tree;
    add_rail(tree, kChip + "iio:device0/", 0, "POM_5V_IN", "1\n");
    add_rail(tree, kChip + "iio_device/", 0, "POM_5V_IN", "1\n");
    const auto meter = probe_jetson(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter), ElementsAre("POM_5V_IN"));
    EXPECT_EQ(channel(**meter, "POM_5V_IN").rail.kind, RailKind::board);
}

TEST(Jetson, RailsWithoutOrWithTheSameNameStayApart) {
    const MachineTree tree;
    const std::string other = "sys/bus/i2c/drivers/ina3221x/0-0041/iio:device1/";
    tree.write(kChip + "iio:device0/in_power0_input", "1\n");
    add_rail(tree, kChip + "iio:device0/", 1, "CPU", "2\n");
    add_rail(tree, other, 0, "CPU", "3\n");
    const auto meter = probe_jetson(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter), ElementsAre("0-0040/power0", "CPU", "0-0041/CPU"));
}

TEST(Jetson, AReadingThatFailsIsMissing) {
    const MachineTree tree;
    add_rail(tree, kChip + "iio:device0/", 0, "VDD_IN", "6180\n");
    const auto meter = probe_jetson(tree.root());
    ASSERT_TRUE(meter);
    for (const char* const bad : {"", "x", "nan", "99999999999999999999"}) {
        tree.write(kChip + "iio:device0/in_power0_input", bad);
        EXPECT_EQ(read_all(**meter)["VDD_IN"], kMissing) << bad;
    }
}

TEST(Jetson, AbsentAndDenied) {
    const MachineTree orin("jetson-orin");
    const auto newer = probe_jetson(orin.root());
    ASSERT_FALSE(newer);
    EXPECT_EQ(newer.error().kind, ErrorKind::Absent);
    EXPECT_THAT(newer.error().remedy, HasSubstr("hwmon"));
    const MachineTree tree;
    add_rail(tree, kChip + "iio:device0/", 0, "VDD_IN", "6180\n");
    tree.deny(kChip + "iio:device0/in_power0_input");
    const auto denied = as_nobody([&] { return probe_jetson(tree.root()); });
    ASSERT_FALSE(denied);
    EXPECT_EQ(denied.error().kind, ErrorKind::Denied);
    EXPECT_THAT(denied.error().remedy, HasSubstr("in_power0_input"));
    add_rail(tree, kChip + "iio:device0/", 1, "VDD_SOC", "5\n");
    const auto partly = as_nobody([&] { return probe_jetson(tree.root()); });
    ASSERT_TRUE(partly);
    EXPECT_THAT(channel_names(**partly), ElementsAre("VDD_SOC"));
    EXPECT_THAT((*partly)->info().notes.back(), HasSubstr("Only root may read"));
}

}  // namespace
}  // namespace landauer
