#include <gtest/gtest.h>

#include <random>
#include <stdexcept>

#include "tensor/products.h"

namespace landauer {
namespace {

MatrixF random_rows(std::size_t rows, std::size_t cols, unsigned seed) {
    MatrixF x(rows, cols);
    std::mt19937 random(seed);
    std::normal_distribution<float> draw;
    for (float& value : x.values()) value = draw(random);
    return x;
}

// The lower triangle of x^T x, the slow way.
MatrixD slow_gram(const MatrixF& x) {
    MatrixD sum(x.cols(), x.cols());
    for (std::size_t t = 0; t < x.rows(); ++t) {
        for (std::size_t i = 0; i < x.cols(); ++i) {
            for (std::size_t j = 0; j <= i; ++j) {
                sum(i, j) += static_cast<double>(x(t, i)) * static_cast<double>(x(t, j));
            }
        }
    }
    return sum;
}

void expect_near(const MatrixD& found, const MatrixD& wanted, double tolerance) {
    for (std::size_t i = 0; i < wanted.values().size(); ++i) {
        ASSERT_NEAR(found.values()[i], wanted.values()[i], tolerance) << i;
    }
}

TEST(Gram, IsThatOfTheSlowWay) {
    for (const std::size_t rows : {1U, 7U, 512U, 1300U}) {
        const MatrixF x = random_rows(rows, 23, 1);
        MatrixD sum(23, 23);
        add_gram(x, sum);
        add_gram(x, sum);
        MatrixD wanted = slow_gram(x);
        for (double& value : wanted.values()) value *= 2.0;
        expect_near(sum, wanted, 1e-5 * static_cast<double>(2 * rows));
        mirror_lower(sum);
        EXPECT_EQ(sum(3, 17), sum(17, 3));
    }
}

TEST(Gram, ByRowsIsTheWhole) {
    for (unsigned seed = 1; seed <= 10; ++seed) {
        const MatrixF x = random_rows(600, 41, seed);
        const MatrixD wanted = slow_gram(x);
        MatrixD sum(41, 41);
        for (std::size_t first = 0; first < 41;) {
            const std::size_t n = std::min<std::size_t>(seed + 3, 41 - first);
            add_gram_rows(x, first, n, sum);
            first += n;
        }
        expect_near(sum, wanted, 6e-3);
    }
}

TEST(Gram, OfSomeColumnsTakesTheirView) {
    const MatrixF x = random_rows(50, 30, 2);
    MatrixF part(50, 8);
    for (std::size_t t = 0; t < 50; ++t) std::copy_n(x.row(t).begin() + 11, 8, part.row(t).begin());
    MatrixD sum(8, 8);
    add_gram(MatrixView<const float>(x).part(0, 11, 50, 8), sum);
    expect_near(sum, slow_gram(part), 1e-3);
}

TEST(Gram, OtherShapesAreABug) {
    const MatrixF x = random_rows(5, 6, 1);
    MatrixD sum(6, 6);
    MatrixD other(5, 5);
    EXPECT_THROW(add_gram(x, other), std::invalid_argument);
    EXPECT_THROW(add_gram_rows(x, 0, 5, other), std::invalid_argument);
    EXPECT_THROW(add_gram_rows(x, 3, 4, sum), std::invalid_argument);
    EXPECT_THROW(add_gram_rows(x, 7, 0, sum), std::invalid_argument);
}

}  // namespace
}  // namespace landauer
