// Names what a file is that should have been a GGUF model.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace landauer {

struct Likeness {
    std::string what;  // "looks like a safetensors file"; empty: nothing we know
    std::string remedy;
};

// From the file's first bytes (a few hundred are enough) and its size.
[[nodiscard]] Likeness likeness_of(std::string_view head, std::uint64_t file_bytes);

}  // namespace landauer
