#include "platform/proc_files.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <array>
#include <random>
#include <string>
#include <vector>

namespace landauer {
namespace {

TEST(ProcStat, BusyLeavesOutIdleWaitingAndGuests) {
    CpuTimes total;
    std::array<CpuTimes, 2> cpus;
    EXPECT_EQ(parse_proc_stat("cpu  10 20 30 9999 888 1 2 77 10 20\ncpu1 1 2 3 4 5 6 7 8 9 10\nintr 5\n", total, cpus),
              2);
    EXPECT_EQ(total.busy, 10 + 20 + 30 + 1 + 2);
    EXPECT_EQ(total.steal, 77);
    EXPECT_EQ(cpus[0].busy, kMissing) << "CPU 0 is offline: no line, no number";
    EXPECT_EQ(cpus[1].busy, 1 + 2 + 3 + 6 + 7);
}

TEST(ProcStat, PlantedTimesComeBackForManyMachines) {
    std::mt19937_64 random(7);
    for (int round = 0; round < 200; ++round) {
        const std::size_t n = 1 + random() % 300;
        std::string text = "cpu  1 2 3 4 5 6 7 8 9 10\n";
        std::vector<std::int64_t> planted(n, kMissing);
        for (std::size_t cpu = 0; cpu < n; ++cpu) {
            if (random() % 8 == 0) {
                continue;  // offline
            }
            std::array<std::int64_t, 8> f{};
            for (auto& value : f) {
                value = static_cast<std::int64_t>(random() % 1'000'000'000'000);
            }
            planted[cpu] = f[0] + f[1] + f[2] + f[5] + f[6];
            text +=
                fmt::format("cpu{} {} {} {} {} {} {} {} {} 0 0\n", cpu, f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7]);
        }
        CpuTimes total;
        std::vector<CpuTimes> cpus(n);
        parse_proc_stat(text, total, cpus);
        for (std::size_t cpu = 0; cpu < n; ++cpu) {
            ASSERT_EQ(cpus[cpu].busy, planted[cpu]);
        }
    }
}

TEST(ProcStat, HostileTextIsMissingAndNeverZero) {
    for (const char* const text : {"", "\n", "cpu", "cpu \n", "cpu  1 2 3", "cpu  1 2 3 4 5 6 x 8",
                                   "cpu  -1 2 3 4 5 6 7 8", "cpu  99999999999999999999 2 3 4 5 6 7 8",
                                   "intr 5\ncpu 1 2 3 4 5 6 7 8", "cpu  9007199254740993 2 3 4 5 6 7 8"}) {
        CpuTimes total{5, 5};
        EXPECT_EQ(parse_proc_stat(text, total, {}), 0) << text;
        EXPECT_EQ(total.busy, kMissing) << text;
        EXPECT_EQ(total.steal, kMissing) << text;
    }
}

TEST(ProcStat, WithoutALastNewline) {
    CpuTimes total;
    EXPECT_EQ(parse_proc_stat("cpu  1 2 3 4 5 6 7 8", total, {}), 1);
    EXPECT_EQ(total.busy, 1 + 2 + 3 + 6 + 7);
}

TEST(ProcStat, CountsCpusByTheHighestNumber) {
    EXPECT_EQ(count_cpus("cpu 1\ncpu0 1\ncpu3 1\n"), 4);
    EXPECT_EQ(count_cpus("cpu 1\ncpu99999999 1\ncpu-4 1\n"), 0);
    EXPECT_EQ(count_cpus(""), 0);
}

TEST(ProcStat, RandomBytesDoNoHarm) {
    std::mt19937_64 random(3);
    std::array<CpuTimes, 4> cpus;
    for (int round = 0; round < 5000; ++round) {
        std::string text = "cpu";
        for (std::size_t i = random() % 80; i > 0; --i) {
            text += "0123456789 cpu\n-\xff"[random() % 17];
        }
        CpuTimes total;
        parse_proc_stat(text, total, cpus);
        ASSERT_TRUE(total.busy == kMissing || total.busy >= 0);
        static_cast<void>(count_cpus(text));
        static_cast<void>(parse_statm(text));
        static_cast<void>(parse_meminfo(text));
    }
}

TEST(Statm, ResidentAndShared) {
    EXPECT_EQ(parse_statm("100 60 20 1 0 5 0\n").resident, 60);
    EXPECT_EQ(parse_statm("100 60 20 1 0 5 0\n").shared, 20);
    for (const char* const bad : {"", "100", "100 60", "100 -60 20", "100 20 60", "a b c"}) {
        EXPECT_EQ(parse_statm(bad).resident, kMissing) << bad;
    }
}

TEST(Meminfo, KilobytesBecomeBytes) {
    const SystemMemory memory = parse_meminfo("MemTotal:  16 kB\nMemAvailable: 4 kB\nSwapTotal: 0 kB\n");
    EXPECT_EQ(memory.total_bytes, 16 * 1024);
    EXPECT_EQ(memory.available_bytes, 4 * 1024);
    EXPECT_EQ(memory.swap_total_bytes, 0);
    EXPECT_EQ(memory.swap_free_bytes, kMissing);
    EXPECT_EQ(parse_meminfo("MemTotal: lots\n").total_bytes, kMissing);
    EXPECT_EQ(parse_meminfo("MemTotal: -1 kB\n").total_bytes, kMissing);
}

}  // namespace
}  // namespace landauer
