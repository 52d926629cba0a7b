// Statistics: known answers, and coverage of the intervals over many seeds.
#include "analysis/stats.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "traces.h"

namespace landauer {
namespace {

using test::normal;
using Values = std::vector<double>;

TEST(Stats, BasicsByHand) {
    EXPECT_DOUBLE_EQ(mean(Values{1, 2, 6}), 3.0);
    EXPECT_DOUBLE_EQ(sample_sd(Values{1, 2, 6}), std::sqrt(7.0));
    EXPECT_DOUBLE_EQ(median(Values{5, 1, 3}), 3.0);
    EXPECT_DOUBLE_EQ(median(Values{5, 1, 3, 4}), 3.5);
    EXPECT_DOUBLE_EQ(quantile(Values{0, 10}, 0.25), 2.5);
    EXPECT_DOUBLE_EQ(quantile(Values{4, 1, 3, 2}, 0.0), 1.0);
    EXPECT_DOUBLE_EQ(quantile(Values{4, 1, 3, 2}, 1.0), 4.0);
    EXPECT_DOUBLE_EQ(quantile(Values{4, 1, 3, 2}, 0.5), 2.5);
}

TEST(Stats, EmptySingleAndNaN) {
    EXPECT_EQ(mean(Values{}), 0.0);
    EXPECT_EQ(sample_sd(Values{7}), 0.0);
    EXPECT_EQ(median(Values{}), 0.0);
    EXPECT_EQ(median(Values{7}), 7.0);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    EXPECT_TRUE(std::isnan(mean(Values{1, nan})));
    EXPECT_TRUE(std::isnan(median(Values{1, nan, 3})));
}

TEST(Stats, StudentAgreesWithTheTable) {
    EXPECT_NEAR(student_t95(1), 12.706, 1e-3);
    EXPECT_NEAR(student_t95(2), 4.303, 1e-3);
    EXPECT_NEAR(student_t95(10), 2.228, 1e-3);
    EXPECT_NEAR(student_t95(11), 2.201, 1e-3);
    EXPECT_NEAR(student_t95(17), 2.110, 1e-3);
    EXPECT_NEAR(student_t95(30), 2.042, 1e-3);
    EXPECT_NEAR(student_t95(1e9), 1.960, 1e-3);
    EXPECT_EQ(student_t95(0), student_t95(1));
    EXPECT_EQ(student_t95(-3), student_t95(1));
    for (double df = 1; df < 40; df += 0.25) {
        EXPECT_GT(student_t95(df), student_t95(df + 0.25)) << df;
    }
}

// The first numbers of the standard's engine and of our arithmetic on them, written down:
// another compiler must give the same.
TEST(Stats, RandomStreamsAreTheSameEverywhere) {
    std::mt19937_64 engine(5489U);
    EXPECT_EQ(engine(), 14514284786278117030ULL);
    std::mt19937_64 one = random_stream(1, 2, 3);
    std::mt19937_64 again = random_stream(1, 2, 3);
    std::mt19937_64 other = random_stream(1, 2, 4);
    EXPECT_EQ(one(), again());
    EXPECT_NE(one(), other());
    std::mt19937_64 forty_two(42);
    IndexDraws draw(forty_two, 10);
    std::vector<std::size_t> first;
    for (int i = 0; i < 6; ++i) {
        first.push_back(draw());
    }
    EXPECT_THAT(first, testing::ElementsAre(7, 4, 6, 7, 7, 0));
}

TEST(Stats, DrawsCoverTheRangeEvenly) {
    std::mt19937_64 random(9);
    IndexDraws draw(random, 7);
    std::vector<int> counts(7, 0);
    for (int i = 0; i < 70'000; ++i) {
        ++counts.at(draw());
    }
    for (const int count : counts) {
        EXPECT_NEAR(count, 10'000, 500);
    }
    EXPECT_EQ(IndexDraws(random, 1)(), 0U);
}

// 95 % intervals of a mean of few values cover the truth about 95 % of the time.
TEST(Stats, ExpandedBootstrapCoversForFewValues) {
    for (const std::size_t n : {3U, 5U, 10U, 30U}) {
        std::mt19937_64 random(n);
        int covered = 0;
        const int trials = 1500;
        for (int t = 0; t < trials; ++t) {
            Values values;
            for (std::size_t i = 0; i < n; ++i) {
                values.push_back(10 + 2 * normal(random));
            }
            auto means = resampled_means(std::vector<Values>{values}, 400, random);
            const auto cases = static_cast<double>(n);
            const Interval ci = expanded_percentile(means[0], mean(values), cases, cases - 1);
            covered += ci.low <= 10 && 10 <= ci.high ? 1 : 0;
        }
        EXPECT_NEAR(static_cast<double>(covered) / trials, 0.95, n == 3 ? 0.05 : 0.03) << n;
    }
}

TEST(Stats, ResamplesDrawWholeCases) {
    std::mt19937_64 random(1);
    const std::vector<Values> columns = {{1, 2, 3}, {10, 20, 30}};
    const auto means = resampled_means(columns, 100, random);
    ASSERT_EQ(means.size(), 2U);
    for (std::size_t r = 0; r < 100; ++r) {
        EXPECT_DOUBLE_EQ(means[1][r], 10 * means[0][r]);
        EXPECT_GE(means[0][r], 1.0);
        EXPECT_LE(means[0][r], 3.0);
    }
    EXPECT_TRUE(resampled_means({}, 10, random).empty());
    EXPECT_TRUE(resampled_means(std::vector<Values>{{}}, 10, random)[0].empty());
}

TEST(Stats, ExpandedPercentileHasNoWidthWithoutFreedom) {
    EXPECT_EQ(expanded_percentile({}, 4.0, 1, 0), (Interval{4.0, 4.0}));
    Values same(50, 4.0);
    EXPECT_EQ(expanded_percentile(same, 4.0, 5, 4), (Interval{4.0, 4.0}));
}

Values autoregressive(double rho, std::size_t n, std::mt19937_64& random) {
    Values out;
    double x = normal(random) / std::sqrt(1 - rho * rho);
    for (std::size_t i = 0; i < n; ++i) {
        out.push_back(5 + x);
        x = rho * x + normal(random);
    }
    return out;
}

TEST(Stats, EffectiveSampleSizeOfAnAutoregression) {
    std::mt19937_64 random(4);
    for (const double rho : {0.0, 0.5, 0.8}) {
        double sum = 0.0;
        for (int t = 0; t < 40; ++t) {
            sum += effective_sample_size(autoregressive(rho, 2000, random)) / 2000 / 40;
        }
        EXPECT_NEAR(sum / ((1 - rho) / (1 + rho)), 1.0, 0.2) << rho;
    }
    EXPECT_EQ(effective_sample_size(Values{}), 0.0);
    EXPECT_EQ(effective_sample_size(Values(20, 3.0)), 20.0);
}

// Plain intervals of an autocorrelated mean would cover about 70 % here.
TEST(Stats, AutocorrelatedMeanCovers) {
    std::mt19937_64 random(8);
    int covered = 0;
    const int trials = 600;
    for (int t = 0; t < trials; ++t) {
        const Estimate e = autocorrelated_mean(autoregressive(0.5, 100, random), 200, random);
        covered += e.ci95.low <= 5 && 5 <= e.ci95.high ? 1 : 0;
    }
    EXPECT_NEAR(static_cast<double>(covered) / trials, 0.95, 0.035);
}

TEST(Stats, AutocorrelatedMeanOfNextToNothing) {
    std::mt19937_64 random(1);
    EXPECT_EQ(autocorrelated_mean(Values{}, 10, random), (Estimate{0, {0, 0}}));
    EXPECT_EQ(autocorrelated_mean(Values{3}, 10, random), (Estimate{3, {3, 3}}));
    EXPECT_EQ(autocorrelated_mean(Values(9, 3), 10, random), (Estimate{3, {3, 3}}));
    const Estimate two = autocorrelated_mean(Values{1, 3}, 10, random);
    EXPECT_LT(two.ci95.low, 1.0);
    EXPECT_GT(two.ci95.high, 3.0);
}

TEST(RunsTest, AgreesWithCountingByHand) {
    // 3 plus, 3 minus: 20 orders. Two runs: 2 of 20, so p = 2 x 0.1.
    EXPECT_NEAR(runs_test(Values{1, 1, 1, -1, -1, -1}), 0.2, 1e-12);
    EXPECT_NEAR(runs_test(Values{1, -1, 1, -1, 1, -1}), 0.2, 1e-12);  // six runs: 2 of 20 too
    EXPECT_NEAR(runs_test(Values{1, 0, 1, 1, -1, -1, -1}), 0.2, 1e-12);
    EXPECT_EQ(runs_test(Values{1, 2, 3}), 1.0);
    EXPECT_EQ(runs_test(Values{}), 1.0);
}

TEST(RunsTest, HoldsItsLevelAndSeesABow) {
    std::mt19937_64 random(2);
    int small = 0;
    for (int t = 0; t < 2000; ++t) {
        Values r;
        for (int i = 0; i < 40; ++i) {
            r.push_back(normal(random));
        }
        small += runs_test(r) < 0.05 ? 1 : 0;
    }
    EXPECT_LE(small, 130);
    EXPECT_GE(small, 30);
    Values bow;
    for (int i = 0; i < 19; ++i) {
        bow.push_back((i - 9) * (i - 9) - 30.0);
    }
    EXPECT_LT(runs_test(bow), 0.01);
}

}  // namespace
}  // namespace landauer
