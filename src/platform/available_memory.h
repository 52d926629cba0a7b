// Memory that a program may still take without swapping.
#pragma once

#include <cstdint>
#include <filesystem>

namespace landauer {

// MemAvailable, cut down to the cgroup's limit; all there is when the system does not say.
[[nodiscard]] std::uint64_t available_memory_bytes(const std::filesystem::path& root = "/");

}  // namespace landauer
