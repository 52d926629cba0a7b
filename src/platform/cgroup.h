// What a container or service manager allows this program: share of CPU and memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace landauer {

struct CgroupLimits {
    std::optional<double> cpu_quota_cores;     // CPU seconds a second; empty: no quota
    std::optional<std::int64_t> memory_bytes;  // empty: no limit
};

// The tightest limits on the way from this process's group up to the root, for cgroup v2
// (cpu.max, memory.max) and v1 (cpu.cfs_quota_us, memory.limit_in_bytes).
[[nodiscard]] CgroupLimits read_cgroup_limits(const std::filesystem::path& root);

}  // namespace landauer
