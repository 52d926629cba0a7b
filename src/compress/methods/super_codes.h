// ggml's types of 256 weights a block, whose scales are themselves packed: what grid a block lies on, and its codes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "compress/methods/block_codes.h"

namespace landauer {

inline constexpr std::size_t kSuperColumns = 256;

struct SuperFormat {
    BlockFormat levels;
    std::size_t group;  // columns that share a scale (and an offset)
    std::size_t bytes;  // of a block
    [[nodiscard]] std::size_t n_groups() const { return kSuperColumns / group; }
};

// q2_K, q3_K, q4_K, q5_K, q6_K and iq4_xs; nullptr: another type.
[[nodiscard]] const SuperFormat* super_format(const std::string& type);

// weight = scale x level(code) + offset, by group.
struct SuperGrid {
    std::array<float, 16> scales{};
    std::array<float, 16> offsets{};
};
[[nodiscard]] SuperGrid grid_of(const SuperFormat& format, std::span<const std::byte> block);

// The block's codes, its grid untouched.
void put_codes(const SuperFormat& format, std::span<const std::uint8_t> codes, std::span<std::byte> block);

}  // namespace landauer
