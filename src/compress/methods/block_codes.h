// A matrix as ggml's types of 32 weights a block hold it: a code for each weight, a scale (and an offset) for each
// block, apart from each other until they are packed.
#pragma once

#include <landauer/error.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tensor/matrix.h"

namespace landauer {

inline constexpr std::size_t kBlockColumns = 32;

// weight = scale x level(code) + offset.
struct BlockFormat {
    const char* type;  // ggml's name
    int bits;
    int lowest;                     // level of code 0; those of the others follow by ones
    bool has_offset;                // "_1": an offset for each block
    std::span<const float> levels;  // of each code, rising; empty: whole numbers from `lowest`
    [[nodiscard]] int n_codes() const { return 1 << bits; }
    [[nodiscard]] int highest() const { return lowest + n_codes() - 1; }
    [[nodiscard]] float level(std::uint8_t code) const {
        return levels.empty() ? static_cast<float>(lowest + code) : levels[code];
    }
};

// iq4_nl's and iq4_xs's levels: closer to each other about zero.
inline constexpr std::array<float, 16> kUnevenLevels = {-127, -104, -83, -65, -49, -35, -22, -10,
                                                        1,    13,   25,  38,  53,  69,  89,  113};

// q4_0, q4_1, q5_0, q5_1, q8_0 and iq4_nl; nullptr: another type.
[[nodiscard]] const BlockFormat* block_format(const std::string& type);

struct BlockCodes {
    const BlockFormat* format = nullptr;
    Matrix<std::uint8_t> codes;  // out x in
    MatrixF scales;              // out x blocks, each a half's value
    MatrixF offsets;             // the same; empty where the format has none
};

[[nodiscard]] BlockCodes empty_codes(const BlockFormat& format, std::size_t rows, std::size_t columns);

// Rows one after the other, as ggml stores them.
[[nodiscard]] std::vector<std::byte> packed(const BlockCodes& matrix);

}  // namespace landauer
