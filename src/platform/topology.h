// How many cores there are, and how many of them this program may use.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

namespace landauer {

struct CpuTopology {
    int logical = 1;                    // CPUs online, hyper-threads counted
    int physical = 1;                   // cores: hyper-threads of one core counted once
    int packages = 1;                   // sockets
    std::vector<int> allowed;           // CPUs that this program's affinity allows
    int allowed_physical = 1;           // different cores among them
    std::optional<double> quota_cores;  // of the cgroup; empty: none

    // Cores that can really be kept busy: allowed ones, cut down to the quota; at least 1.
    [[nodiscard]] int usable_cores() const;
};

[[nodiscard]] CpuTopology read_topology(const std::filesystem::path& root = "/");

}  // namespace landauer
