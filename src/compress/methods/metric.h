// Second moments as metrics: what every method does with C and G before it starts.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <vector>

#include "tensor/matrix.h"

namespace landauer {

// The moment with `ratio` of the mean of its diagonal added to the diagonal. Invalid: not square of that size, a value
// that is not a number, all zero. `what` names it in the sentence.
[[nodiscard]] Result<MatrixD> with_ridge(const MatrixD& moment, std::size_t size, double ratio, const char* what);

// Lower L with L L^T the moment with its ridge. Failed: not positive definite for all the ridge.
[[nodiscard]] Result<MatrixD> metric_root(const MatrixD& moment, std::size_t size, double ratio, const char* what);

// The weights in double precision. Invalid: empty, a value that is not a number.
[[nodiscard]] Result<MatrixD> exact_weights(const MatrixF& weights);

[[nodiscard]] MatrixF to_single(const MatrixD& matrix);
[[nodiscard]] MatrixD transposed(const MatrixD& matrix);

// Rows picked from a matrix, in the order given.
[[nodiscard]] MatrixD rows_of(const MatrixD& matrix, const std::vector<std::size_t>& picked);

[[nodiscard]] MatrixD first_columns(const MatrixD& matrix, std::size_t n);

// Those of 0 .. n - 1 that are not among `picked`, rising.
[[nodiscard]] std::vector<std::size_t> others(const std::vector<std::size_t>& picked, std::size_t n);

[[nodiscard]] double squared_sum(const MatrixD& matrix);

}  // namespace landauer
