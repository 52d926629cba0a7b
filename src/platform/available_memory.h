// Memory that a program may still take without swapping.
#pragma once

#include <cstdint>
#include <filesystem>

namespace landauer {

// MemAvailable, cut down to the cgroup's limit; all there is when the system does not say.
[[nodiscard]] std::uint64_t available_memory_bytes(const std::filesystem::path& root = "/");

// Gives back what the allocator keeps of memory that is free: else it is part of what is measured afterwards.
void release_free_memory();

}  // namespace landauer
