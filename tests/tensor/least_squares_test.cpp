// Least squares: by hand, against the textbook, and what it refuses.
#include "tensor/least_squares.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <random>

namespace landauer {
namespace {

using Columns = std::vector<std::vector<double>>;

std::vector<double> ones(std::size_t n) { return std::vector<double>(n, 1.0); }

TEST(LeastSquares, SolvesALineByHand) {
    // y = 1, 3, 4 at x = 0, 1, 2: b = 1.5, a = 7/6; residuals -1/6, 1/3, -1/6.
    const std::vector<double> y = {1, 3, 4};
    const auto fit = least_squares(Columns{ones(3), {0, 1, 2}}, y);
    ASSERT_TRUE(fit);
    EXPECT_NEAR(fit->coefficients[0], 7.0 / 6, 1e-12);
    EXPECT_NEAR(fit->coefficients[1], 1.5, 1e-12);
    EXPECT_NEAR(fit->residuals[1], 1.0 / 3, 1e-12);
    EXPECT_NEAR(fit->rss, 1.0 / 6, 1e-12);
    EXPECT_NEAR(fit->tss, 14.0 / 3, 1e-12);
    EXPECT_NEAR(fit->residual_variance(), 1.0 / 6, 1e-12);
    // (X'X)^-1 = [[5/6, -1/2], [-1/2, 1/2]].
    EXPECT_NEAR(fit->covariance[0][0], 5.0 / 36, 1e-12);
    EXPECT_NEAR(fit->covariance[0][1], -1.0 / 12, 1e-12);
    EXPECT_NEAR(fit->covariance[1][1], 1.0 / 12, 1e-12);
    // Leverages 5/6, 1/3, 5/6.
    EXPECT_NEAR(fit->hat[0], 5.0 / 6, 1e-12);
    EXPECT_NEAR(fit->hat[1], 1.0 / 3, 1e-12);
    EXPECT_NEAR(fit->hat[2], 5.0 / 6, 1e-12);
}

TEST(LeastSquares, LeaveOneOutIsWhatARefitSays) {
    std::mt19937_64 random(3);
    for (int seed = 0; seed < 20; ++seed) {
        Columns x = {ones(12), {}, {}};
        std::vector<double> y;
        for (int i = 0; i < 12; ++i) {
            x[1].push_back(static_cast<double>(random() % 1500));
            x[2].push_back(static_cast<double>(random() % 64));
            y.push_back(static_cast<double>(random() % 1000));
        }
        const auto fit = least_squares(x, y);
        ASSERT_TRUE(fit);
        for (std::size_t out = 0; out < y.size(); ++out) {
            Columns rest = x;
            std::vector<double> target = y;
            target.erase(target.begin() + static_cast<std::ptrdiff_t>(out));
            for (auto& column : rest) {
                column.erase(column.begin() + static_cast<std::ptrdiff_t>(out));
            }
            const auto refit = least_squares(rest, target);
            ASSERT_TRUE(refit);
            const double predicted =
                refit->coefficients[0] + refit->coefficients[1] * x[1][out] + refit->coefficients[2] * x[2][out];
            EXPECT_NEAR(fit->loo_residuals[out], y[out] - predicted, 1e-8);
        }
    }
}

TEST(LeastSquares, WeightsCountAsRepeats) {
    const std::vector<double> y = {1, 4, 4.5};
    const std::vector<double> w = {1, 3, 1};
    const auto weighted = least_squares(Columns{ones(3), {0, 1, 2}}, y, w);
    const std::vector<double> repeated_y = {1, 4, 4, 4, 4.5};
    const auto repeated = least_squares(Columns{ones(5), {0, 1, 1, 1, 2}}, repeated_y);
    ASSERT_TRUE(weighted && repeated);
    EXPECT_NEAR(weighted->coefficients[0], repeated->coefficients[0], 1e-12);
    EXPECT_NEAR(weighted->coefficients[1], repeated->coefficients[1], 1e-12);
    EXPECT_NEAR(weighted->rss, repeated->rss, 1e-12);
    EXPECT_NEAR(weighted->tss, repeated->tss, 1e-12);
}

TEST(LeastSquares, KeepsDigitsOverSquaredTokens) {
    Columns x = {{}, {}, {}};
    std::vector<double> y;
    for (int n = 100; n <= 100'000; n += 4'995) {
        x[0].push_back(1);
        x[1].push_back(n);
        x[2].push_back(static_cast<double>(n) * n);
        y.push_back(0.25 + 3e-4 * n + 2e-10 * n * n);
    }
    const auto fit = least_squares(x, y);
    ASSERT_TRUE(fit);
    EXPECT_NEAR(fit->coefficients[0], 0.25, 1e-10);
    EXPECT_NEAR(fit->coefficients[1] / 3e-4, 1.0, 1e-9);
    EXPECT_NEAR(fit->coefficients[2] / 2e-10, 1.0, 1e-8);
}

TEST(LeastSquares, RobustCovarianceSeesUnequalNoise) {
    // Noise grows with x: the slope's true sd over many draws against both estimates.
    std::mt19937_64 random(11);
    const auto noise = [&] {
        double sum = 0.0;
        for (int i = 0; i < 12; ++i) {
            sum += static_cast<double>(random() >> 11U) * 0x1.0p-53;
        }
        return sum - 6.0;
    };
    Columns x = {ones(60), {}};
    for (int i = 0; i < 60; ++i) {
        x[1].push_back(i);
    }
    double sum = 0.0;
    double squares = 0.0;
    double robust = 0.0;
    double plain = 0.0;
    const int draws = 600;
    for (int d = 0; d < draws; ++d) {
        std::vector<double> y;
        for (int i = 0; i < 60; ++i) {
            y.push_back(2.0 * i + 0.01 * i * i * noise());
        }
        const auto fit = least_squares(x, y);
        ASSERT_TRUE(fit);
        sum += fit->coefficients[1];
        squares += fit->coefficients[1] * fit->coefficients[1];
        robust += fit->robust_covariance[1][1] / draws;
        plain += fit->covariance[1][1] / draws;
    }
    const double truth = squares / draws - (sum / draws) * (sum / draws);
    EXPECT_NEAR(robust / truth, 1.0, 0.25);
    EXPECT_LT(plain, 0.8 * truth);
}

TEST(LeastSquares, GivesNoLeaveOneOutForACaseThatStandsAlone) {
    const std::vector<double> y = {1, 2, 3, 9};
    const auto fit = least_squares(Columns{ones(4), {0, 0, 0, 5}}, y);
    ASSERT_TRUE(fit);
    EXPECT_TRUE(std::isnan(fit->loo_residuals[3]));
    EXPECT_TRUE(std::isfinite(fit->loo_residuals[0]));
    EXPECT_TRUE(std::isfinite(fit->robust_covariance[1][1]));
}

TEST(LeastSquares, FitsExactlyWhenNothingIsLeftOver) {
    const std::vector<double> y = {1, 5};
    const auto fit = least_squares(Columns{ones(2), {0, 2}}, y);
    ASSERT_TRUE(fit);
    EXPECT_NEAR(fit->coefficients[1], 2.0, 1e-12);
    EXPECT_EQ(fit->residual_variance(), 0.0);
    EXPECT_EQ(fit->covariance[1][1], 0.0);
}

TEST(LeastSquares, RefusesWhatHasNoAnswer) {
    const std::vector<double> y = {1, 2, 3};
    const auto kind = [](const auto& result) { return result ? ErrorKind::Bug : result.error().kind; };
    const double nan = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(kind(least_squares(Columns{}, y)), ErrorKind::Invalid);
    EXPECT_EQ(kind(least_squares(Columns{ones(2)}, y)), ErrorKind::Invalid);
    EXPECT_EQ(kind(least_squares(Columns{ones(3), {4, 4, 4}}, y)), ErrorKind::Invalid);
    EXPECT_EQ(kind(least_squares(Columns{ones(3), {1, 2, 3}, {2, 4, 6}}, y)), ErrorKind::Invalid);
    EXPECT_EQ(kind(least_squares(Columns{ones(3), {0, 0, 0}}, y)), ErrorKind::Invalid);
    EXPECT_EQ(kind(least_squares(Columns{ones(3), {1, 2, nan}}, y)), ErrorKind::Invalid);
    EXPECT_EQ(kind(least_squares(Columns{ones(1), {2}}, std::vector<double>{1})), ErrorKind::Invalid);
    EXPECT_EQ(kind(least_squares(Columns{ones(3)}, std::vector<double>{1, nan, 3})), ErrorKind::Invalid);
    EXPECT_EQ(kind(least_squares(Columns{ones(3)}, y, std::vector<double>{1, 0, 1})), ErrorKind::Invalid);
    EXPECT_EQ(kind(least_squares(Columns{ones(3)}, y, std::vector<double>{1, 1})), ErrorKind::Invalid);
    const auto refused = least_squares(Columns{ones(3), {4, 4, 4}}, y);
    EXPECT_FALSE(refused.error().sentence.empty());
    EXPECT_FALSE(refused.error().remedy.empty());
}

TEST(ColumnRank, IgnoresScale) {
    EXPECT_EQ(column_rank(Columns{}), 0U);
    EXPECT_EQ(column_rank(Columns{{}}), 0U);
    EXPECT_EQ(column_rank(Columns{ones(4), {1, 2, 3, 4}, {1e12, 4e12, 9e12, 16e12}}), 3U);
    EXPECT_EQ(column_rank(Columns{ones(4), {1, 2, 3, 4}, {3, 5, 7, 9}}), 2U);
    EXPECT_EQ(column_rank(Columns{ones(4), {64, 64, 64, 64}}), 1U);
}

}  // namespace
}  // namespace landauer
