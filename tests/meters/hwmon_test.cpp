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
    constexpr Rail kSocket{RailKind::package, 0, Provenance::measured, 0.0, 1e-3};
    constexpr Rail kCore{RailKind::core, 0, Provenance::measured, 0.0, 1e-3};
    const MachineTree tree("amd");
    const auto meter = probe_hwmon(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter),
                ElementsAre("amd_energy/Ecore000", "amd_energy/Esocket0", "power_meter/power1"));
    EXPECT_EQ(channel(**meter, "amd_energy/Esocket0"),
              (Channel{"hwmon", "amd_energy/Esocket0", "J", ChannelKind::counter, 1e-6, 0, kSocket}));
    EXPECT_EQ(channel(**meter, "amd_energy/Ecore000").rail, kCore);
    EXPECT_EQ(channel(**meter, "power_meter/power1"),
              (Channel{"hwmon", "power_meter/power1", "W", ChannelKind::gauge, 1e-6, 0, Rail{RailKind::board}}));
    EXPECT_EQ(read_all(**meter)["power_meter/power1"], 88'000'000);
    EXPECT_TRUE((*meter)->info().is_energy());
}

TEST(Hwmon, ABoardWithVoltageAndCurrentHasOnePower) {
    const MachineTree tree("pi5");
    const auto meter = probe_hwmon(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter), ElementsAre("ina226/power1"));
    EXPECT_EQ(read_all(**meter)["ina226/power1"], 5'400'000);
    EXPECT_EQ(channel(**meter, "ina226/power1").rail.kind, RailKind::part);
    EXPECT_DOUBLE_EQ(channel(**meter, "ina226/power1").rail.accuracy, 0.012) << "the chip's 0.2 % and the shunt's 1 %";
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

TEST(Hwmon, VoltsTimesAmperesOfAJetsonsRails) {
    const MachineTree tree("jetson-orin");
    const auto meter = probe_hwmon(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter), ElementsAre("ina3221/VDD_IN", "ina3221/VDD_CPU_GPU_CV", "ina3221/VDD_SOC"))
        << "in4 to in7 and curr4 are not rails";
    EXPECT_EQ(channel(**meter, "ina3221/VDD_IN").rail, (Rail{RailKind::board, 0, Provenance::measured, 0.015, 2e-3}));
    EXPECT_EQ(channel(**meter, "ina3221/VDD_SOC").rail.kind, RailKind::part);
    EXPECT_EQ(read_all(**meter)["ina3221/VDD_IN"], 5072 * 1216);
}

TEST(Hwmon, AProductThatFailsOrDoesNotFitIsMissing) {
    const MachineTree tree("jetson-orin");
    const auto meter = probe_hwmon(tree.root());
    ASSERT_TRUE(meter);
    for (const char* const bad :
         {"", "x", "nan", "9223372036854775807", "-9223372036854775808", "99999999999999999999"}) {
        tree.write("sys/class/hwmon/hwmon1/curr1_input", bad);
        EXPECT_EQ(read_all(**meter)["ina3221/VDD_IN"], kMissing) << bad;
        EXPECT_EQ(read_all(**meter)["ina3221/VDD_SOC"], 5064 * 312) << "one bad file spoils one channel";
    }
    tree.write("sys/class/hwmon/hwmon1/curr1_input", "-16\n");
    EXPECT_EQ(read_all(**meter)["ina3221/VDD_IN"], -16 * 5072) << "backwards, and for others to judge";
}

TEST(Hwmon, AUsbTester) {
    const MachineTree tree;
    const std::string chip = "sys/class/hwmon/hwmon7/";
    tree.write(chip + "name", "powerz\n");
    tree.write(chip + "in0_label", "VBUS\n");
    tree.write(chip + "in0_average", "5000\n");
    tree.write(chip + "curr1_average", "10\n");
    const auto averaged = probe_hwmon(tree.root());
    ASSERT_TRUE(averaged);
    EXPECT_EQ(read_all(**averaged)["powerz/VBUS"], 50'000);
    tree.write(chip + "in0_input", "5100\n");
    tree.write(chip + "curr1_input", "-2000\n");
    tree.write(chip + "in1_input", "1700\n");
    const auto meter = probe_hwmon(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_EQ(read_all(**meter), (std::map<std::string, std::int64_t>{{"powerz/VBUS", -10'200'000}}));
    EXPECT_EQ(channel(**meter, "powerz/VBUS").rail, Rail{RailKind::dc_input});
}

TEST(Hwmon, AnIna219MultipliesOnlyWhereItsDriverDoesNot) {
    const MachineTree tree;
    const std::string chip = "sys/class/hwmon/hwmon0/";
    tree.write(chip + "name", "ina219\n");
    tree.write(chip + "in0_input", "9\n");
    tree.write(chip + "in1_input", "5000\n");
    tree.write(chip + "curr1_input", "800\n");
    EXPECT_EQ(read_all(**probe_hwmon(tree.root())),
              (std::map<std::string, std::int64_t>{{"ina219/power1", 4'000'000}}));
    tree.write(chip + "power1_input", "3990000\n");
    EXPECT_EQ(read_all(**probe_hwmon(tree.root())),
              (std::map<std::string, std::int64_t>{{"ina219/power1", 3'990'000}}));
}

TEST(Hwmon, BatteriesAndChargersAreNotShownAgain) {
    const MachineTree tree("laptop-battery");
    tree.write("sys/class/power_supply/ucsi-source-psy-USBC000:001/type", "USB\n");
    tree.write("sys/class/hwmon/hwmon3/name", "ucsi_source_psy_USBC000:001\n");
    tree.write("sys/class/hwmon/hwmon3/power1_input", "15000000\n");
    const auto meter = probe_hwmon(tree.root());
    ASSERT_FALSE(meter);
    EXPECT_EQ(meter.error().kind, ErrorKind::Absent);
}

TEST(Hwmon, CoresBelongToTheSocketOfTheirShare) {
    const MachineTree tree;
    const std::string chip = "sys/class/hwmon/hwmon0/";
    tree.write(chip + "name", "amd_energy\n");
    const char* const labels[] = {"Ecore000", "Ecore001", "Ecore002", "Ecore003", "Esocket0", "Esocket1"};
    for (int i = 0; i < 6; ++i) {
        tree.write(chip + "energy" + std::to_string(i + 1) + "_label", labels[i]);
        tree.write(chip + "energy" + std::to_string(i + 1) + "_input", "1\n");
    }
    const auto meter = probe_hwmon(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_EQ(channel(**meter, "amd_energy/Esocket1").rail,
              (Rail{RailKind::package, 1, Provenance::measured, 0.0, 1e-3}));
    EXPECT_EQ(channel(**meter, "amd_energy/Ecore001").rail, (Rail{RailKind::core, 0, Provenance::measured, 0.0, 1e-3}));
    EXPECT_EQ(channel(**meter, "amd_energy/Ecore002").rail, (Rail{RailKind::core, 1, Provenance::measured, 0.0, 1e-3}));
}

TEST(Hwmon, WhatAMeterSaysOfItselfIsKept) {
    const MachineTree tree;
    const std::string device = "sys/class/hwmon/hwmon0/device/";  // where older drivers keep their files
    tree.write(device + "name", "power_meter\n");
    tree.write(device + "power1_average", "88000000\n");
    tree.write(device + "power1_average_interval", "1000\n");
    tree.write(device + "power1_accuracy", "95.00%\n");
    const auto meter = probe_hwmon(tree.root());
    ASSERT_TRUE(meter);
    const Rail rail = channel(**meter, "power_meter/power1").rail;
    EXPECT_EQ(rail.kind, RailKind::board);
    EXPECT_NEAR(rail.accuracy, 0.05, 1e-12);
    EXPECT_DOUBLE_EQ(rail.averaging_s, 1.0);
}

TEST(Hwmon, APartThatMayNotBeReadIsNoted) {
    const MachineTree tree("jetson-orin");
    tree.deny("sys/class/hwmon/hwmon1/in2_input");
    const auto meter = as_nobody([&] { return probe_hwmon(tree.root()); });
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter), ElementsAre("ina3221/VDD_IN", "ina3221/VDD_SOC"));
    EXPECT_THAT((*meter)->info().notes.back(), HasSubstr("in2_input"));
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
