// Matrices that a file holds as two factors, multiplied out: W = P [R ; T R] (docs/format.md).
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "gguf/factor_format.h"
#include "gguf/weights.h"
#include "tensor/matrix.h"

namespace landauer {

// Rows [first, first + n) of [R ; T R], each at its place: `rows` as factor_rows() gives them, `out` rows.size() x
// columns of R. The same however the rows are shared between calls.
void multiply_out(const MatrixF& r, const MatrixF& t, std::span<const std::int32_t> rows, std::size_t first,
                  std::size_t n, MatrixF& out);

// Values of a whole matrix, row after row. Errors as factor_rows() and WeightFile::read().
[[nodiscard]] Result<void> read_multiplied_out(const WeightFile& file, const FactorMatrix& matrix, MatrixF& out);

}  // namespace landauer
