// A Gram matrix made in parts of its rows, as threads share it.
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "matrix_testing.h"
#include "tensor/products.h"

namespace landauer {
namespace {

using test::random_matrix;

TEST(GramRows, TogetherAreTheWhole) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        const auto x = random_matrix<float>(100 * seed, 41, seed);  // beyond what is summed in single precision
        MatrixD whole(41, 41);
        add_gram(x, whole);
        MatrixD sum(41, 41);
        for (std::size_t first = 0; first < 41;) {
            const std::size_t n = std::min<std::size_t>(seed + 3, 41 - first);
            add_gram_rows(x, first, n, sum);
            first += n;
        }
        for (std::size_t i = 0; i < sum.values().size(); ++i) {
            ASSERT_NEAR(sum.values()[i], whole.values()[i], 1e-5 * static_cast<double>(x.rows())) << seed;
        }
    }
}

TEST(GramRows, ThatAreNotThereAreABug) {
    const auto x = random_matrix<float>(5, 6, 1);
    MatrixD sum(6, 6);
    MatrixD other(5, 5);
    EXPECT_THROW(add_gram_rows(x, 0, 5, other), std::invalid_argument);
    EXPECT_THROW(add_gram_rows(x, 3, 4, sum), std::invalid_argument);
    EXPECT_THROW(add_gram_rows(x, 7, 0, sum), std::invalid_argument);
}

}  // namespace
}  // namespace landauer
