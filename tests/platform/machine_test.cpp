// Topology, limits and facts of whole machines.
#include <gmock/gmock.h>

#include "platform/cgroup.h"
#include "platform/machine_facts.h"
#include "platform/topology.h"
#include "support/machine_tree.h"

namespace landauer {
namespace {

using landauer::testing::MachineTree;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

TEST(Topology, HyperThreadsShareACore) {
    const MachineTree tree("intel-2socket");
    const CpuTopology topology = read_topology(tree.root());
    EXPECT_EQ(topology.logical, 8);
    EXPECT_EQ(topology.physical, 4);
    EXPECT_EQ(topology.packages, 2);
    EXPECT_THAT(topology.allowed, SizeIs(8));
    EXPECT_EQ(topology.usable_cores(), 4);
}

TEST(Topology, AffinityCutsCoresDown) {
    const MachineTree tree("intel-2socket");
    tree.write("proc/self/status", "Cpus_allowed_list:\t0,4,100\n");  // both threads of one core, and one offline
    const CpuTopology topology = read_topology(tree.root());
    EXPECT_THAT(topology.allowed, ElementsAre(0, 4));
    EXPECT_EQ(topology.allowed_physical, 1);
}

TEST(Topology, NothingReadableIsOneCore) {
    const MachineTree tree;
    const CpuTopology topology = read_topology(tree.root());
    EXPECT_EQ(topology.logical, 1);
    EXPECT_EQ(topology.usable_cores(), 1);
}

TEST(Topology, AQuotaCountsWholeCoresOnly) {
    const MachineTree tree("amd");
    tree.write("sys/fs/cgroup/cpu.max", "150000 100000\n");
    EXPECT_EQ(read_topology(tree.root()).quota_cores, 1.5);
    EXPECT_EQ(read_topology(tree.root()).usable_cores(), 1);
}

TEST(Cgroup, TheTightestLimitOnTheWayUpCounts) {
    const MachineTree tree;
    tree.write("proc/self/cgroup", "0::/system.slice/bench.service\n");
    tree.write("sys/fs/cgroup/system.slice/bench.service/cpu.max", "max 100000\n");
    tree.write("sys/fs/cgroup/system.slice/cpu.max", "300000 100000\n");
    tree.write("sys/fs/cgroup/system.slice/memory.max", "4096\n");
    tree.write("sys/fs/cgroup/system.slice/bench.service/memory.max", "8192\n");
    const CgroupLimits limits = read_cgroup_limits(tree.root());
    EXPECT_EQ(limits.cpu_quota_cores, 3.0);
    EXPECT_EQ(limits.memory_bytes, 4096);
}

TEST(Cgroup, FirstVersionWithItsOwnFiles) {
    const MachineTree tree;
    tree.write("proc/self/cgroup", "5:memory:/box\n3:cpu,cpuacct:/box\n");
    tree.write("sys/fs/cgroup/cpu/box/cpu.cfs_quota_us", "50000\n");
    tree.write("sys/fs/cgroup/cpu/box/cpu.cfs_period_us", "100000\n");
    tree.write("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "9223372036854771712\n");
    const CgroupLimits limits = read_cgroup_limits(tree.root());
    EXPECT_EQ(limits.cpu_quota_cores, 0.5);
    EXPECT_EQ(limits.memory_bytes, std::nullopt) << "the largest number means no limit";
}

TEST(Cgroup, HostileLimitsAreNone) {
    for (const char* const text : {"max 100000", "-1 100000", "0 0", "100000", "x y", "", "1 -1"}) {
        const MachineTree tree;
        tree.write("proc/self/cgroup", "0::/../../etc\nrubbish\n::\n");
        tree.write("sys/fs/cgroup/cpu.max", text);
        EXPECT_EQ(read_cgroup_limits(tree.root()).cpu_quota_cores, std::nullopt) << text;
    }
}

TEST(Facts, AServer) {
    const MachineTree tree("intel-2socket");
    const Environment facts = read_environment(tree.root());
    EXPECT_EQ(facts.at("cpu_model"), "Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz");
    EXPECT_EQ(facts.at("cpu_flags"), "sse4_2 ssse3 fma f16c avx avx2 avx512f avx512_vnni bmi2 amx_tile");
    EXPECT_EQ(facts.at("n_cpu_physical"), "4");
    EXPECT_EQ(facts.at("n_cpu_logical"), "8");
    EXPECT_EQ(facts.at("cpus_allowed"), "0-7");
    EXPECT_EQ(facts.at("governor"), "powersave");
    EXPECT_EQ(facts.at("turbo"), "on");
    EXPECT_EQ(facts.at("kernel"), "6.1.0-18-amd64");
    EXPECT_EQ(facts.at("os"), "Debian GNU/Linux 12 (bookworm)");
    EXPECT_EQ(facts.at("virtualisation"), "none");
    EXPECT_EQ(facts.at("mem_total_bytes"), std::to_string(16384000LL * 1024));
    EXPECT_EQ(facts.count("cpu_quota"), 0U);
    EXPECT_EQ(facts.count("container"), 0U);
    EXPECT_THAT(facts.at("hostname_hash"), SizeIs(16));
    EXPECT_THAT(facts.at("hostname_hash"), Not(HasSubstr("twosockets")));
    EXPECT_FALSE(facts.at("compiler").empty());
}

TEST(Facts, AnArmBoardAGuestAndAContainer) {
    const MachineTree pi("pi5");
    EXPECT_EQ(read_cpu_model(pi.root()), "Raspberry Pi 5 Model B Rev 1.0");
    EXPECT_EQ(read_environment(pi.root()).at("cpu_flags"), "fp asimd fphp asimdhp asimddp i8mm");
    const MachineTree guest("vm-nothing");
    EXPECT_EQ(read_virtualisation(guest.root()), "virtual machine (QEMU)");
    const MachineTree container("masked-container");
    EXPECT_EQ(read_environment(container.root()).at("container"), "docker");
    EXPECT_EQ(read_environment(container.root()).at("cpu_quota"), "0.5");
    EXPECT_EQ(read_environment(container.root()).at("mem_limit_bytes"), "2147483648");
}

TEST(Facts, AnEmptyRootGivesFewFactsAndNoEmptyOnes) {
    const MachineTree tree;
    for (const auto& [fact, value] : read_environment(tree.root())) {
        EXPECT_FALSE(value.empty()) << fact;
    }
}

TEST(Facts, DifferentGovernorsAreNamedTogether) {
    const MachineTree tree("amd");
    tree.write("sys/devices/system/cpu/cpu3/cpufreq/scaling_governor", "ondemand\n");
    EXPECT_EQ(read_governor(tree.root()), "ondemand, performance");
}

}  // namespace
}  // namespace landauer
