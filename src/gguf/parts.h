// The files that a split model consists of.
#pragma once

#include <cstdint>
#include <filesystem>

namespace landauer {

// "name-00001-of-00003.gguf" with another number (from 1); empty if the name is not of that form.
[[nodiscard]] std::filesystem::path part_path(const std::filesystem::path& first, std::int64_t part,
                                              std::int64_t n_parts);

}  // namespace landauer
