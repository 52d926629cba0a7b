// Products of dense matrices, by BLAS. Shapes that do not fit are a bug of the caller's and throw
// std::invalid_argument.
#pragma once

#include "tensor/matrix.h"

namespace landauer {

enum class Turn { No, Yes };  // taken as it is, or transposed

// out = alpha op(a) op(b) + beta out. `out` overlaps neither.
void multiply(MatrixView<const float> a, Turn turn_a, MatrixView<const float> b, Turn turn_b, MatrixView<float> out,
              float alpha = 1.0F, float beta = 0.0F);
void multiply(MatrixView<const double> a, Turn turn_a, MatrixView<const double> b, Turn turn_b, MatrixView<double> out,
              double alpha = 1.0, double beta = 0.0);

[[nodiscard]] MatrixD product(MatrixView<const double> a, Turn turn_a, MatrixView<const double> b, Turn turn_b);

// sum += x^T x over the rows of x. A few hundred rows at a time are multiplied in single precision and added in double.
// Only the lower triangle of `sum` is touched: mirror_lower() at the end.
void add_gram(MatrixView<const float> x, MatrixD& sum);
// The same for `n` rows of `sum` from `first` on alone: one product shared between threads, each with its rows.
void add_gram_rows(MatrixView<const float> x, std::size_t first, std::size_t n, MatrixD& sum);
void mirror_lower(MatrixD& symmetric);

// Threads that one call may use, for the whole process; callers that split their work themselves set 1.
void set_product_threads(int n_threads);

}  // namespace landauer
