#include "gguf/parts.h"

#include <fmt/format.h>

#include <string>

namespace landauer {

std::filesystem::path part_path(const std::filesystem::path& first, std::int64_t part, std::int64_t n_parts) {
    const std::string name = first.filename().string();
    const std::string ending = fmt::format("-00001-of-{:05}.gguf", n_parts);
    if (!name.ends_with(ending)) return {};
    const std::string stem = name.substr(0, name.size() - ending.size());
    return first.parent_path() / fmt::format("{}-{:05}-of-{:05}.gguf", stem, part, n_parts);
}

}  // namespace landauer
