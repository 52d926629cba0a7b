#include "compress/methods/block_codes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "gguf/half.h"

namespace landauer {
namespace {

constexpr std::size_t kHalf = kBlockColumns / 2;

const std::array<BlockFormat, 6> kFormats = {{
    {"q4_0", 4, -8, false, {}},
    {"q4_1", 4, 0, true, {}},
    {"q5_0", 5, -16, false, {}},
    {"q5_1", 5, 0, true, {}},
    {"q8_0", 8, -128, false, {}},
    {"iq4_nl", 4, -8, false, kUnevenLevels},
}};

class BytesOut {
   public:
    explicit BytesOut(std::size_t n) { bytes_.reserve(n); }
    void put(std::uint32_t value, int n_bytes) {
        for (int i = 0; i < n_bytes; ++i) bytes_.push_back(static_cast<std::byte>((value >> (8 * i)) & 0xFFU));
    }
    std::vector<std::byte> take() { return std::move(bytes_); }

   private:
    std::vector<std::byte> bytes_;
};

// The first half of a block in the low nibbles, the second in the high ones; fifth bits together before them.
void put_codes(int bits, std::span<const std::uint8_t> codes, BytesOut& out) {
    if (bits == 8) {
        // A level from -128 as a signed byte.
        for (const std::uint8_t code : codes) out.put(static_cast<std::uint8_t>(code - 128U), 1);
        return;
    }
    if (bits == 5) {
        std::uint32_t fifth = 0;
        for (std::size_t j = 0; j < kBlockColumns; ++j) fifth |= static_cast<std::uint32_t>(codes[j] >> 4U) << j;
        out.put(fifth, 4);
    }
    for (std::size_t j = 0; j < kHalf; ++j) {
        out.put((codes[j] & 0xFU) | static_cast<std::uint32_t>((codes[j + kHalf] & 0xFU) << 4U), 1);
    }
}

std::size_t block_bytes(const BlockFormat& format) {
    return (format.has_offset ? 4 : 2) + kBlockColumns * static_cast<std::size_t>(format.bits) / 8;
}

}  // namespace

const BlockFormat* block_format(const std::string& type) {
    const auto* found = std::find_if(kFormats.begin(), kFormats.end(),
                                     [&](const BlockFormat& format) { return std::string_view(format.type) == type; });
    return found == kFormats.end() ? nullptr : found;
}

BlockCodes empty_codes(const BlockFormat& format, std::size_t rows, std::size_t columns) {
    BlockCodes matrix;
    matrix.format = &format;
    matrix.codes = Matrix<std::uint8_t>(rows, columns);
    matrix.scales = MatrixF(rows, columns / kBlockColumns);
    if (format.has_offset) matrix.offsets = MatrixF(rows, columns / kBlockColumns);
    return matrix;
}

std::vector<std::byte> packed(const BlockCodes& matrix) {
    const std::size_t n_blocks = matrix.scales.cols();
    BytesOut out(matrix.codes.rows() * n_blocks * block_bytes(*matrix.format));
    for (std::size_t row = 0; row < matrix.codes.rows(); ++row) {
        for (std::size_t block = 0; block < n_blocks; ++block) {
            out.put(half_bits(matrix.scales(row, block)), 2);
            if (matrix.format->has_offset) out.put(half_bits(matrix.offsets(row, block)), 2);
            put_codes(matrix.format->bits, matrix.codes.row(row).subspan(block * kBlockColumns, kBlockColumns), out);
        }
    }
    return out.take();
}

}  // namespace landauer
