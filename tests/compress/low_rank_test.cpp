// Low rank in the two-sided metric: the tail held against the truncated matrix, and the storage by pivot rows.
#include "compress/methods/low_rank.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <set>

#include "tensor/matrix_testing.h"

namespace landauer {
namespace {

using test::identity;
using test::random_matrix;
using test::random_moment;

constexpr LowRankSettings kNoRidge{0.0, 0.0};

double largest_error(const MatrixF& a, const MatrixF& b) {
    EXPECT_EQ(a.rows(), b.rows());
    EXPECT_EQ(a.cols(), b.cols());
    double out = 0.0;
    for (std::size_t i = 0; i < a.values().size(); ++i) {
        out = std::max(out, static_cast<double>(std::abs(a.values()[i] - b.values()[i])));
    }
    return out;
}

struct Case {
    MatrixF w;
    MatrixD c;
    MatrixD g;
};

Case make_case(std::uint64_t seed) {
    const std::size_t m = 4 + seed * 7 % 29;
    const std::size_t n = 4 + seed * 11 % 23;
    return {random_matrix<float>(m, n, seed), random_moment(n, 4 * n, seed + 1), random_moment(m, 4 * m, seed + 2)};
}

TEST(LowRank, TheTailIsTheLossOfTheTruncatedMatrixAtEveryRank) {
    for (std::uint64_t seed = 0; seed < 24; ++seed) {
        const auto [w, c, g] = make_case(seed);
        const auto curve = plan_low_rank(w, c, g, kNoRidge);
        ASSERT_TRUE(curve) << curve.error().sentence;
        const std::size_t full = std::min(w.rows(), w.cols());
        ASSERT_EQ(curve->tail.size(), full + 1);
        EXPECT_EQ(curve->tail[full], 0.0);
        EXPECT_NEAR(curve->tail[0], loss_of(w, MatrixF(w.rows(), w.cols()), c, g), 1e-8 * curve->tail[0]);
        for (std::size_t r = 1; r <= full; ++r) {
            const auto factors = truncate(w, c, g, r, kNoRidge);
            ASSERT_TRUE(factors) << factors.error().sentence;
            EXPECT_EQ(factors->rank(), r);
            EXPECT_NEAR(loss_of(w, expand(*factors), c, g), curve->tail[r], 1e-5 * curve->tail[0]) << seed << " " << r;
        }
        EXPECT_LT(largest_error(expand(*truncate(w, c, g, full, kNoRidge)), w), 2e-5) << seed;
    }
}

TEST(LowRank, NoOtherMatrixOfThatRankLosesLess) {
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
        const auto [w, c, g] = make_case(seed);
        const auto curve = plan_low_rank(w, c, g, kNoRidge);
        const auto plain = truncate(w, identity(w.cols()), {}, 2, kNoRidge);
        ASSERT_TRUE(curve && plain);
        EXPECT_GE(loss_of(w, expand(*plain), c, g), curve->tail[2] * (1 - 1e-6));
    }
}

TEST(LowRank, AnEmptyGradientIsTheIdentity) {
    const auto [w, c, g] = make_case(5);
    const auto without = plan_low_rank(w, c, {}, kNoRidge);
    const auto with = plan_low_rank(w, c, identity(w.rows()), kNoRidge);
    ASSERT_TRUE(without && with);
    for (std::size_t r = 0; r < with->tail.size(); ++r) {
        EXPECT_NEAR(without->tail[r], with->tail[r], 1e-9 * with->tail[0]);
    }
    const auto factors = truncate(w, c, {}, 3, kNoRidge);
    ASSERT_TRUE(factors);
    EXPECT_NEAR(loss_of(w, expand(*factors), c, {}), without->tail[3], 1e-5 * without->tail[0]);
}

TEST(LowRank, TheRidgeBelongsToTheMetricOfTheTail) {
    const auto [w, c, g] = make_case(7);
    const LowRankSettings settings{0.1, 0.2};
    const auto ridged = [](MatrixD m, double ratio) {
        double trace = 0.0;
        for (std::size_t i = 0; i < m.rows(); ++i) trace += m(i, i);
        for (std::size_t i = 0; i < m.rows(); ++i) m(i, i) += ratio * trace / static_cast<double>(m.rows());
        return m;
    };
    const auto curve = plan_low_rank(w, c, g, settings);
    const auto factors = truncate(w, c, g, 3, settings);
    ASSERT_TRUE(curve && factors);
    EXPECT_NEAR(loss_of(w, expand(*factors), ridged(c, 0.1), ridged(g, 0.2)), curve->tail[3], 1e-5 * curve->tail[0]);
    EXPECT_LT(loss_of(w, expand(*factors), c, g), curve->tail[3]);
}

TEST(LowRank, PivotRowsAreStoredOnce) {
    const auto [w, c, g] = make_case(3);
    for (std::size_t r = 1; r <= std::min(w.rows(), w.cols()); ++r) {
        const auto factors = truncate(w, c, g, r, {});
        ASSERT_TRUE(factors);
        EXPECT_EQ(factors->stored_values(), r * (w.rows() + w.cols() - r) + r);
        EXPECT_EQ(std::set<std::size_t>(factors->pivots.begin(), factors->pivots.end()).size(), r);
        for (const float v : factors->t.values()) EXPECT_LT(std::abs(v), 100.0F);
    }
}

TEST(LowRank, AMatrixOfLowRankIsKeptExactlyAtThatRank) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        const MatrixD exact = test::naive_product(random_matrix(30, 4, seed), random_matrix(4, 20, seed + 50));
        MatrixF w(30, 20);
        for (std::size_t i = 0; i < exact.values().size(); ++i) {
            w.values()[i] = static_cast<float>(exact.values()[i]);
        }
        const MatrixD c = random_moment(20, 100, seed);
        const MatrixD g = random_moment(30, 100, seed);
        const auto curve = plan_low_rank(w, c, g, {});
        ASSERT_TRUE(curve);
        EXPECT_LT(curve->tail[4], 1e-10 * curve->tail[0]);
        EXPECT_GT(curve->tail[3], 1e-6 * curve->tail[0]);
        for (const std::size_t r : {4U, 9U, 20U}) {  // beyond its rank too
            const auto factors = truncate(w, c, g, r, {});
            ASSERT_TRUE(factors) << r << factors.error().sentence;
            EXPECT_LT(largest_error(expand(*factors), w), 1e-4) << seed << " " << r;
        }
    }
}

TEST(LowRank, FewerTokensThanColumnsAreHeldByTheRidge) {
    const MatrixF w = random_matrix<float>(20, 30, 1);
    const MatrixD c = random_moment(30, 6, 2);
    const MatrixD g = random_moment(20, 5, 3);
    const auto curve = plan_low_rank(w, c, g, {});
    const auto factors = truncate(w, c, g, 6, {});
    ASSERT_TRUE(curve && factors);
    EXPECT_LT(loss_of(w, expand(*factors), c, g), 0.01 * curve->tail[0]);
}

TEST(LowRank, RefusesWhatDoesNotFit) {
    const auto [w, c, g] = make_case(4);
    const auto expect_invalid = [](const auto& result) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().kind, ErrorKind::Invalid);
    };
    const auto none = truncate(w, c, g, 0, {});
    expect_invalid(none);
    EXPECT_THAT(none.error().sentence, testing::HasSubstr("to rank 0"));
    expect_invalid(truncate(w, c, g, std::min(w.rows(), w.cols()) + 1, {}));
    expect_invalid(plan_low_rank(w, identity(2), g, {}));
    expect_invalid(plan_low_rank(w, c, identity(2), {}));
    expect_invalid(plan_low_rank(MatrixF(), c, g, {}));
    MatrixF bad = w;
    bad(0, 1) = std::numeric_limits<float>::infinity();
    expect_invalid(plan_low_rank(bad, c, g, {}));
    EXPECT_THROW((void)loss_of(w, MatrixF(1, 1), c, g), std::invalid_argument);
}

}  // namespace
}  // namespace landauer
