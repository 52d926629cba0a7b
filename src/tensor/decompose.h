// Factorisations of dense matrices in double precision, by LAPACK.
// A matrix with a NaN or of a wrong shape is Invalid; one that LAPACK gives up on is Failed.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <vector>

#include "tensor/matrix.h"

namespace landauer {

// Lower L with L L^T = a; zeros above. Failed: not positive definite.
[[nodiscard]] Result<MatrixD> cholesky(MatrixD a);

// Lower L with L L^T = a taken in that order of rows and columns, each time the one of which the ones before it
// foretell least. Failed: not positive definite.
struct PivotedCholesky {
    MatrixD lower;  // zeros above
    std::vector<std::size_t> order;
};
[[nodiscard]] Result<PivotedCholesky> pivoted_cholesky(MatrixD a);

// x := L^-1 x, or L^-T x.
enum class Triangle { Lower, LowerTransposed };
void solve_triangular(const MatrixD& lower, Triangle how, MatrixD& x);

// x with a x = b for a positive definite a.
[[nodiscard]] Result<MatrixD> solve_positive(const MatrixD& a, const MatrixD& b);
[[nodiscard]] Result<MatrixD> invert_positive(const MatrixD& a);

// a = V diag(values) V^T; values fall, vectors are V's columns.
struct SymmetricEigen {
    std::vector<double> values;
    MatrixD vectors;
};
[[nodiscard]] Result<SymmetricEigen> eigen_symmetric(MatrixD a);

// a = U diag(values) V^T, thin; values fall. u: m x k, vt: k x n, k = min(m, n).
struct SingularValues {
    MatrixD u;
    std::vector<double> values;
    MatrixD vt;
};
[[nodiscard]] Result<SingularValues> singular_values(MatrixD a);

// The `n` rows of a (m x k, n <= k) that span it best, by QR with column pivoting on a^T, in the order found.
[[nodiscard]] Result<std::vector<std::size_t>> pivot_rows(const MatrixD& a, std::size_t n);

}  // namespace landauer
