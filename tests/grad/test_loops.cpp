#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "grad/loops.h"

namespace landauer {
namespace {

std::vector<float> random_row(std::size_t n, unsigned seed, float spread) {
    std::vector<float> row(n);
    std::mt19937 random(seed);
    std::normal_distribution<float> draw(0.0F, spread);
    for (float& value : row) value = draw(random);
    return row;
}

TEST(Loops, ExponentialsAreThoseOfTheLibrary) {
    std::vector<float> row;
    for (float x = -87.0F; x <= 88.0F; x += 0.0173F) row.push_back(x);
    const std::vector<float> before = row;
    exp_row(row.data(), row.size(), 0.0F);
    for (std::size_t i = 0; i < row.size(); ++i) {
        const double wanted = std::exp(static_cast<double>(before[i]));
        ASSERT_NEAR(static_cast<double>(row[i]), wanted, 3e-7 * wanted) << before[i];
    }
}

TEST(Loops, ExponentialsBeyondTheirRangeStayAtItsEnds) {
    std::vector<float> row = {-1e30F, -100.0F, 0.0F, 200.0F, -88.0F};
    exp_row(row.data(), row.size(), 1.0F);
    EXPECT_LT(row[0], 2e-38F);
    EXPECT_GT(row[0], 0.0F);
    EXPECT_EQ(row[0], row[1]);
    EXPECT_NEAR(row[2], std::exp(-1.0F), 1e-7F);
    EXPECT_TRUE(std::isfinite(row[3]));
}

// Any length, so that whole vectors and what is left of them are both seen.
TEST(Loops, AreTheirDefinitionsAtAnyLength) {
    for (std::size_t n = 1; n < 70; ++n) {
        const auto a = random_row(n, 1, 2.0F);
        const auto b = random_row(n, 2, 1.0F);
        double product = 0.0;
        for (std::size_t i = 0; i < n; ++i) product += static_cast<double>(a[i]) * static_cast<double>(b[i]);
        EXPECT_NEAR(static_cast<double>(dot(a.data(), b.data(), n)), product, 1e-5 * static_cast<double>(n));
        EXPECT_EQ(largest(a.data(), n), *std::max_element(a.begin(), a.end()));
        auto powers = a;
        const float sum = exp_row(powers.data(), n, 0.5F);
        double wanted = 0.0;
        for (const float x : a) wanted += std::exp(static_cast<double>(x) - 0.5);
        EXPECT_NEAR(static_cast<double>(sum), wanted, 1e-6 * wanted);
        std::vector<float> hidden(n);
        std::vector<float> d_gate(n);
        std::vector<float> d_up(n);
        gate_row(a.data(), b.data(), hidden.data(), n);
        gate_backward_row(a.data(), b.data(), powers.data(), d_gate.data(), d_up.data(), n);
        for (std::size_t i = 0; i < n; ++i) {
            const auto gate = static_cast<double>(a[i]);
            const auto up = static_cast<double>(b[i]);
            const auto d = static_cast<double>(powers[i]);
            const double sigmoid = 1.0 / (1.0 + std::exp(-gate));
            EXPECT_NEAR(static_cast<double>(hidden[i]), gate * sigmoid * up, 1e-5);
            EXPECT_NEAR(static_cast<double>(d_up[i]), d * gate * sigmoid, 1e-5 * (1.0 + d * std::abs(gate)));
            const double slope = sigmoid * (1.0 + gate * (1.0 - sigmoid));
            EXPECT_NEAR(static_cast<double>(d_gate[i]), d * up * slope, 1e-5 * (1.0 + d * std::abs(up)));
        }
    }
}

}  // namespace
}  // namespace landauer
