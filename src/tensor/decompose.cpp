#include "tensor/decompose.h"

#include <cblas.h>
#include <fmt/format.h>
#include <lapacke.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "tensor/products.h"

// LAPACK's matrices lie by columns, so what it is handed here it sees transposed: a symmetric matrix is the same, its
// lower triangle is called upper, and the singular vectors of a^T are those of a with their sides changed. Nothing is
// copied to be turned.

namespace landauer {
namespace {

lapack_int as_int(std::size_t n) { return static_cast<lapack_int>(n); }

Result<void> check(const MatrixD& a, const char* what) {
    if (a.empty()) {
        return fail(ErrorKind::Invalid, fmt::format("The {} of a matrix without values was asked for.", what),
                    "Give a matrix with at least one row and one column.");
    }
    for (std::size_t i = 0; i < a.rows(); ++i) {
        for (std::size_t j = 0; j < a.cols(); ++j) {
            if (std::isfinite(a(i, j))) continue;
            return fail(
                ErrorKind::Invalid,
                fmt::format("The {} x {} matrix whose {} was asked for has a value that is not a finite number, "
                            "in row {} and column {}.",
                            a.rows(), a.cols(), what, i, j),
                "Look for the value in what the matrix was made of.");
        }
    }
    return {};
}

Result<void> check_square(const MatrixD& a, const char* what) {
    if (a.rows() != a.cols()) {
        return fail(ErrorKind::Invalid,
                    fmt::format("The {} of a {} x {} matrix was asked for.", what, a.rows(), a.cols()),
                    "Give a square matrix.");
    }
    return check(a, what);
}

tl::unexpected<Error> gave_up(const MatrixD& a, const char* what) {
    return fail(ErrorKind::Failed,
                fmt::format("The {} of a {} x {} matrix did not converge.", what, a.rows(), a.cols()),
                "Look for values of very different size in what the matrix was made of.");
}

tl::unexpected<Error> out_of_memory(const MatrixD& a, const char* what) {
    return fail(ErrorKind::Failed,
                fmt::format("There is not enough memory for the {} of a {} x {} matrix.", what, a.rows(), a.cols()),
                "Close other programs, or take a machine with more memory.");
}

// The factor in the lower triangle; what lies above stays as it was.
Result<void> factor_positive(MatrixD& a) {
    if (const auto good = check_square(a, "Cholesky factor"); !good) return good;
    const lapack_int n = as_int(a.rows());
    const lapack_int place = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'U', n, a.values().data(), n);
    if (place == 0) return {};
    return fail(ErrorKind::Failed,
                fmt::format("A {} x {} matrix is not positive definite: its first {} rows depend on each other.",
                            a.rows(), a.cols(), place),
                "Add more to its diagonal (a larger ridge).");
}

void clear_above(MatrixD& a) {
    for (std::size_t i = 0; i < a.rows(); ++i) {
        const auto row = a.row(i);
        std::fill(row.begin() + static_cast<std::ptrdiff_t>(i) + 1, row.end(), 0.0);
    }
}

}  // namespace

Result<MatrixD> cholesky(MatrixD a) {
    if (const auto good = factor_positive(a); !good) return tl::unexpected(good.error());
    clear_above(a);
    return a;
}

Result<PivotedCholesky> pivoted_cholesky(MatrixD a) {
    const char* const what = "Cholesky factor";
    if (const auto good = check_square(a, what); !good) return tl::unexpected(good.error());
    const lapack_int n = as_int(a.rows());
    std::vector<lapack_int> order(a.rows());
    lapack_int rank = 0;
    const lapack_int info = LAPACKE_dpstrf(LAPACK_COL_MAJOR, 'U', n, a.values().data(), n, order.data(), &rank, 0.0);
    if (info == LAPACK_WORK_MEMORY_ERROR) return out_of_memory(a, what);
    if (rank < n) {
        return fail(ErrorKind::Failed,
                    fmt::format("A {} x {} matrix is not positive definite: {} of its rows foretell the others.",
                                a.rows(), a.cols(), rank),
                    "Add more to its diagonal (a larger ridge).");
    }
    clear_above(a);
    PivotedCholesky out{std::move(a), std::vector<std::size_t>(order.size())};
    std::transform(order.begin(), order.end(), out.order.begin(),
                   [](lapack_int place) { return static_cast<std::size_t>(place) - 1; });
    return out;
}

void solve_triangular(const MatrixD& lower, Triangle how, MatrixD& x) {
    if (lower.rows() != lower.cols() || lower.rows() != x.rows()) {
        throw std::invalid_argument("a triangular system whose shapes do not fit was solved");
    }
    if (x.empty()) return;
    cblas_dtrsm(CblasRowMajor, CblasLeft, CblasLower, how == Triangle::Lower ? CblasNoTrans : CblasTrans, CblasNonUnit,
                as_int(x.rows()), as_int(x.cols()), 1.0, lower.values().data(), as_int(lower.cols()), x.values().data(),
                as_int(x.cols()));
}

Result<MatrixD> solve_positive(const MatrixD& a, const MatrixD& b) {
    if (a.rows() != b.rows()) {
        return fail(ErrorKind::Invalid,
                    fmt::format("A system of {} equations was given a right side of {} rows.", a.rows(), b.rows()),
                    "Give one row for every equation.");
    }
    MatrixD factor = a;
    if (const auto good = factor_positive(factor); !good) return tl::unexpected(good.error());
    MatrixD x = b;
    if (x.empty()) return x;
    if (const auto good = check(x, "product with an inverse"); !good) return tl::unexpected(good.error());
    solve_triangular(factor, Triangle::Lower, x);
    solve_triangular(factor, Triangle::LowerTransposed, x);
    return x;
}

Result<MatrixD> invert_positive(const MatrixD& a) {
    MatrixD inverse = a;
    if (const auto good = factor_positive(inverse); !good) return tl::unexpected(good.error());
    const lapack_int n = as_int(a.rows());
    if (LAPACKE_dpotri_work(LAPACK_COL_MAJOR, 'U', n, inverse.values().data(), n) != 0) return gave_up(a, "inverse");
    mirror_lower(inverse);
    return inverse;
}

Result<SymmetricEigen> eigen_symmetric(MatrixD a) {
    const char* const what = "eigenvectors";
    if (const auto good = check_square(a, what); !good) return tl::unexpected(good.error());
    const std::size_t n = a.rows();
    std::vector<double> rising(n);
    const lapack_int info =
        LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'U', as_int(n), a.values().data(), as_int(n), rising.data());
    if (info == LAPACK_WORK_MEMORY_ERROR) return out_of_memory(a, what);
    if (info != 0) return gave_up(a, what);
    SymmetricEigen out{{rising.rbegin(), rising.rend()}, MatrixD(n, n)};
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) out.vectors(i, j) = a(n - 1 - j, i);
    }
    return out;
}

Result<SingularValues> singular_values(MatrixD a) {
    const char* const what = "singular values";
    if (const auto good = check(a, what); !good) return tl::unexpected(good.error());
    const std::size_t m = a.rows();
    const std::size_t n = a.cols();
    const std::size_t k = std::min(m, n);
    SingularValues out{MatrixD(m, k), std::vector<double>(k), MatrixD(k, n)};
    const lapack_int info =
        LAPACKE_dgesdd(LAPACK_COL_MAJOR, 'S', as_int(n), as_int(m), a.values().data(), as_int(n), out.values.data(),
                       out.vt.values().data(), as_int(n), out.u.values().data(), as_int(k));
    if (info == LAPACK_WORK_MEMORY_ERROR) return out_of_memory(a, what);
    if (info != 0) return gave_up(a, what);
    return out;
}

Result<std::vector<std::size_t>> pivot_rows(const MatrixD& a, std::size_t n) {
    const char* const what = "pivot rows";
    if (const auto good = check(a, what); !good) return tl::unexpected(good.error());
    if (n > std::min(a.rows(), a.cols())) {
        return fail(ErrorKind::Invalid, fmt::format("{} rows were to span a {} x {} matrix.", n, a.rows(), a.cols()),
                    "Ask for at most as many as it has rows and columns.");
    }
    MatrixD work = a;
    std::vector<lapack_int> order(a.rows(), 0);  // 0: free to move
    std::vector<double> reflectors(std::min(a.rows(), a.cols()));
    const lapack_int info = LAPACKE_dgeqp3(LAPACK_COL_MAJOR, as_int(a.cols()), as_int(a.rows()), work.values().data(),
                                           as_int(a.cols()), order.data(), reflectors.data());
    if (info == LAPACK_WORK_MEMORY_ERROR) return out_of_memory(a, what);
    if (info != 0) return gave_up(a, what);
    std::vector<std::size_t> out(n);
    for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<std::size_t>(order[i]) - 1;
    return out;
}

}  // namespace landauer
