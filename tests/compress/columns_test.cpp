// Columns taken away: planted truths, the loss held against the matrix that results, and what is refused.
#include "compress/methods/columns.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "compress/methods/low_rank.h"
#include "compress/methods/pivots.h"
#include "tensor/matrix_testing.h"

namespace landauer {
namespace {

using test::identity;
using test::random_matrix;
using test::random_moment;

MatrixD ridged(MatrixD moment, double ratio) {
    double trace = 0.0;
    for (std::size_t i = 0; i < moment.rows(); ++i) trace += moment(i, i);
    for (std::size_t i = 0; i < moment.rows(); ++i) moment(i, i) += ratio * trace / static_cast<double>(moment.rows());
    return moment;
}

// The columns that stay when the first `k` groups went, rising.
std::vector<std::size_t> kept_after(const ColumnRemoval& plan, std::size_t k, std::size_t n, std::size_t group) {
    std::vector<bool> gone(n, false);
    for (std::size_t i = 0; i < k; ++i) {
        for (std::size_t j = 0; j < group; ++j) gone[plan.order[i] * group + j] = true;
    }
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < n; ++i) {
        if (!gone[i]) kept.push_back(i);
    }
    return kept;
}

// As wide as before, with zeros where columns went.
MatrixF spread(const MatrixF& narrow, const std::vector<std::size_t>& kept, std::size_t n) {
    MatrixF out(narrow.rows(), n);
    for (std::size_t i = 0; i < out.rows(); ++i) {
        for (std::size_t j = 0; j < kept.size(); ++j) out(i, kept[j]) = narrow(i, j);
    }
    return out;
}

TEST(Columns, PredictTheLossOfTheCorrectedMatrix) {
    for (std::uint64_t seed = 0; seed < 24; ++seed) {
        const std::size_t group = std::vector<std::size_t>{1, 2, 4}[seed % 3];
        const std::size_t n = 24 + 4 * (seed % 5);
        const std::size_t out = 5 + seed % 7;
        const MatrixF w = random_matrix<float>(out, n, seed);
        const MatrixD c = random_moment(n, 3 * n, seed + 1);
        const MatrixD g = random_moment(out, 40, seed + 2);
        ColumnSettings settings;
        settings.group = group;
        settings.at_once = 1 + seed % 4;
        settings.ridge_input = 1e-2;
        const auto plan = plan_columns(w, c, g, settings);
        ASSERT_TRUE(plan) << plan.error().sentence;
        ASSERT_EQ(plan->order.size(), n / group - 1);
        ASSERT_EQ(plan->loss.size(), plan->order.size() + 1);
        EXPECT_EQ(plan->loss[0], 0.0);
        for (std::size_t k = 1; k < plan->loss.size(); ++k) {
            const auto kept = kept_after(*plan, k, n, group);
            const auto narrow = keep_columns(w, c, kept, settings.ridge_input);
            ASSERT_TRUE(narrow);
            const double direct = loss_of(w, spread(*narrow, kept, n), ridged(c, settings.ridge_input),
                                          ridged(g, settings.ridge_gradient));
            EXPECT_NEAR(plan->loss[k], direct, 1e-5 * plan->loss.back()) << seed << " " << k;
            EXPECT_GE(plan->loss[k], plan->loss[k - 1]);
        }
    }
}

// One at a time, no other group would have cost less than the one that goes next.
TEST(Columns, TakeTheCheapestEachTime) {
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
        const std::size_t group = 1 + seed % 3;
        const std::size_t n = 6 * (1 + seed % 2) * group;
        const MatrixF w = random_matrix<float>(4, n, seed);
        const MatrixD c = random_moment(n, 2 * n, seed + 1);
        ColumnSettings settings;
        settings.group = group;
        settings.at_once = 1;
        const auto plan = plan_columns(w, c, identity(4), settings);
        ASSERT_TRUE(plan);
        for (std::size_t k = 0; k < plan->order.size(); ++k) {
            ColumnRemoval other = *plan;
            for (std::size_t later = k; later < plan->order.size(); ++later) {
                other.order[k] = plan->order[later];
                const auto kept = kept_after(other, k + 1, n, group);
                const auto narrow = keep_columns(w, c, kept, settings.ridge_input);
                ASSERT_TRUE(narrow);
                const double loss = loss_of(w, spread(*narrow, kept, n), ridged(c, settings.ridge_input),
                                            ridged(identity(4), settings.ridge_gradient));
                EXPECT_GE(loss, plan->loss[k + 1] - 1e-5 * plan->loss.back()) << seed << " " << k << " " << later;
            }
        }
    }
}

// More columns than one round takes and looks at.
TEST(Columns, PredictTheLossOverManyRounds) {
    const std::size_t n = 420;
    const MatrixF w = random_matrix<float>(9, n, 1);
    const MatrixD c = random_moment(n, 2 * n, 2);
    const MatrixD g = random_moment(9, 40, 3);
    const auto plan = plan_columns(w, c, g, {});
    ASSERT_TRUE(plan) << plan.error().sentence;
    for (const std::size_t k : {8, 63, 64, 65, 200, 419}) {
        const auto kept = kept_after(*plan, k, n, 1);
        const auto narrow = keep_columns(w, c, kept, 1e-3);
        ASSERT_TRUE(narrow);
        const double direct = loss_of(w, spread(*narrow, kept, n), ridged(c, 1e-3), ridged(g, 1e-2));
        EXPECT_NEAR(plan->loss[k], direct, 1e-5 * direct) << k;
    }
    std::vector<std::size_t> sorted = plan->order;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(std::adjacent_find(sorted.begin(), sorted.end()), sorted.end());
}

// With nothing shared between columns the least |W_:i|^2 C_ii goes first, and nothing is corrected.
TEST(Columns, GoInTheOrderOfTheirOwnSizeWhereTheyShareNothing) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        const std::size_t n = 300;
        const MatrixF w = random_matrix<float>(6, n, seed);
        MatrixD c(n, n);
        std::mt19937_64 random(seed);
        for (std::size_t i = 0; i < n; ++i) c(i, i) = 0.1 + static_cast<double>(random() % 1000) / 100.0;
        ColumnSettings settings;
        settings.ridge_input = 0.0;
        settings.at_once = 1 + seed % 9;
        const auto plan = plan_columns(w, c, identity(6), settings);
        ASSERT_TRUE(plan);
        std::vector<std::pair<double, std::size_t>> sizes;
        for (std::size_t j = 0; j < n; ++j) {
            double sum = 0.0;
            for (std::size_t i = 0; i < 6; ++i) sum += static_cast<double>(w(i, j)) * static_cast<double>(w(i, j));
            sizes.emplace_back(sum * c(j, j), j);
        }
        std::sort(sizes.begin(), sizes.end());
        for (std::size_t k = 0; k < plan->order.size(); ++k) EXPECT_EQ(plan->order[k], sizes[k].second) << seed;
        const auto kept = kept_after(*plan, 20, n, 1);
        const auto narrow = keep_columns(w, c, kept, 0.0);
        ASSERT_TRUE(narrow);
        for (std::size_t j = 0; j < kept.size(); ++j) EXPECT_EQ((*narrow)(2, j), w(2, kept[j]));
    }
}

TEST(Columns, ATwinGoesFirstAtNoLossAndItsTwinTakesItsPart) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        const std::size_t n = 30;
        MatrixD x = random_matrix(500, n, seed);
        for (std::size_t t = 0; t < x.rows(); ++t) x(t, 17) = x(t, 4);
        MatrixD c = test::naive_product(test::turned(x), x);
        for (double& v : c.values()) v /= 500.0;
        const MatrixF w = random_matrix<float>(8, n, seed);
        ColumnSettings settings;
        settings.at_once = 1;
        settings.ridge_input = 1e-7;
        const auto plan = plan_columns(w, c, identity(8), settings);
        ASSERT_TRUE(plan) << plan.error().sentence;
        EXPECT_THAT(plan->order[0], testing::AnyOf(4, 17));
        EXPECT_LT(plan->loss[1], 1e-5 * plan->loss[2]);
        const auto narrow = keep_columns(w, c, kept_after(*plan, 1, n, 1), 1e-7);
        ASSERT_TRUE(narrow);
        const std::size_t twin = plan->order[0] == 4 ? 16 : 4;  // 17 moved one down, or 4
        EXPECT_NEAR((*narrow)(3, twin), w(3, 4) + w(3, 17), 1e-3);
    }
}

TEST(Columns, AColumnOfZerosGoesFirstAtNoLoss) {
    MatrixF w = random_matrix<float>(8, 40, 3);
    for (std::size_t i = 0; i < 8; ++i) w(i, 23) = 0.0F;
    const auto plan = plan_columns(w, random_moment(40, 200, 4), random_moment(8, 60, 5), {});
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->order[0], 23);
    EXPECT_NEAR(plan->loss[1], 0.0, 1e-12);
}

TEST(Columns, GroupsStayTogetherAndTheIdleOneGoesFirst) {
    MatrixD x = random_matrix(400, 24, 9);
    for (std::size_t t = 0; t < 400; ++t) {
        for (std::size_t j = 8; j < 16; ++j) x(t, j) *= 0.01;  // group 1 of 3 hardly speaks
    }
    MatrixD c = test::naive_product(test::turned(x), x);
    ColumnSettings settings;
    settings.group = 8;
    settings.at_once = 1;
    const auto plan = plan_columns(random_matrix<float>(5, 24, 2), c, random_moment(5, 50, 1), settings);
    ASSERT_TRUE(plan);
    ASSERT_EQ(plan->order.size(), 2U);
    EXPECT_EQ(plan->order[0], 1);
    EXPECT_LT(plan->loss[1], 1e-2 * plan->loss[2]);
}

TEST(Columns, FewerTokensThanColumnsAreHeldByTheRidge) {
    const std::size_t n = 60;
    const MatrixF w = random_matrix<float>(7, n, 1);
    const MatrixD c = random_moment(n, 10, 2);
    const auto plan = plan_columns(w, c, random_moment(7, 40, 3), {});
    ASSERT_TRUE(plan) << plan.error().sentence;
    // Ten directions are all that was ever seen: fifty columns go for next to nothing.
    EXPECT_LT(plan->loss[45], 0.05 * plan->loss.back());
    const auto narrow = keep_columns(w, c, kept_after(*plan, 45, n, 1), 1e-3);
    ASSERT_TRUE(narrow);
    for (const float v : narrow->values()) EXPECT_LT(std::abs(v), 100.0F);
}

TEST(Columns, ALargerRidgeKeepsCloserToTheOwnColumns) {
    const MatrixF w = random_matrix<float>(6, 30, 1);
    const MatrixD c = random_moment(30, 90, 2);
    std::vector<std::size_t> kept(20);
    std::iota(kept.begin(), kept.end(), std::size_t{3});
    double before = std::numeric_limits<double>::infinity();
    for (const double ridge : {1e-6, 1e-2, 1.0, 100.0, 1e6}) {
        const auto narrow = keep_columns(w, c, kept, ridge);
        ASSERT_TRUE(narrow);
        double distance = 0.0;
        for (std::size_t i = 0; i < 6; ++i) {
            for (std::size_t j = 0; j < 20; ++j) {
                const double d = static_cast<double>((*narrow)(i, j)) - static_cast<double>(w(i, kept[j]));
                distance += d * d;
            }
        }
        EXPECT_LT(distance, before);
        before = distance;
    }
    EXPECT_LT(before, 1e-8);
}

TEST(Columns, AllKeptIsTheSameAndNoneKeptIsNothing) {
    const MatrixF w = random_matrix<float>(3, 5, 1);
    const MatrixD c = random_moment(5, 20, 2);
    const auto same = keep_columns(w, c, {0, 1, 2, 3, 4}, 1e-3);
    ASSERT_TRUE(same);
    EXPECT_TRUE(std::equal(same->values().begin(), same->values().end(), w.values().begin()));
    const auto none = keep_columns(w, c, {}, 1e-3);
    ASSERT_TRUE(none);
    EXPECT_EQ(none->rows(), 3U);
    EXPECT_EQ(none->cols(), 0U);
}

TEST(Columns, GoToTheLastWhereNoneIsKept) {
    const MatrixF w = random_matrix<float>(3, 5, 1);
    const MatrixD c = random_moment(5, 20, 2);
    const MatrixD g = random_moment(3, 20, 3);
    ColumnSettings settings;
    settings.keep_at_least = 0;
    const auto plan = plan_columns(w, c, g, settings);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->order.size(), 5U);
    EXPECT_NEAR(plan->loss.back(), loss_of(w, MatrixF(3, 5), ridged(c, 1e-3), ridged(g, 1e-2)),
                1e-6 * plan->loss.back());
    settings.keep_at_least = 9;
    const auto all = plan_columns(w, c, g, settings);
    ASSERT_TRUE(all);
    EXPECT_TRUE(all->order.empty());
}

TEST(Columns, RefuseWhatDoesNotFit) {
    const MatrixF w = random_matrix<float>(3, 6, 1);
    const MatrixD c = random_moment(6, 20, 2);
    const MatrixD g = random_moment(3, 20, 3);
    const auto expect_invalid = [](const auto& result) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().kind, ErrorKind::Invalid);
        EXPECT_FALSE(result.error().remedy.empty());
    };
    expect_invalid(plan_columns(w, random_moment(5, 20, 2), g, {}));
    expect_invalid(plan_columns(w, c, random_moment(4, 20, 2), {}));
    expect_invalid(plan_columns(w, MatrixD(6, 6), g, {}));
    expect_invalid(plan_columns(MatrixF(), c, g, {}));
    ColumnSettings odd;
    odd.group = 4;
    expect_invalid(plan_columns(w, c, g, odd));
    odd.group = 0;
    expect_invalid(plan_columns(w, c, g, odd));
    MatrixF bad = w;
    bad(1, 4) = std::numeric_limits<float>::quiet_NaN();
    expect_invalid(plan_columns(bad, c, g, {}));
    expect_invalid(keep_columns(bad, c, {0, 1}, 1e-3));
    MatrixD bad_c = c;
    bad_c(2, 2) = std::numeric_limits<double>::quiet_NaN();
    expect_invalid(plan_columns(w, bad_c, g, {}));
    expect_invalid(keep_columns(w, c, {1, 0}, 1e-3));
    expect_invalid(keep_columns(w, c, {1, 1}, 1e-3));
    expect_invalid(keep_columns(w, c, {1, 6}, 1e-3));
}

// The same loss, in an order of its own.
TEST(Pivots, PredictTheLossOfTheCorrectedMatrix) {
    for (std::uint64_t seed = 0; seed < 24; ++seed) {
        const std::size_t n = 20 + 4 * (seed % 5);
        const std::size_t out = 5 + seed % 7;
        const MatrixF w = random_matrix<float>(out, n, seed);
        const MatrixD c = random_moment(n, 3 * n, seed + 1);
        const MatrixD g = random_moment(out, 40, seed + 2);
        ColumnSettings settings;
        settings.ridge_input = 1e-2;
        const auto plan = plan_pivots(w, c, g, settings);
        ASSERT_TRUE(plan) << plan.error().sentence;
        ASSERT_EQ(plan->order.size(), n - 1);
        ASSERT_EQ(plan->loss.size(), n);
        for (std::size_t k = 1; k < plan->loss.size(); ++k) {
            const auto kept = kept_after(*plan, k, n, 1);
            const auto narrow = keep_columns(w, c, kept, settings.ridge_input);
            ASSERT_TRUE(narrow);
            const double direct = loss_of(w, spread(*narrow, kept, n), ridged(c, settings.ridge_input),
                                          ridged(g, settings.ridge_gradient));
            EXPECT_NEAR(plan->loss[k], direct, 1e-5 * plan->loss.back()) << seed << " " << k;
        }
    }
}

// Columns that others foretell, and columns that reach nothing, go first and for nothing; the surgeon loses less than
// pivots by a little.
TEST(Pivots, WhatIsForetoldOrUnreadGoesFirst) {
    constexpr std::size_t kN = 24;
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
        MatrixF w = random_matrix<float>(6, kN, seed);
        MatrixD c = random_moment(kN, 4 * kN, seed + 1);
        for (std::size_t i = 0; i < w.rows(); ++i) w(i, 5) = 0.0F;
        for (std::size_t j = 0; j < kN; ++j) c(9, j) = c(3, j);
        for (std::size_t i = 0; i < kN; ++i) c(i, 9) = c(i, 3);  // 9 is 3 again
        ColumnSettings settings;
        settings.ridge_input = 1e-9;
        const auto plan = plan_pivots(w, c, {}, settings);
        ASSERT_TRUE(plan) << plan.error().sentence;
        EXPECT_EQ(plan->order[0], 5U);
        EXPECT_TRUE(plan->order[1] == 9U || plan->order[1] == 3U);
        EXPECT_LT(plan->loss[2], 1e-6 * plan->loss.back());
        settings.at_once = 1;
        const auto surgeon = plan_columns(w, c, {}, settings);
        ASSERT_TRUE(surgeon);
        EXPECT_LT(surgeon->loss[kN / 2], 1.3 * plan->loss[kN / 2]);
    }
    EXPECT_FALSE(plan_pivots(random_matrix<float>(3, 4, 1), random_moment(5, 9, 1), {}, {})) << "moments of another";
}

}  // namespace
}  // namespace landauer
