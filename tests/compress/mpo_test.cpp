// Product operators: what they hold exactly, the closed form's tail, and sweeps that only ever help.
#include "compress/methods/mpo.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>

#include "compress/methods/low_rank.h"
#include "tensor/matrix_testing.h"

namespace landauer {
namespace {

using test::identity;
using test::random_matrix;
using test::random_moment;

MatrixD kronecker(const MatrixD& a, const MatrixD& b) {
    MatrixD out(a.rows() * b.rows(), a.cols() * b.cols());
    for (std::size_t i = 0; i < out.rows(); ++i) {
        for (std::size_t j = 0; j < out.cols(); ++j) {
            out(i, j) = a(i / b.rows(), j / b.cols()) * b(i % b.rows(), j % b.cols());
        }
    }
    return out;
}

MatrixF single(const MatrixD& m) {
    MatrixF out(m.rows(), m.cols());
    for (std::size_t i = 0; i < m.values().size(); ++i) out.values()[i] = static_cast<float>(m.values()[i]);
    return out;
}

double largest_error(const MatrixF& a, const MatrixF& b) {
    double out = 0.0;
    for (std::size_t i = 0; i < a.values().size(); ++i) {
        out = std::max(out, static_cast<double>(std::abs(a.values()[i] - b.values()[i])));
    }
    return out;
}

MpoSettings plain(std::size_t site, std::size_t sweeps) { return {site, sweeps, 0.0, 0.0}; }

TEST(Mpo, TheFullBondHoldsAnyMatrix) {
    for (std::size_t site = 2; site <= 4; ++site) {
        const MatrixF w = random_matrix<float>(5 * site, 3 * site, site);
        const auto fit =
            fit_mpo(w, random_moment(3 * site, 60, 1), random_moment(5 * site, 60, 2), site * site, {site});
        ASSERT_TRUE(fit) << fit.error().sentence;
        EXPECT_EQ(fit->mpo.bond(), site * site);
        EXPECT_EQ(fit->mpo.stored_values(), site * site * (site * site + 15));
        EXPECT_LT(largest_error(to_dense(fit->mpo), w), 1e-4) << site;
    }
}

TEST(Mpo, ASumOfTwoProductsNeedsABondOfTwo) {
    for (std::size_t site = 2; site <= 4; ++site) {
        for (std::uint64_t seed = 0; seed < 5; ++seed) {
            MatrixD exact = kronecker(random_matrix(site, site, seed), random_matrix(6, 5, seed));
            const MatrixD second = kronecker(random_matrix(site, site, seed + 9), random_matrix(6, 5, seed + 9));
            for (std::size_t i = 0; i < exact.values().size(); ++i) exact.values()[i] += second.values()[i];
            const MatrixF w = single(exact);
            const MatrixD c = random_moment(5 * site, 90, seed);
            const MatrixD g = random_moment(6 * site, 90, seed + 1);
            const auto curve = plan_mpo(w, c, g, {site});
            const auto fit = fit_mpo(w, c, g, 2, {site, 20});
            ASSERT_TRUE(curve && fit);
            EXPECT_TRUE(std::is_sorted(fit->loss.rbegin(), fit->loss.rend()));  // down to rounding
            EXPECT_GT(curve->tail[1], 1e-6 * curve->tail[0]);
            EXPECT_LT(curve->tail[2], 1e-10 * curve->tail[0]);
            EXPECT_LT(largest_error(to_dense(fit->mpo), w), 1e-4);
        }
    }
}

// Where the moments are themselves of that form, the closed form is the best there is.
TEST(Mpo, TheTailIsTheLossInAMetricOfItsOwnForm) {
    for (std::size_t site = 2; site <= 3; ++site) {
        for (std::uint64_t seed = 0; seed < 5; ++seed) {
            const MatrixF w = random_matrix<float>(4 * site, 5 * site, seed);
            const MatrixD c = kronecker(random_moment(site, 30, seed), random_moment(5, 30, seed + 1));
            const MatrixD g = kronecker(random_moment(site, 30, seed + 2), random_moment(4, 30, seed + 3));
            const auto curve = plan_mpo(w, c, g, plain(site, 2));
            ASSERT_TRUE(curve) << curve.error().sentence;
            EXPECT_NEAR(curve->tail[0], loss_of(w, MatrixF(w.rows(), w.cols()), c, g), 1e-7 * curve->tail[0]);
            EXPECT_EQ(curve->tail[site * site], 0.0);
            for (std::size_t bond = 1; bond <= site * site; ++bond) {
                const auto fit = fit_mpo(w, c, g, bond, plain(site, 2));
                ASSERT_TRUE(fit);
                EXPECT_NEAR(loss_of(w, to_dense(fit->mpo), c, g), curve->tail[bond], 1e-5 * curve->tail[0]);
                EXPECT_NEAR(fit->loss.front(), curve->tail[bond], 1e-7 * curve->tail[0]);
                EXPECT_LE(fit->loss.size(), 3U);
            }
        }
    }
}

TEST(Mpo, SweepsOnlyHelpAndEndAtALossThatIsTrue) {
    double gained = 0.0;
    for (std::size_t site = 2; site <= 4; ++site) {
        for (std::uint64_t seed = 0; seed < 6; ++seed) {
            const MatrixF w = random_matrix<float>(4 * site, 5 * site, seed);
            const MatrixD c = random_moment(5 * site, 60, seed);
            const double all = loss_of(w, MatrixF(w.rows(), w.cols()), c, {});
            double before = all;
            for (std::size_t bond = 1; bond < site * site; ++bond) {
                const auto fit = fit_mpo(w, c, {}, bond, plain(site, 8));
                ASSERT_TRUE(fit);
                EXPECT_TRUE(std::is_sorted(fit->loss.rbegin(), fit->loss.rend()));
                EXPECT_NEAR(loss_of(w, to_dense(fit->mpo), c, {}), fit->loss.back(), 1e-5 * all);
                EXPECT_LT(fit->loss.back(), before * 1.05);
                before = fit->loss.back();
                gained = std::max(gained, 1.0 - fit->loss.back() / fit->loss.front());
            }
        }
    }
    EXPECT_GT(gained, 0.1);
}

// After many sweeps neither core can be moved for the better.
TEST(Mpo, SweepsEndWhereNeitherCoreCanBeBettered) {
    for (std::size_t site = 2; site <= 3; ++site) {
        for (std::uint64_t seed = 0; seed < 4; ++seed) {
            const MatrixF w = random_matrix<float>(3 * site, 4 * site, seed);
            const MatrixD c = random_moment(4 * site, 60, seed);
            const auto fit = fit_mpo(w, c, {}, 2, plain(site, 2000));
            ASSERT_TRUE(fit);
            for (std::uint64_t direction = 0; direction < 20; ++direction) {
                Mpo moved = fit->mpo;
                MatrixF& core = direction % 2 == 0 ? moved.a : moved.b;
                const MatrixF along = random_matrix<float>(core.rows(), core.cols(), direction);
                const float step = direction % 4 < 2 ? 0.003F : -0.003F;
                for (std::size_t i = 0; i < core.values().size(); ++i) core.values()[i] += step * along.values()[i];
                EXPECT_GT(loss_of(w, to_dense(moved), c, {}), fit->loss.back() * (1 - 1e-5)) << site << " " << seed;
            }
        }
    }
}

TEST(Mpo, AGradientsMetricOfItsOwnFormIsTrueToo) {
    const MatrixF w = random_matrix<float>(12, 10, 1);
    const MatrixD c = random_moment(10, 60, 2);
    const MatrixD g = kronecker(random_moment(2, 30, 3), random_moment(6, 30, 4));
    const auto fit = fit_mpo(w, c, g, 2, plain(2, 5));
    ASSERT_TRUE(fit);
    EXPECT_NEAR(loss_of(w, to_dense(fit->mpo), c, g), fit->loss.back(), 1e-5 * fit->loss.front());
    EXPECT_LT(fit->loss.back(), fit->loss.front());
}

TEST(Mpo, FewerTokensThanColumnsAreHeldByTheRidge) {
    const auto fit = fit_mpo(random_matrix<float>(12, 20, 1), random_moment(20, 4, 2), random_moment(12, 3, 3), 3, {});
    ASSERT_TRUE(fit) << fit.error().sentence;
    const MatrixF dense = to_dense(fit->mpo);
    for (const float v : dense.values()) EXPECT_LT(std::abs(v), 100.0F);
}

TEST(Mpo, RefusesWhatDoesNotFit) {
    const MatrixF w = random_matrix<float>(12, 8, 1);
    const MatrixD c = random_moment(8, 60, 2);
    const auto expect_invalid = [](const auto& result) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().kind, ErrorKind::Invalid);
    };
    expect_invalid(plan_mpo(w, c, {}, {3}));  // 8 columns
    expect_invalid(plan_mpo(w, c, {}, {1}));
    expect_invalid(plan_mpo(w, c, {}, {6}));
    expect_invalid(plan_mpo(MatrixF(), c, {}, {2}));
    expect_invalid(plan_mpo(w, identity(7), {}, {2}));
    expect_invalid(plan_mpo(w, c, identity(7), {2}));
    expect_invalid(fit_mpo(w, c, {}, 0, {2}));
    expect_invalid(fit_mpo(w, c, {}, 5, {2}));
    MatrixF bad = w;
    bad(3, 3) = std::numeric_limits<float>::infinity();
    expect_invalid(plan_mpo(bad, c, {}, {2}));
}

}  // namespace
}  // namespace landauer
