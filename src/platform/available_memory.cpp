#include "platform/available_memory.h"

#if defined(__GLIBC__) || __has_include(<malloc.h>)
#include <malloc.h>
#endif

#include <algorithm>
#include <limits>

#include "platform/cgroup.h"
#include "platform/files.h"
#include "platform/proc_files.h"

namespace landauer {

std::uint64_t available_memory_bytes(const std::filesystem::path& root) {
    std::int64_t available = std::numeric_limits<std::int64_t>::max();
    if (const auto text = read_text(root / "proc/meminfo")) {
        const SystemMemory memory = parse_meminfo(*text);
        if (memory.available_bytes != kMissing) {
            available = memory.available_bytes;
        }
    }
    if (const auto limit = read_cgroup_limits(root).memory_bytes) {
        available = std::min(available, *limit);
    }
    return static_cast<std::uint64_t>(std::max<std::int64_t>(available, 0));
}

void release_free_memory() {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}

}  // namespace landauer
