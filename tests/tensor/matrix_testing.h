// Random matrices and naive loops for the tests of dense algebra.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>

#include "tensor/matrix.h"

namespace landauer::test {

template <class T = double>
Matrix<T> random_matrix(std::size_t rows, std::size_t cols, std::uint64_t seed) {
    std::mt19937_64 random(seed * 7919 + rows * 131 + cols);
    std::normal_distribution<double> normal;
    Matrix<T> out(rows, cols);
    for (T& v : out.values()) v = static_cast<T>(normal(random));
    return out;
}

inline MatrixD naive_product(const MatrixD& a, const MatrixD& b) {
    MatrixD out(a.rows(), b.cols());
    for (std::size_t i = 0; i < a.rows(); ++i) {
        for (std::size_t j = 0; j < b.cols(); ++j) {
            for (std::size_t k = 0; k < a.cols(); ++k) out(i, j) += a(i, k) * b(k, j);
        }
    }
    return out;
}

inline MatrixD turned(const MatrixD& a) {
    MatrixD out(a.cols(), a.rows());
    for (std::size_t i = 0; i < a.rows(); ++i) {
        for (std::size_t j = 0; j < a.cols(); ++j) out(j, i) = a(i, j);
    }
    return out;
}

// x^T x / rows, of full rank where there are more rows than columns; columns of unlike size, some akin.
inline MatrixD random_moment(std::size_t n, std::size_t tokens, std::uint64_t seed) {
    MatrixD x = random_matrix(tokens, n, seed);
    for (std::size_t t = 0; t < tokens; ++t) {
        for (std::size_t j = 0; j < n; ++j) {
            x(t, j) *= 0.3 + static_cast<double>(j % 5);
            if (j > 0) x(t, j) += 0.5 * x(t, j - 1);
        }
    }
    MatrixD out = naive_product(turned(x), x);
    for (double& v : out.values()) v /= static_cast<double>(tokens);
    return out;
}

inline MatrixD identity(std::size_t n) {
    MatrixD out(n, n);
    for (std::size_t i = 0; i < n; ++i) out(i, i) = 1.0;
    return out;
}

inline double largest_difference(const MatrixD& a, const MatrixD& b) {
    if (a.rows() != b.rows() || a.cols() != b.cols()) return HUGE_VAL;
    double out = 0.0;
    for (std::size_t i = 0; i < a.values().size(); ++i) {
        out = std::max(out, std::abs(a.values()[i] - b.values()[i]));
    }
    return out;
}

}  // namespace landauer::test
