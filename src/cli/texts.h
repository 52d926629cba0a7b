// Text files that a command learns from.
#pragma once

#include <landauer/error.h>

#include <filesystem>
#include <string>
#include <vector>

namespace landauer {

// One after the other. Invalid: a file that cannot be read, is too large for a text, or holds none.
[[nodiscard]] Result<std::string> read_texts(const std::vector<std::filesystem::path>& files);

}  // namespace landauer
