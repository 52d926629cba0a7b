#include "platform/cgroup.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "platform/files.h"
#include "platform/text.h"

namespace landauer {
namespace {

// v1 writes "no limit" as the largest multiple of a page.
constexpr std::int64_t kNoLimit = std::int64_t{1} << 60;

// Where a process sits in each hierarchy: v2 has no controllers in its line of /proc/self/cgroup.
struct Membership {
    std::string unified;
    std::string cpu;
    std::string memory;
};

bool names_controller(std::string_view list, std::string_view wanted) {
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        if (list.substr(0, comma) == wanted) {
            return true;
        }
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

Membership read_membership(const std::filesystem::path& root) {
    Membership out;
    const std::string text = read_trimmed(root / "proc/self/cgroup");
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::string_view line = next_line(rest);
        const std::size_t first = line.find(':');
        const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
        if (second == std::string_view::npos) {
            continue;
        }
        const std::string_view controllers = line.substr(first + 1, second - first - 1);
        const std::string path(line.substr(second + 1));
        if (controllers.empty()) {
            out.unified = path;
        }
        if (names_controller(controllers, "cpu")) {
            out.cpu = path;
        }
        if (names_controller(controllers, "memory")) {
            out.memory = path;
        }
    }
    return out;
}

template <class T>
void tighten(std::optional<T>& limit, std::optional<T> candidate) {
    if (candidate && (!limit || *candidate < *limit)) {
        limit = candidate;
    }
}

std::optional<double> cores(std::optional<std::int64_t> quota_us, std::optional<std::int64_t> period_us) {
    if (!quota_us || !period_us || *quota_us <= 0 || *period_us <= 0) {
        return std::nullopt;
    }
    return static_cast<double>(*quota_us) / static_cast<double>(*period_us);
}

std::optional<std::int64_t> memory(std::optional<std::int64_t> bytes) {
    return bytes && *bytes > 0 && *bytes < kNoLimit ? bytes : std::nullopt;
}

std::optional<double> read_cpu_max(const std::filesystem::path& folder) {
    const std::string text = read_trimmed(folder / "cpu.max");
    std::string_view rest = text;
    const auto quota_us = parse_integer(next_word(rest));  // "max" is not a number: no quota
    return cores(quota_us, parse_integer(next_word(rest)));
}

// Visits the group's folder and all above it, up to the hierarchy's own root. A group that
// another namespace named may not exist here; then only the root counts.
template <class Visit>
void visit_upwards(const std::filesystem::path& hierarchy, const std::string& group, Visit visit) {
    std::filesystem::path relative = std::filesystem::path(group).relative_path().lexically_normal();
    if (!relative.empty() && *relative.begin() == "..") {
        relative.clear();
    }
    while (!relative.empty()) {
        visit(hierarchy / relative);
        relative = relative.parent_path();
    }
    visit(hierarchy);
}

}  // namespace

CgroupLimits read_cgroup_limits(const std::filesystem::path& root) {
    const Membership membership = read_membership(root);
    const auto mount = root / "sys/fs/cgroup";
    CgroupLimits limits;
    visit_upwards(mount, membership.unified, [&](const std::filesystem::path& folder) {
        tighten(limits.cpu_quota_cores, read_cpu_max(folder));
        tighten(limits.memory_bytes, memory(read_integer_file(folder / "memory.max")));
    });
    visit_upwards(mount / "cpu", membership.cpu, [&](const std::filesystem::path& folder) {
        tighten(limits.cpu_quota_cores,
                cores(read_integer_file(folder / "cpu.cfs_quota_us"), read_integer_file(folder / "cpu.cfs_period_us")));
    });
    visit_upwards(mount / "memory", membership.memory, [&](const std::filesystem::path& folder) {
        tighten(limits.memory_bytes, memory(read_integer_file(folder / "memory.limit_in_bytes")));
    });
    return limits;
}

}  // namespace landauer
