// How much the processor's last cache holds.
#pragma once

#include <cstdint>
#include <filesystem>

namespace landauer {

// Of the first CPU's largest cache; 32 MiB where the system does not say.
[[nodiscard]] std::uint64_t last_level_cache_bytes(const std::filesystem::path& root = "/");

}  // namespace landauer
