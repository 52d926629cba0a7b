// machine, process, memory, frequency, thermal, throttle.
#include <gmock/gmock.h>

#include "meters/channels.h"
#include "meters/table.h"
#include "platform/proc_files.h"
#include "support/machine_tree.h"

namespace landauer {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using namespace landauer::testing;

TEST(Machine, TotalStealAndEachCore) {
    const MachineTree tree("vm-nothing");
    const auto meter = probe_machine(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter), ElementsAre("busy", "steal", "cpu0_busy", "cpu1_busy"));
    auto values = read_all(**meter);
    EXPECT_EQ(values["busy"], 2010 + 10 + 601 + 14 + 26);
    EXPECT_EQ(values["steal"], 2 * 77);
    EXPECT_EQ(values["cpu1_busy"], 1010 + 5 + 301 + 7 + 13);
    const Channel& busy = channel(**meter, "busy");
    EXPECT_EQ(busy.unit, "s");
    EXPECT_EQ(busy.kind, ChannelKind::counter);
    EXPECT_EQ(busy.scale, 1.0 / static_cast<double>(ticks_per_second()));
}

TEST(Machine, ACoreThatGoesOfflineIsMissing) {
    const MachineTree tree("vm-nothing");
    const auto meter = probe_machine(tree.root());
    ASSERT_TRUE(meter);
    tree.write("proc/stat", "cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 1 1 1 1 1 1 1 1 1\n");
    EXPECT_EQ(read_all(**meter)["cpu1_busy"], kMissing);
    EXPECT_EQ(read_all(**meter)["busy"], 1 + 2 + 3 + 6 + 7);
    tree.write("proc/stat", "");
    EXPECT_EQ(read_all(**meter)["busy"], kMissing);
}

TEST(Machine, TwoHundredCoresFitTheBuffer) {
    const MachineTree tree;
    std::string text = "cpu  1 2 3 4 5 6 7 8 9 10\n";
    for (int cpu = 0; cpu < 200; ++cpu) {
        text += "cpu" + std::to_string(cpu) + " 4000000000000000 1 1 1 1 1 1 4000000000000000 4000000000000000 1\n";
    }
    tree.write("proc/stat", text + "intr " + std::string(100'000, '1') + "\n");
    const auto meter = probe_machine(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_EQ(read_all(**meter)["cpu199_busy"], 4'000'000'000'000'004);
}

TEST(Machine, WithoutProcThereIsNone) {
    const MachineTree tree;
    EXPECT_EQ(probe_machine(tree.root()).error().kind, ErrorKind::Absent);
    tree.write("proc/stat", "garbage\n");
    EXPECT_EQ(probe_machine(tree.root()).error().kind, ErrorKind::Failed);
}

TEST(Process, CountsItsOwnWork) {
    const auto meter = probe_process("/");
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter), ElementsAre("cpu", "major_faults"));
    EXPECT_EQ(channel(**meter, "cpu"), (Channel{"process", "cpu", "s", ChannelKind::counter, 1e-9, 0}));
    const auto first = read_all(**meter)["cpu"];
    while (read_all(**meter)["cpu"] <= first) {
    }
}

TEST(Memory, ResidentPartsAndSystem) {
    const MachineTree tree("amd");
    const auto meter = probe_memory(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter), ElementsAre("rss_anon", "rss_file", "rss", "system_used"));
    auto values = read_all(**meter);
    EXPECT_EQ(values["rss_anon"], 8000);
    EXPECT_EQ(values["rss_file"], 12000);
    EXPECT_EQ(values["rss"], 20000);
    EXPECT_EQ(channel(**meter, "rss").scale, static_cast<double>(page_bytes()));
    EXPECT_EQ(values["system_used"], (16384000LL - 12288000) * 1024);
    tree.write("proc/self/statm", "1 2");
    EXPECT_EQ(read_all(**meter)["rss"], kMissing);
    EXPECT_NE(read_all(**meter)["system_used"], kMissing);
}

TEST(Memory, OfThisProcessIsPlausible) {
    const auto meter = probe_memory("/");
    ASSERT_TRUE(meter);
    auto values = read_all(**meter);
    EXPECT_GT(values["rss"] * page_bytes(), 1 << 20);
    EXPECT_EQ(values["rss_anon"] + values["rss_file"], values["rss"]);
}

TEST(Frequency, MeanAndEachCore) {
    const MachineTree tree("amd");
    const auto meter = probe_frequency(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter), ElementsAre("mean", "cpu0", "cpu1", "cpu2", "cpu3"));
    auto values = read_all(**meter);
    EXPECT_EQ(values["cpu3"], 3'903'000);
    EXPECT_EQ(values["mean"], 3'901'500);
    EXPECT_EQ(channel(**meter, "mean"), (Channel{"frequency", "mean", "Hz", ChannelKind::gauge, 1e3, 0}));
    tree.write("sys/devices/system/cpu/cpu3/cpufreq/scaling_cur_freq", "<unknown>\n");
    EXPECT_EQ(read_all(**meter)["mean"], 3'901'000) << "of the cores that were read";
}

TEST(Frequency, AnEvenChoiceOfManyCores) {
    const MachineTree tree;
    for (int cpu = 0; cpu < 100; ++cpu) {
        tree.write("sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/cpufreq/scaling_cur_freq", "1000\n");
    }
    const auto meter = probe_frequency(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter), SizeIs(1 + 25));
    EXPECT_THAT(channel_names(**meter), Contains("cpu96"));
}

TEST(Frequency, GuestsHaveNone) {
    const MachineTree tree("vm-nothing");
    const auto meter = probe_frequency(tree.root());
    ASSERT_FALSE(meter);
    EXPECT_EQ(meter.error().kind, ErrorKind::Absent);
}

TEST(Thermal, SensorsOfTheProcessorOnly) {
    const MachineTree tree("intel-2socket");
    const auto meter = probe_thermal(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter), ElementsAre("x86_pkg_temp", "x86_pkg_temp 2", "coretemp/Package id 0"));
    EXPECT_EQ(read_all(**meter)["x86_pkg_temp 2"], 47'500);
    EXPECT_EQ(channel(**meter, "x86_pkg_temp"),
              (Channel{"thermal", "x86_pkg_temp", "degC", ChannelKind::gauge, 1e-3, 0}));
}

TEST(Thermal, BelowFreezingIsATemperature) {
    const MachineTree tree("amd");
    const auto meter = probe_thermal(tree.root());
    ASSERT_TRUE(meter);
    tree.write("sys/class/hwmon/hwmon0/temp1_input", "-5000\n");
    EXPECT_EQ(read_all(**meter)["k10temp/Tctl"], -5000);
}

TEST(Throttle, CoresOnceAndPackagesEach) {
    const MachineTree tree("intel-2socket");
    const auto meter = probe_throttle(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter), ElementsAre("core", "package-0", "package-1"));
    auto values = read_all(**meter);
    EXPECT_EQ(values["core"], 0 + 1 + 2 + 3) << "hyper-threads share their core's count";
    EXPECT_EQ(values["package-1"], 11);
    tree.write("sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count", "?");
    EXPECT_EQ(read_all(**meter)["core"], kMissing) << "a smaller sum would be a counter going back";
}

TEST(Throttle, RaspberryPiFlags) {
    const MachineTree tree("pi5");
    const auto meter = probe_throttle(tree.root());
    ASSERT_TRUE(meter);
    EXPECT_THAT(channel_names(**meter), ElementsAre("undervoltage", "flags_now"));
    EXPECT_EQ(read_all(**meter)["flags_now"], 0) << "only since boot";
    tree.write("sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled", "50005\n");
    EXPECT_EQ(read_all(**meter)["flags_now"], 5);
    tree.write("sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled", "hot\n");
    EXPECT_EQ(read_all(**meter)["flags_now"], kMissing);
}

TEST(Table, EveryMeterAnswersOnEveryMachine) {
    for (const char* const machine : {"intel-2socket", "amd", "pi5", "vm-nothing", "hex-zones", "masked-container"}) {
        const MachineTree tree(machine);
        for (const MeterProbe& probe : probe_meters(tree.root())) {
            if (!probe.meter) {
                EXPECT_FALSE(probe.meter.error().sentence.empty());
                EXPECT_FALSE(probe.meter.error().remedy.empty()) << probe.name;
                EXPECT_NE(probe.meter.error().kind, ErrorKind::Bug);
                continue;
            }
            const MeterInfo& info = (*probe.meter)->info();
            EXPECT_EQ(info.name, probe.name);
            EXPECT_FALSE(info.covers.empty());
            for (const Channel& channel : info.channels) {
                EXPECT_EQ(channel.meter, probe.name);
                EXPECT_FALSE(channel.name.empty());
            }
            std::vector<std::int64_t> too_small;
            EXPECT_EQ((*probe.meter)->read(too_small), 0);
        }
    }
}

TEST(Table, AnEmptyRootLeavesThisProcessOnly) {
    const MachineTree tree;
    for (const MeterProbe& probe : probe_meters(tree.root())) {
        EXPECT_EQ(probe.meter.has_value(), probe.name == "process") << probe.name;
    }
}

}  // namespace
}  // namespace landauer
