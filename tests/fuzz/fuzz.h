// What every fuzz target shares: the input as text, and promises that must hold for any input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

namespace landauer::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    const void* const bytes = data;
    return size == 0 ? std::string_view() : std::string_view(static_cast<const char*>(bytes), size);
}

inline void must(bool holds) {
    if (!holds) {
        std::abort();
    }
}

}  // namespace landauer::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
