// The level nearest to a value, for many rows side by side.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "compress/methods/block_codes.h"
#include "tensor/wide_loops.h"

namespace landauer {

inline constexpr std::size_t kLanes = 64;     // rows side by side
inline constexpr std::size_t kTogether = 32;  // lanes whose sums stay in registers
using Lanes = std::array<float, kLanes>;

// The whole number nearest to x, halves to even, for |x| < 2^22.
LANDAUER_LOOP float nearest(float x) {
    constexpr float kRound = 12582912.0F;  // 1.5 x 2^23: adding it leaves no room for fractions
    return (x + kRound) - kRound;
}

LANDAUER_LOOP float even_level(float x, float lowest, float highest) {
    const float level = nearest(std::min(std::max(x, lowest), highest));
    return level;
}

LANDAUER_LOOP float uneven_level(float x, const BlockFormat& format) {
    float level = format.levels[0];
    for (std::size_t i = 1; i < 16; ++i) {
        level = x > 0.5F * (format.levels[i - 1] + format.levels[i]) ? format.levels[i] : level;
    }
    return level;
}

inline std::uint8_t code_of(const BlockFormat& format, float level) {
    if (format.levels.empty()) return static_cast<std::uint8_t>(static_cast<int>(level) - format.lowest);
    return static_cast<std::uint8_t>(std::find(format.levels.begin(), format.levels.end(), level) -
                                     format.levels.begin());
}

}  // namespace landauer
