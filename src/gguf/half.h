// Numbers of 16 bits, as ggml keeps the scales of its blocks.
#pragma once

#include <cstdint>

namespace landauer {

// The nearest half; infinite above 65504.
[[nodiscard]] std::uint16_t half_bits(float value);
[[nodiscard]] float from_half(std::uint16_t bits);
[[nodiscard]] inline float rounded_to_half(float value) { return from_half(half_bits(value)); }

}  // namespace landauer
