#include "platform/processes.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "platform/proc_files.h"
#include "platform/process_clocks.h"
#include "support/machine_tree.h"

namespace landauer {
namespace {

using landauer::testing::MachineTree;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string stat_line(int pid, const std::string& name, int user, int system, int start) {
    return fmt::format("{} ({}) S 1 1 1 0 -1 0 0 0 0 0 {} {} 0 0 20 0 1 0 {} 1000 10\n", pid, name, user, system,
                       start);
}

TEST(Processes, NamesMayHoldAnything) {
    const auto process = parse_process_stat(stat_line(42, "a) R (b\x1b[31m", 7, 3, 99));
    ASSERT_TRUE(process);
    EXPECT_EQ(process->pid, 42);
    EXPECT_EQ(process->name, "a) R (b?[31m") << "control characters would reach the terminal";
    EXPECT_EQ(process->ticks, 10);
    EXPECT_EQ(process->start_ticks, 99);
}

TEST(Processes, BrokenLinesAreLeftOut) {
    for (const char* const bad :
         {"", "42", "42 (a", ")(", "42 (a) S", "x (a) S 1 1 1 0 -1 0 0 0 0 0 1 1 0 0 20 0 1 0 5",
          "42 (a) S 1 1 1 0 -1 0 0 0 0 0 -1 1 0 0 20 0 1 0 5"}) {
        EXPECT_FALSE(parse_process_stat(bad)) << bad;
    }
}

TEST(Processes, TheBusiestBetweenTwoReadings) {
    const MachineTree tree;
    tree.write("proc/7/stat", stat_line(7, "idle", 100, 0, 5));
    tree.write("proc/8/stat", stat_line(8, "busy", 100, 0, 5));
    tree.write("proc/9/stat", stat_line(9, "me", 0, 0, 5));
    tree.write("proc/10/stat", stat_line(10, "old", 9000, 0, 5));
    tree.write("proc/self/stat", "rubbish");
    const auto before = read_processes(tree.root());
    ASSERT_THAT(before, SizeIs(4));
    const int second = static_cast<int>(ticks_per_second());
    tree.write("proc/8/stat", stat_line(8, "busy", 100 + second, second / 2, 5));
    tree.write("proc/9/stat", stat_line(9, "me", 2 * second, 0, 5));
    tree.write("proc/10/stat", stat_line(10, "reused pid", second, 0, 6));
    const auto busy = busiest(before, read_processes(tree.root()), 2.0, 0.1, 9);
    ASSERT_THAT(busy, SizeIs(2));
    EXPECT_EQ(busy[0].name, "busy");
    EXPECT_NEAR(busy[0].cores, 0.75, 1e-9);
    EXPECT_EQ(busy[1].name, "reused pid");
    EXPECT_NEAR(busy[1].cores, 0.5, 1e-9);
    EXPECT_THAT(busiest(before, before, 0.0, 0.0, 9), IsEmpty()) << "no time, no shares";
}

TEST(ProcessClocks, CpuTimeGrowsWithWorkAndAgreesWithTheSystem) {
    const std::int64_t begin = read_process_cpu_ns();
    const std::int64_t usage_begin = read_rusage_cpu_ns();
    const std::int64_t thread_begin = read_thread_cpu_ns();
    while (read_process_cpu_ns() - begin < 60'000'000) {
    }
    const auto used = static_cast<double>(read_process_cpu_ns() - begin);
    EXPECT_NEAR(static_cast<double>(read_rusage_cpu_ns() - usage_begin) / used, 1.0, 0.2);
    EXPECT_NEAR(static_cast<double>(read_thread_cpu_ns() - thread_begin) / used, 1.0, 0.2);
    EXPECT_GE(read_boot_clock_ns() + 1'000'000'000, read_monotonic_ns());
}

}  // namespace
}  // namespace landauer
