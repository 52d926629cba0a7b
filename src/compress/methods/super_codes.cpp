#include "compress/methods/super_codes.h"

#include <algorithm>
#include <string_view>

#include "gguf/half.h"

namespace landauer {
namespace {

// Where a type's block holds what; the layouts are ggml's (ggml-common.h).
enum Kind : std::size_t { kQ2, kQ3, kQ4, kQ5, kQ6, kXs };

constexpr std::array<SuperFormat, 6> kFormats = {{
    {{"q2_K", 2, 0, true, {}}, 16, 84},
    {{"q3_K", 3, -4, false, {}}, 16, 110},
    {{"q4_K", 4, 0, true, {}}, 32, 144},
    {{"q5_K", 5, 0, true, {}}, 32, 176},
    {{"q6_K", 6, -32, false, {}}, 16, 210},
    {{"iq4_xs", 4, -8, false, kUnevenLevels}, 32, 136},
}};

Kind kind_of(const SuperFormat& format) { return static_cast<Kind>(&format - kFormats.data()); }

class Bytes {
   public:
    explicit Bytes(std::span<const std::byte> block) : block_(block) {}
    [[nodiscard]] unsigned at(std::size_t i) const { return std::to_integer<unsigned>(block_[i]); }
    [[nodiscard]] float half(std::size_t i) const {
        return from_half(static_cast<std::uint16_t>(at(i) | (at(i + 1) << 8U)));
    }

   private:
    std::span<const std::byte> block_;
};

void put_bits(std::span<std::byte> block, std::size_t byte, unsigned shift, unsigned n_bits, unsigned value) {
    const auto mask = static_cast<std::byte>(((1U << n_bits) - 1U) << shift);
    block[byte] = (block[byte] & ~mask) | (static_cast<std::byte>(value << shift) & mask);
}

// Six bits each: the low four of the first eight in low nibbles, of the others in high ones; the high two behind them.
float q3_scale(const Bytes& block, std::size_t group) {
    constexpr std::size_t kScales = 96;
    const unsigned low = (block.at(kScales + group % 8) >> (group < 8 ? 0U : 4U)) & 0xFU;
    const unsigned high = (block.at(kScales + 8 + group % 4) >> (2U * static_cast<unsigned>(group / 4))) & 3U;
    return static_cast<float>(static_cast<int>(low | (high << 4U)) - 32);
}

struct ScaleAndMin {
    float scale;
    float min;
};

// Scales and minima of six bits each in twelve bytes, as q4_K and q5_K share them.
ScaleAndMin k4_scale(const Bytes& block, std::size_t group) {
    constexpr std::size_t kScales = 4;
    const auto at = [&](std::size_t i) { return block.at(kScales + i); };
    unsigned scale = at(group) & 63U;
    unsigned min = at(group + 4) & 63U;
    if (group >= 4) {
        scale = (at(group + 4) & 0xFU) | ((at(group - 4) >> 6U) << 4U);
        min = (at(group + 4) >> 4U) | ((at(group) >> 6U) << 4U);
    }
    return {static_cast<float>(scale), static_cast<float>(min)};
}

float q6_scale(const Bytes& block, std::size_t group) {
    return static_cast<float>(static_cast<std::int8_t>(block.at(192 + group)));
}

float xs_scale(const Bytes& block, std::size_t group) {
    const auto place = static_cast<unsigned>(group);
    const unsigned low = (block.at(4 + group / 2) >> (4U * (place % 2U))) & 0xFU;
    const unsigned high = ((block.at(2) | (block.at(3) << 8U)) >> (2U * place)) & 3U;
    return static_cast<float>(static_cast<int>(low | (high << 4U)) - 32);
}

// Four codes of two bits a byte, 32 bytes for each half block.
void put_pair(std::span<std::byte> block, std::size_t first, std::size_t column, unsigned code) {
    const std::size_t in_half = column % 128;
    put_bits(block, first + column / 128 * 32 + in_half % 32, 2U * static_cast<unsigned>(in_half / 32), 2, code);
}

// Two nibbles a byte: the first `n` columns of 2 n in the low ones, the others in the high ones.
void put_nibble(std::span<std::byte> block, std::size_t first, std::size_t n, std::size_t column, unsigned code) {
    const std::size_t in_part = column % (2 * n);
    put_bits(block, first + column / (2 * n) * n + in_part % n, in_part < n ? 0 : 4, 4, code);
}

}  // namespace

const SuperFormat* super_format(const std::string& type) {
    const auto* found = std::find_if(kFormats.begin(), kFormats.end(), [&](const SuperFormat& format) {
        return std::string_view(format.levels.type) == type;
    });
    return found == kFormats.end() ? nullptr : found;
}

SuperGrid grid_of(const SuperFormat& format, std::span<const std::byte> block) {
    const Bytes bytes(block);
    SuperGrid grid;
    for (std::size_t group = 0; group < format.n_groups(); ++group) {
        float& scale = grid.scales[group];
        float& offset = grid.offsets[group];
        switch (kind_of(format)) {
            case kQ2:
                scale = bytes.half(80) * static_cast<float>(bytes.at(group) & 0xFU);
                offset = -bytes.half(82) * static_cast<float>(bytes.at(group) >> 4U);
                break;
            case kQ3:
                scale = bytes.half(108) * q3_scale(bytes, group);
                break;
            case kQ4:
            case kQ5: {
                const auto [of_scale, of_min] = k4_scale(bytes, group);
                scale = bytes.half(0) * of_scale;
                offset = -bytes.half(2) * of_min;
                break;
            }
            case kQ6:
                scale = bytes.half(208) * q6_scale(bytes, group);
                break;
            case kXs:
                scale = bytes.half(0) * xs_scale(bytes, group);
                break;
        }
    }
    return grid;
}

void put_codes(const SuperFormat& format, std::span<const std::uint8_t> codes, std::span<std::byte> block) {
    for (std::size_t column = 0; column < kSuperColumns; ++column) {
        const unsigned code = codes[column];
        const auto bit = static_cast<unsigned>(column / 32);
        switch (kind_of(format)) {
            case kQ2:
                put_pair(block, 16, column, code);
                break;
            case kQ3:
                put_pair(block, 32, column, code & 3U);
                put_bits(block, column % 32, bit, 1, code >> 2U);
                break;
            case kQ4:
                put_nibble(block, 16, 32, column, code);
                break;
            case kQ5:
                put_nibble(block, 48, 32, column, code & 0xFU);
                put_bits(block, 16 + column % 32, bit, 1, code >> 4U);
                break;
            case kQ6:
                put_nibble(block, 0, 64, column, code & 0xFU);
                put_pair(block, 128, column, code >> 4U);
                break;
            case kXs:
                put_nibble(block, 8, 16, column, code);
                break;
        }
    }
}

}  // namespace landauer
