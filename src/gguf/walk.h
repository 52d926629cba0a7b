// A first walk over a GGUF header that allocates next to nothing and believes no length.
// The stock reader sizes its arrays by the lengths it reads, so a flipped bit could cost
// gigabytes; after this walk every length is known to lie within the file.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <cstdio>
#include <string>

namespace landauer {

struct HeaderExtent {
    std::uint64_t n_kv = 0;
    std::uint64_t n_tensors = 0;
    std::uint64_t end = 0;  // bytes from the beginning of the file to the end of the tensor list
};

// What is wrong, and at which byte.
struct Damage {
    std::string what;
    std::uint64_t at = 0;
};

// `file` positioned anywhere; it is left somewhere. The magic has been checked.
[[nodiscard]] tl::expected<HeaderExtent, Damage> walk_header(std::FILE* file, std::uint64_t file_bytes);

}  // namespace landauer
