#include "platform/topology.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "platform/cgroup.h"
#include "platform/files.h"
#include "platform/proc_files.h"
#include "platform/text.h"

namespace landauer {
namespace {

std::vector<int> online_cpus(const std::filesystem::path& root) {
    auto cpus = parse_cpu_list(read_trimmed(root / "sys/devices/system/cpu/online"));
    if (cpus.empty()) {
        const int count = std::max(1, count_cpus(read_trimmed(root / "proc/stat")));
        for (int cpu = 0; cpu < count; ++cpu) {
            cpus.push_back(cpu);
        }
    }
    return cpus;
}

std::filesystem::path topology_of(const std::filesystem::path& root, int cpu) {
    return root / fmt::format("sys/devices/system/cpu/cpu{}/topology", cpu);
}

// The hyper-threads of one core name the same list; a CPU without one is a core by itself.
int count_cores(const std::filesystem::path& root, const std::vector<int>& cpus) {
    std::set<std::string> cores;
    for (const int cpu : cpus) {
        const std::string siblings = read_trimmed(topology_of(root, cpu) / "thread_siblings_list");
        cores.insert(siblings.empty() ? std::to_string(cpu) : siblings);
    }
    return std::max(1, static_cast<int>(cores.size()));
}

int count_packages(const std::filesystem::path& root, const std::vector<int>& cpus) {
    std::set<std::string> packages;
    for (const int cpu : cpus) {
        packages.insert(read_trimmed(topology_of(root, cpu) / "physical_package_id"));
    }
    return std::max(1, static_cast<int>(packages.size()));
}

}  // namespace

int CpuTopology::usable_cores() const {
    const double cores = quota_cores ? std::min<double>(allowed_physical, *quota_cores) : allowed_physical;
    return std::max(1, static_cast<int>(cores));
}

CpuTopology read_topology(const std::filesystem::path& root) {
    const std::vector<int> online = online_cpus(root);
    CpuTopology topology;
    topology.logical = static_cast<int>(online.size());
    topology.physical = count_cores(root, online);
    topology.packages = count_packages(root, online);
    const std::string status = read_trimmed(root / "proc/self/status");
    for (const int cpu : parse_cpu_list(value_of_key(status, "Cpus_allowed_list"))) {
        if (std::binary_search(online.begin(), online.end(), cpu)) {
            topology.allowed.push_back(cpu);
        }
    }
    if (topology.allowed.empty()) {
        topology.allowed = online;
    }
    topology.allowed_physical = count_cores(root, topology.allowed);
    topology.quota_cores = read_cgroup_limits(root).cpu_quota_cores;
    return topology;
}

}  // namespace landauer
