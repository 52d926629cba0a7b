#include "compress/heal/block_scales.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <vector>

#include "gguf/half.h"
#include "gguf/weights.h"

namespace landauer {
namespace {

constexpr std::array kPlaces = {
    BlockScales{"q4_0", 32, 0, std::nullopt},     BlockScales{"q4_1", 32, 0, 2, 32},
    BlockScales{"q5_0", 32, 0, std::nullopt},     BlockScales{"q5_1", 32, 0, 2, 32},
    BlockScales{"q8_0", 32, 0, std::nullopt},     BlockScales{"iq4_nl", 32, 0, std::nullopt},
    BlockScales{"q2_K", 256, 80, 82, 16},         BlockScales{"q3_K", 256, 108, std::nullopt},
    BlockScales{"q4_K", 256, 0, 2, 32},           BlockScales{"q5_K", 256, 0, 2, 32},
    BlockScales{"q6_K", 256, 208, std::nullopt},  BlockScales{"iq4_xs", 256, 0, std::nullopt},
    BlockScales{"iq2_xxs", 256, 0, std::nullopt}, BlockScales{"iq2_xs", 256, 0, std::nullopt},
    BlockScales{"iq2_s", 256, 0, std::nullopt},   BlockScales{"iq3_xxs", 256, 0, std::nullopt},
    BlockScales{"iq3_s", 256, 0, std::nullopt},   BlockScales{"tq1_0", 256, 52, std::nullopt},
    BlockScales{"tq2_0", 256, 64, std::nullopt},
};

constexpr float kLargestHalf = 65504.0F;

std::uint16_t half_at(std::span<const std::byte> block, std::size_t at) {
    return static_cast<std::uint16_t>(std::to_integer<unsigned>(block[at]) |
                                      (std::to_integer<unsigned>(block[at + 1]) << 8U));
}

void put_half(std::span<std::byte> block, std::size_t at, float value) {
    const std::uint16_t bits = half_bits(value);
    block[at] = static_cast<std::byte>(bits & 0xFFU);
    block[at + 1] = static_cast<std::byte>(bits >> 8U);
}

std::size_t block_bytes(const BlockScales& place) { return row_bytes(place.type, place.columns); }

void set_all(const BlockScales& place, std::span<std::byte> bytes, float scale, float offset) {
    const std::size_t size = block_bytes(place);
    for (std::size_t first = 0; first < bytes.size(); first += size) {
        put_half(bytes.subspan(first, size), place.scale_at, scale);
        if (place.offset_at) put_half(bytes.subspan(first, size), *place.offset_at, offset);
    }
}

}  // namespace

const BlockScales* block_scales(const std::string& type) {
    const auto* found = std::ranges::find(kPlaces, std::string_view(type),
                                          [](const BlockScales& place) { return std::string_view(place.type); });
    return found == kPlaces.end() ? nullptr : found;
}

StoredScales read_scales(const BlockScales& place, std::span<const std::byte> bytes, std::size_t rows,
                         std::size_t columns) {
    const std::size_t n_blocks = columns / place.columns;
    const std::size_t size = block_bytes(place);
    StoredScales out{MatrixF(rows, n_blocks), place.offset_at ? MatrixF(rows, n_blocks) : MatrixF{}};
    for (std::size_t i = 0; i < rows * n_blocks; ++i) {
        const auto block = bytes.subspan(i * size, size);
        out.scales.values()[i] = from_half(half_at(block, place.scale_at));
        if (place.offset_at) out.offsets.values()[i] = from_half(half_at(block, *place.offset_at));
    }
    return out;
}

Result<void> write_scales(const BlockScales& place, const StoredScales& scales, std::span<std::byte> bytes) {
    const std::size_t size = block_bytes(place);
    const auto fits = [](float value) { return std::fabs(value) <= kLargestHalf; };
    for (std::size_t i = 0; i < scales.scales.values().size(); ++i) {
        const float scale = scales.scales.values()[i];
        const float offset = place.offset_at ? scales.offsets.values()[i] : 0.0F;
        if (!fits(scale) || !fits(offset)) {
            return fail(ErrorKind::Failed, "A scale has become too large for the half that stores it.",
                        "Lower the rates: --rate 0.3.");
        }
        const auto block = bytes.subspan(i * size, size);
        put_half(block, place.scale_at, scale);
        if (place.offset_at) put_half(block, *place.offset_at, offset);
    }
    return {};
}

Result<void> decode_units(const BlockScales& place, std::span<std::byte> bytes, std::size_t first, std::size_t n,
                          UnitWeights& out) {
    const std::size_t columns = out.levels.cols();
    set_all(place, bytes, 1.0F, 0.0F);
    const auto levels = out.levels.values().subspan(first * columns, n * columns);
    if (auto read = decode_rows(place.type, bytes, columns, levels); !read || !place.offset_at) return read;
    set_all(place, bytes, 0.0F, 1.0F);
    std::vector<float> all(n * columns);
    if (auto read = decode_rows(place.type, bytes, columns, all); !read) return read;
    const std::size_t n_shifts = columns / place.shift_columns;
    for (std::size_t i = 0; i < n * n_shifts; ++i) {
        out.shifts.values()[first * n_shifts + i] = all[i * place.shift_columns];
    }
    return {};
}

}  // namespace landauer
