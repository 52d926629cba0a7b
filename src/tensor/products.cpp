#include "tensor/products.h"

#include <cblas.h>

#include <algorithm>
#include <stdexcept>

namespace landauer {
namespace {

constexpr std::size_t kRowsAtOnce = 512;  // single precision loses less than 1e-5 over so many terms

int as_int(std::size_t n) { return static_cast<int>(n); }
CBLAS_TRANSPOSE blas(Turn turn) { return turn == Turn::Yes ? CblasTrans : CblasNoTrans; }

struct Shape {
    std::size_t rows = 0;
    std::size_t cols = 0;
};

template <class T>
Shape turned(const MatrixView<T>& matrix, Turn turn) {
    if (turn == Turn::Yes) return {matrix.cols, matrix.rows};
    return {matrix.rows, matrix.cols};
}

// The inner dimension.
template <class T>
std::size_t inner(const MatrixView<const T>& a, Turn turn_a, const MatrixView<const T>& b, Turn turn_b,
                  const MatrixView<T>& out) {
    const Shape left = turned(a, turn_a);
    const Shape right = turned(b, turn_b);
    if (left.cols != right.rows || out.rows != left.rows || out.cols != right.cols) {
        throw std::invalid_argument("matrices whose shapes do not fit were multiplied");
    }
    return left.cols;
}

}  // namespace

void multiply(MatrixView<const float> a, Turn turn_a, MatrixView<const float> b, Turn turn_b, MatrixView<float> out,
              float alpha, float beta) {
    const std::size_t k = inner(a, turn_a, b, turn_b, out);
    if (out.rows == 0 || out.cols == 0) return;
    cblas_sgemm(CblasRowMajor, blas(turn_a), blas(turn_b), as_int(out.rows), as_int(out.cols), as_int(k), alpha, a.data,
                as_int(std::max<std::size_t>(a.stride, 1)), b.data, as_int(std::max<std::size_t>(b.stride, 1)), beta,
                out.data, as_int(out.stride));
}

void multiply(MatrixView<const double> a, Turn turn_a, MatrixView<const double> b, Turn turn_b, MatrixView<double> out,
              double alpha, double beta) {
    const std::size_t k = inner(a, turn_a, b, turn_b, out);
    if (out.rows == 0 || out.cols == 0) return;
    cblas_dgemm(CblasRowMajor, blas(turn_a), blas(turn_b), as_int(out.rows), as_int(out.cols), as_int(k), alpha, a.data,
                as_int(std::max<std::size_t>(a.stride, 1)), b.data, as_int(std::max<std::size_t>(b.stride, 1)), beta,
                out.data, as_int(out.stride));
}

MatrixD product(MatrixView<const double> a, Turn turn_a, MatrixView<const double> b, Turn turn_b) {
    MatrixD out(turned(a, turn_a).rows, turned(b, turn_b).cols);
    multiply(a, turn_a, b, turn_b, out);
    return out;
}

void add_gram(MatrixView<const float> x, MatrixD& sum) {
    if (sum.rows() != x.cols || sum.cols() != x.cols) {
        throw std::invalid_argument("a Gram matrix of another width was added to");
    }
    if (x.cols == 0) return;
    MatrixF part(x.cols, x.cols);
    for (std::size_t first = 0; first < x.rows; first += kRowsAtOnce) {
        const std::size_t n = std::min(kRowsAtOnce, x.rows - first);
        cblas_ssyrk(CblasRowMajor, CblasLower, CblasTrans, as_int(x.cols), as_int(n), 1.0F, x.data + first * x.stride,
                    as_int(x.stride), 0.0F, part.values().data(), as_int(x.cols));
        for (std::size_t i = 0; i < x.cols; ++i) {
            for (std::size_t j = 0; j <= i; ++j) sum(i, j) += static_cast<double>(part(i, j));
        }
    }
}

void add_gram_rows(MatrixView<const float> x, std::size_t first, std::size_t n, MatrixD& sum) {
    if (sum.rows() != x.cols || sum.cols() != x.cols || first > x.cols || n > x.cols - first) {
        throw std::invalid_argument("rows that a Gram matrix does not have were added to");
    }
    if (n == 0) return;
    MatrixF part(n, first + n);
    for (std::size_t row = 0; row < x.rows; row += kRowsAtOnce) {
        const std::size_t n_rows = std::min(kRowsAtOnce, x.rows - row);
        const MatrixView<const float> own = x.part(row, first, n_rows, n);
        const MatrixView<float> out = part;
        multiply(own, Turn::Yes, x.part(row, 0, n_rows, first), Turn::No, out.part(0, 0, n, first));
        cblas_ssyrk(CblasRowMajor, CblasLower, CblasTrans, as_int(n), as_int(n_rows), 1.0F, own.data,
                    as_int(own.stride), 0.0F, out.data + first, as_int(out.stride));
        for (std::size_t i = 0; i < n; ++i) {
            const float* from = &out(i, 0);
            double* to = &sum(first + i, 0);
            for (std::size_t j = 0; j <= first + i; ++j) to[j] += static_cast<double>(from[j]);
        }
    }
}

void mirror_lower(MatrixD& symmetric) {
    for (std::size_t i = 0; i < symmetric.rows(); ++i) {
        for (std::size_t j = 0; j < i; ++j) symmetric(j, i) = symmetric(i, j);
    }
}

void set_product_threads(int n_threads) { openblas_set_num_threads(n_threads); }

}  // namespace landauer
