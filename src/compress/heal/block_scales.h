// The float scales inside ggml's blocks: what is left to train of a quantised matrix when its codes stay as they are.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "tensor/matrix.h"

namespace landauer {

// Where a type's block keeps its scale (and its offset): halves, the only floats in it. A weight is
// scale x level + offset x shift, whatever the type makes of its codes.
struct BlockScales {
    const char* type;     // ggml's name
    std::size_t columns;  // weights of a block
    std::size_t scale_at;
    std::optional<std::size_t> offset_at;
    std::size_t shift_columns = 0;  // neighbouring weights that share a shift
};

// nullptr: floats, or a type whose scales are no halves.
[[nodiscard]] const BlockScales* block_scales(const std::string& type);

// Rows as they are stored; scales and offsets are rows x blocks (offsets empty where the type has none).
struct StoredScales {
    MatrixF scales;
    MatrixF offsets;
};
[[nodiscard]] StoredScales read_scales(const BlockScales& place, std::span<const std::byte> bytes, std::size_t rows,
                                       std::size_t columns);
// Rounded to halves, in place. Failed: one is beyond what a half holds.
[[nodiscard]] Result<void> write_scales(const BlockScales& place, const StoredScales& scales,
                                        std::span<std::byte> bytes);

// What the scales are multiplied with: levels, rows x columns, and shifts, rows x (columns / shift_columns).
struct UnitWeights {
    MatrixF levels;
    MatrixF shifts;
};
// Some rows, decoded by ggml itself with a scale of one and no offset, and the other way round; `bytes` are scratch
// afterwards. Only rows [first, first + n) of `out` are written, which has all of them. Errors as decode_rows().
[[nodiscard]] Result<void> decode_units(const BlockScales& place, std::span<std::byte> bytes, std::size_t first,
                                        std::size_t n, UnitWeights& out);

}  // namespace landauer
