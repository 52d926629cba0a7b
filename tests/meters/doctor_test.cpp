#include "meters/doctor.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "platform/proc_files.h"
#include "support/machine_tree.h"

namespace landauer {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using namespace landauer::testing;

std::vector<std::string> codes(const std::vector<Caveat>& findings) {
    std::vector<std::string> out;
    for (const Caveat& finding : findings) {
        EXPECT_FALSE(finding.sentence.empty()) << finding.code;
        EXPECT_FALSE(finding.remedy.empty()) << finding.code;
        out.push_back(finding.code);
    }
    return out;
}

Caveat find(const std::vector<Caveat>& findings, const std::string& code) {
    for (const Caveat& finding : findings) {
        if (finding.code == code) {
            return finding;
        }
    }
    ADD_FAILURE() << "no finding " << code;
    return {};
}

std::vector<Caveat> examine(const MachineTree& tree, const std::string& compiler = "") {
    DoctorOptions options;
    options.root = tree.root();
    options.observe_s = 0.0;
    options.compiler = compiler;
    return diagnose(options);
}

TEST(Doctor, AServerThatSavesPower) {
    const MachineTree tree("intel-2socket");
    const auto findings = examine(tree, "GCC 12.2.0");
    EXPECT_THAT(codes(findings), IsSupersetOf({"governor", "turbo", "throttled-before", "amx-compiler"}));
    EXPECT_THAT(codes(findings), Not(Contains("no-energy-meter")));
    EXPECT_THAT(codes(findings), Not(Contains("few-cores")));
    EXPECT_THAT(find(findings, "governor").sentence, HasSubstr("\"powersave\""));
    EXPECT_EQ(findings.front().severity, Severity::warning) << "the worst comes first";
}

TEST(Doctor, AmxMattersOnlyToOldGcc) {
    const MachineTree amx("intel-2socket");
    const MachineTree plain("amd");
    EXPECT_THAT(codes(examine(amx, "GNU 12.2.0")), Contains("amx-compiler"));
    EXPECT_THAT(codes(examine(amx, "gcc 9")), Contains("amx-compiler"));
    for (const char* const fine : {"GCC 13.1.0", "GNU 14", "Clang 14.0.6", "", "GNU", "GC", "12"}) {
        EXPECT_THAT(codes(examine(amx, fine)), Not(Contains("amx-compiler"))) << fine;
    }
    EXPECT_THAT(codes(examine(plain, "GCC 12.2.0")), Not(Contains("amx-compiler")));
}

TEST(Doctor, AGuest) {
    const MachineTree tree("vm-nothing");
    const auto found = codes(examine(tree));
    EXPECT_THAT(found,
                IsSupersetOf({"few-cores", "no-energy-meter", "virtual-machine", "perf-closed", "steal-before"}));
    EXPECT_THAT(found, Not(Contains("governor")));
}

TEST(Doctor, AContainerWithAQuota) {
    const MachineTree tree("masked-container");
    const auto findings = examine(tree);
    EXPECT_THAT(codes(findings), IsSupersetOf({"cpu-quota", "memory-limit", "container", "energy-denied"}));
    EXPECT_THAT(find(findings, "cpu-quota").sentence, HasSubstr("0.5 of the 1 CPUs"));
}

TEST(Doctor, ClosedCountersComeWithTheCommand) {
    const MachineTree tree("denied");
    const auto findings = as_nobody([&] { return examine(tree); });
    EXPECT_THAT(find(findings, "energy-denied").remedy, HasSubstr("sudo chmod a+r"));
    EXPECT_THAT(codes(findings), Not(Contains("no-energy-meter")));
}

TEST(Doctor, ARaspberryPiThatIsThrottledNow) {
    const MachineTree tree("pi5");
    EXPECT_THAT(codes(examine(tree)), Not(Contains("throttled-now")));
    tree.write("sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled", "50004\n");
    EXPECT_THAT(codes(examine(tree)), Contains("throttled-now"));
}

TEST(Doctor, BatteriesOfTheMachineOnly) {
    const MachineTree tree("amd");
    tree.write("sys/class/power_supply/mouse/type", "Battery\n");
    tree.write("sys/class/power_supply/mouse/scope", "Device\n");
    tree.write("sys/class/power_supply/mouse/status", "Discharging\n");
    EXPECT_THAT(codes(examine(tree)), Not(Contains("on-battery")));
    tree.write("sys/class/power_supply/BAT0/type", "Battery\n");
    tree.write("sys/class/power_supply/BAT0/status", "Full\n");
    EXPECT_THAT(codes(examine(tree)), Not(Contains("on-battery")));
    tree.write("sys/class/power_supply/BAT0/status", "Discharging\n");
    EXPECT_THAT(codes(examine(tree)), Contains("on-battery"));
}

TEST(Doctor, MemoryAndSwap) {
    const MachineTree tree("amd");
    EXPECT_THAT(codes(examine(tree)), Not(Contains("low-memory")));
    tree.write("proc/meminfo",
               "MemTotal: 16384000 kB\nMemAvailable: 800000 kB\nSwapTotal: 1000000 kB\nSwapFree: 0 kB\n");
    EXPECT_THAT(codes(examine(tree)), IsSupersetOf({"low-memory", "swap-in-use"}));
}

// While the doctor sleeps, a neighbour works and the host steals.
TEST(Doctor, WatchesOtherProgramsAndTheHost) {
    const MachineTree tree("amd");
    const auto process = [&](int pid, const char* name, std::int64_t ticks) {
        tree.write(fmt::format("proc/{}/stat", pid),
                   fmt::format("{} ({}) R 1 1 1 0 -1 0 0 0 0 0 {} 0 0 0 20 0 1 0 5 1000 10\n", pid, name, ticks));
    };
    const std::int64_t second = ticks_per_second();
    tree.write("proc/stat", "cpu  100 0 0 0 0 0 0 0 0 0\n");
    for (int pid = 11; pid < 16; ++pid) {
        process(pid, pid == 11 ? "make" : "cc1plus", 100);
    }
    DoctorOptions options;
    options.root = tree.root();
    options.observe_s = 2.0;
    double slept_s = 0.0;
    options.sleep = [&](double seconds) {
        slept_s = seconds;
        for (int pid = 12; pid < 16; ++pid) {
            process(pid, "cc1plus", 100 + second * (pid - 11) / 2);
        }
        tree.write("proc/stat", fmt::format("cpu  {} 0 0 0 0 0 0 {} 0 0\n", 100 + second, second));
    };
    const auto findings = diagnose(options);
    EXPECT_EQ(slept_s, 2.0);
    const Caveat busy = find(findings, "busy-neighbours");
    EXPECT_EQ(busy.severity, Severity::spoiled);
    EXPECT_THAT(busy.sentence, HasSubstr("2.50 cores: cc1plus (pid 15, 100 %)"));
    EXPECT_THAT(busy.sentence, HasSubstr("and 1 more"));
    EXPECT_THAT(find(findings, "steal").sentence, HasSubstr("50 % of one core"));
    EXPECT_EQ(findings.front().code, "busy-neighbours");
}

TEST(Doctor, AnEmptyRootIsNoReasonToFail) {
    const MachineTree tree;
    codes(examine(tree));
}

}  // namespace
}  // namespace landauer
