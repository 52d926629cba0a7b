// Products by BLAS against loops, also of parts of matrices.
#include "tensor/products.h"

#include <gmock/gmock.h>

#include "tensor/matrix_testing.h"

namespace landauer {
namespace {

using test::largest_difference;
using test::naive_product;
using test::random_matrix;
using test::turned;

template <class T>
MatrixD widened(const Matrix<T>& m) {
    MatrixD out(m.rows(), m.cols());
    std::copy(m.values().begin(), m.values().end(), out.values().begin());
    return out;
}

template <class T>
class Multiply : public testing::Test {};
using Precisions = testing::Types<float, double>;
TYPED_TEST_SUITE(Multiply, Precisions);

TYPED_TEST(Multiply, IsWhatLoopsSayTurnedOrNot) {
    const double tolerance = sizeof(TypeParam) == 4 ? 1e-4 : 1e-12;
    for (std::uint64_t seed = 0; seed < 24; ++seed) {
        const std::size_t m = 1 + seed % 7;
        const std::size_t k = 1 + seed * 5 % 11;
        const std::size_t n = 1 + seed * 3 % 9;
        const auto a = random_matrix<TypeParam>(m, k, seed);
        const auto b = random_matrix<TypeParam>(k, n, seed + 100);
        const MatrixD expected = naive_product(widened(a), widened(b));
        Matrix<TypeParam> at(k, m);
        Matrix<TypeParam> bt(n, k);
        for (std::size_t i = 0; i < k; ++i) {
            for (std::size_t j = 0; j < m; ++j) at(i, j) = a(j, i);
            for (std::size_t j = 0; j < n; ++j) bt(j, i) = b(i, j);
        }
        for (const Turn left : {Turn::No, Turn::Yes}) {
            for (const Turn right : {Turn::No, Turn::Yes}) {
                Matrix<TypeParam> out(m, n);
                multiply(left == Turn::Yes ? at : a, left, right == Turn::Yes ? bt : b, right, out);
                EXPECT_LT(largest_difference(widened(out), expected), tolerance);
            }
        }
    }
}

TYPED_TEST(Multiply, ScalesAndAddsWithinAPartAndLeavesTheRestAlone) {
    const double tolerance = sizeof(TypeParam) == 4 ? 1e-4 : 1e-12;
    const auto a = random_matrix<TypeParam>(6, 9, 1);
    const auto b = random_matrix<TypeParam>(8, 7, 2);
    const auto before = random_matrix<TypeParam>(5, 10, 3);
    Matrix<TypeParam> out = before;
    multiply(MatrixView<const TypeParam>(a).part(1, 2, 3, 4), Turn::No, MatrixView<const TypeParam>(b).part(3, 1, 4, 5),
             Turn::No, MatrixView<TypeParam>(out).part(1, 4, 3, 5), TypeParam(-2), TypeParam(3));
    for (std::size_t i = 0; i < out.rows(); ++i) {
        for (std::size_t j = 0; j < out.cols(); ++j) {
            double expected = static_cast<double>(before(i, j));
            if (i >= 1 && i < 4 && j >= 4 && j < 9) {
                expected *= 3.0;
                for (std::size_t k = 0; k < 4; ++k) {
                    expected -= 2.0 * static_cast<double>(a(i, 2 + k)) * static_cast<double>(b(3 + k, 1 + j - 4));
                }
            }
            EXPECT_NEAR(static_cast<double>(out(i, j)), expected, tolerance) << i << "," << j;
        }
    }
}

TEST(Products, ProductHasTheTurnedShape) {
    const MatrixD a = random_matrix(3, 5, 1);
    const MatrixD b = random_matrix(4, 3, 2);
    EXPECT_LT(largest_difference(product(a, Turn::Yes, b, Turn::Yes), naive_product(turned(a), turned(b))), 1e-12);
}

TEST(Products, RefuseShapesThatDoNotFit) {
    const MatrixD a(3, 5);
    MatrixD out(3, 3);
    EXPECT_THROW((void)product(a, Turn::No, a, Turn::No), std::invalid_argument);
    EXPECT_THROW(multiply(a, Turn::No, a, Turn::Yes, MatrixView<double>(out).part(0, 0, 2, 3)), std::invalid_argument);
    const MatrixF x(4, 2);
    EXPECT_THROW(add_gram(x, out), std::invalid_argument);
}

TEST(Products, NothingTimesNothingIsNothing) {
    MatrixD out(0, 4);
    EXPECT_NO_THROW(multiply(MatrixD(0, 3), Turn::No, MatrixD(3, 4), Turn::No, out));
}

TEST(AddGram, IsTheDoubleLoopOverManyRowsAndAddsToWhatWasThere) {
    const MatrixF whole = random_matrix<float>(1300, 12, 5);
    const MatrixView<const float> x = MatrixView<const float>(whole).part(3, 2, 1290, 7);
    MatrixD sum(7, 7);
    for (double& v : sum.values()) v = 0.25;
    add_gram(x, sum);
    for (std::size_t i = 0; i < 7; ++i) {
        for (std::size_t j = 0; j < 7; ++j) {
            double expected = 0.25;
            for (std::size_t t = 0; t < x.rows && j <= i; ++t) {
                expected += static_cast<double>(x(t, i)) * static_cast<double>(x(t, j));
            }
            EXPECT_NEAR(sum(i, j), expected, 2e-3) << i << "," << j;
        }
    }
    mirror_lower(sum);
    EXPECT_EQ(largest_difference(sum, turned(sum)), 0.0);
}

}  // namespace
}  // namespace landauer
