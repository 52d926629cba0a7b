// Segmented regression: exact knees, forms, the test against no knee, and data that carry none.
#include "analysis/laws/segmented.h"

#include <gmock/gmock.h>

#include <limits>

#include "analysis/stats.h"
#include "image_ladders.h"

namespace landauer {
namespace {

using test::planted;
using test::sizes_round;

constexpr double kKnee = 1e6;
double hinge(double x) { return 0.3 + 2e-6 * std::min(x, kKnee); }
double curve(double x) { return 0.3 + 2e-6 * std::min(x, kKnee) + 1.5e-12 * std::min(x, kKnee) * std::min(x, kKnee); }

SegmentedRequest quick(std::uint32_t seed = 1) { return {200, 199, seed}; }

TEST(Segmented, FindsAKneeWithoutNoiseExactly) {
    for (const double knee : {3.3e5, 9.1e5, 1e6, 1.7e6}) {
        const auto fit = fit_segmented(
            quick(), planted(sizes_round(kKnee), 1, [&](double x) { return 0.3 + 2e-6 * std::min(x, knee); }, 0.0, 1));
        ASSERT_TRUE(fit);
        ASSERT_TRUE(fit->knee) << knee;
        EXPECT_EQ(fit->chosen().form, SegmentedForm::hinge);
        EXPECT_NEAR(fit->knee->knee.value / knee, 1.0, 1e-6);
        EXPECT_NEAR(fit->chosen().coefficients[0].value, 0.3, 1e-6);
        EXPECT_NEAR(fit->knee->slope_below.value, 2e-6, 1e-11);
        ASSERT_TRUE(fit->knee->slope_above);
        EXPECT_NEAR(fit->knee->slope_above->value, 0.0, 1e-11);
    }
}

TEST(Segmented, RecoversACurvedRise) {
    const auto fit = fit_segmented(quick(), planted(sizes_round(kKnee), 3, curve, 0.01, 2));
    ASSERT_TRUE(fit && fit->knee);
    EXPECT_EQ(fit->chosen().form, SegmentedForm::hinge_curve);
    EXPECT_NEAR(fit->knee->knee.value, kKnee, 0.03 * kKnee);
    EXPECT_NEAR(fit->chosen().coefficients[2].value, 1.5e-12, 4e-13);
    EXPECT_NEAR(fit->knee->slope_below.value, 2e-6 + 1.5e-12 * (kKnee / 16 + kKnee), 1e-7);
    EXPECT_TRUE(fit->knee->flat_above());
    EXPECT_LT(fit->knee->knee.ci95.low, fit->knee->knee.value);
    EXPECT_GT(fit->knee->knee.ci95.high, fit->knee->knee.value);
    EXPECT_EQ(fit->chosen().covariance.size(), 4U);
}

TEST(Segmented, SaysWhereTheCostStillRisesBeyondTheKnee) {
    const auto fit = fit_segmented(
        quick(),
        planted(sizes_round(kKnee), 3, [](double x) { return hinge(x) + 4e-8 * std::max(x - kKnee, 0.0); }, 0.01, 3));
    ASSERT_TRUE(fit && fit->knee && fit->knee->slope_above);
    EXPECT_FALSE(fit->knee->flat_above());
    EXPECT_NEAR(fit->knee->slope_above->value, 4e-8, 1.5e-8);
}

struct Coverage {
    const char* what;
    double (*truth)(double);
    int repetitions;
    double noise;
    test::Noise kind;
};

class SegmentedCoverage : public testing::TestWithParam<Coverage> {};

TEST_P(SegmentedCoverage, IntervalsHoldThePlantedTruth) {
    const Coverage& c = GetParam();
    const int seeds = 300 / test::kSeedShare;
    int knee = 0;
    int below = 0;
    int flat = 0;
    int profile = 0;
    int bootstrap = 0;
    for (int seed = 0; seed < seeds; ++seed) {
        const auto number = static_cast<std::uint32_t>(seed);
        const auto fit = fit_segmented({200, 39, number},
                                       planted(sizes_round(kKnee), c.repetitions, c.truth, c.noise, number, c.kind));
        ASSERT_TRUE(fit && fit->knee) << seed;
        const auto holds = [](const Interval& i, double v) { return i.low <= v && v <= i.high ? 1 : 0; };
        const double slope = (c.truth(kKnee) - c.truth(kKnee / 16)) / (kKnee - kKnee / 16);
        knee += holds(fit->knee->knee.ci95, kKnee);
        profile += holds(fit->knee->profile, kKnee);
        bootstrap += holds(fit->knee->bootstrap, kKnee);
        below += holds(fit->knee->slope_below.ci95, slope);
        flat += fit->knee->flat_above() ? 1 : 0;
    }
    // Three standard errors of a share of 300.
    const double slack = 0.04 * std::sqrt(test::kSeedShare);
    RecordProperty("knee", std::to_string(knee) + "/" + std::to_string(seeds));
    EXPECT_NEAR(static_cast<double>(knee) / seeds, 0.95, slack);
    // Each of the two by itself may be a little narrow with one repetition.
    EXPECT_NEAR(static_cast<double>(profile) / seeds, 0.95, slack + 0.01);
    EXPECT_NEAR(static_cast<double>(bootstrap) / seeds, 0.95, slack + 0.01);
    EXPECT_NEAR(static_cast<double>(below) / seeds, 0.95, slack);
    EXPECT_NEAR(static_cast<double>(flat) / seeds, 0.95, slack + 0.01);
}

INSTANTIATE_TEST_SUITE_P(Truths, SegmentedCoverage,
                         testing::Values(Coverage{"hinge_once", hinge, 1, 0.02, test::Noise::relative},
                                         Coverage{"hinge_thrice", hinge, 3, 0.03, test::Noise::relative},
                                         Coverage{"curve_twice", curve, 2, 0.01, test::Noise::relative},
                                         Coverage{"hinge_additive", hinge, 2, 0.03, test::Noise::additive}),
                         [](const auto& row) { return row.param.what; });

TEST(Segmented, TheTestAgainstNoKneeHasItsSize) {
    const int seeds = 400 / test::kSeedShare;
    const double slack = 0.035 * std::sqrt(test::kSeedShare);
    const std::vector<std::function<double(double)>> smooth = {[](double) { return 0.4; },
                                                               [](double x) { return 0.3 + 2e-6 * x; },
                                                               [](double x) { return 0.3 + 2e-6 * x + 1e-12 * x * x; }};
    for (std::size_t t = 0; t < smooth.size(); ++t) {
        int rejected = 0;
        for (int seed = 0; seed < seeds; ++seed) {
            const auto fit = fit_segmented(
                {50, 199, static_cast<std::uint32_t>(seed)},
                planted(sizes_round(kKnee), 1 + seed % 3, smooth[t], 0.02, static_cast<std::uint64_t>(seed)));
            ASSERT_TRUE(fit);
            rejected += fit->test.p < 0.05 ? 1 : 0;
        }
        EXPECT_NEAR(static_cast<double>(rejected) / seeds, 0.05, slack) << t;
    }
}

TEST(Segmented, TheTestSeesRealKneesInEverySeed) {
    for (std::uint32_t seed = 0; seed < 40; ++seed) {
        for (const auto& truth : {hinge, curve}) {
            const auto fit = fit_segmented({50, 99, seed}, planted(sizes_round(kKnee), 1, truth, 0.03, seed));
            ASSERT_TRUE(fit);
            EXPECT_LT(fit->test.p, 0.05) << seed;
            EXPECT_TRUE(fit->knee) << seed;
        }
    }
}

TEST(Segmented, SmoothTruthsHaveNoKnee) {
    int linear = 0;
    int quadratic = 0;
    const int seeds = 60;
    for (std::uint32_t seed = 0; seed < seeds; ++seed) {
        const auto line = fit_segmented(
            quick(seed), planted(sizes_round(kKnee), 2, [](double x) { return 0.3 + 2e-6 * x; }, 0.02, seed));
        const auto bow = fit_segmented(
            quick(seed),
            planted(sizes_round(kKnee), 2, [](double x) { return 0.3 + 1e-6 * x + 1e-12 * x * x; }, 0.02, seed));
        ASSERT_TRUE(line && bow);
        linear += line->chosen().form == SegmentedForm::linear ? 1 : 0;
        quadratic += bow->chosen().form == SegmentedForm::quadratic ? 1 : 0;
    }
    EXPECT_GE(linear, seeds * 3 / 4);
    EXPECT_GE(quadratic, seeds * 9 / 10);
}

TEST(Segmented, WeighsByTheNoiseOfTheData) {
    const auto timings = fit_segmented(quick(), planted(sizes_round(kKnee), 3, hinge, 0.02, 5));
    const auto meter = fit_segmented(quick(), planted(sizes_round(kKnee), 3, hinge, 0.02, 5, test::Noise::additive));
    ASSERT_TRUE(timings && meter);
    EXPECT_EQ(timings->weighting, Weighting::relative);
    EXPECT_NEAR(timings->chosen().residual_sd, 0.02, 0.006);
    EXPECT_EQ(meter->weighting, Weighting::uniform);
    EXPECT_NEAR(meter->chosen().residual_sd, 0.02, 0.006);
    EXPECT_NEAR(meter->chosen().residual_sd_y, meter->chosen().residual_sd, 1e-12);
}

TEST(Segmented, NegativeCostsAreWeighedAlike) {
    const auto fit = fit_segmented(
        quick(),
        planted(sizes_round(kKnee), 2, [](double x) { return hinge(x) - 0.6; }, 0.02, 6, test::Noise::additive));
    ASSERT_TRUE(fit && fit->knee);
    EXPECT_EQ(fit->weighting, Weighting::uniform);
    EXPECT_NEAR(fit->knee->knee.value, kKnee, 0.1 * kKnee);
}

TEST(Segmented, SizesThatDeviateTogetherCountOnce) {
    std::mt19937_64 random(7);
    std::vector<SegmentedCase> cases;
    for (const double x : sizes_round(kKnee)) {
        const double step = 1 + 0.03 * test::normal(random);
        for (int r = 0; r < 5; ++r) {
            cases.push_back({x, hinge(x) * step * (1 + 0.002 * test::normal(random))});
        }
    }
    const auto fit = fit_segmented(quick(), cases);
    ASSERT_TRUE(fit && fit->knee);
    EXPECT_TRUE(fit->by_size);
    EXPECT_EQ(fit->n_trials, 100U);
    EXPECT_EQ(fit->n_sizes, 20U);
    const auto independent = fit_segmented(quick(), planted(sizes_round(kKnee), 5, hinge, 0.03, 7));
    ASSERT_TRUE(independent);
    EXPECT_FALSE(independent->by_size);
}

TEST(Segmented, SharedErrorsWidenEveryInterval) {
    std::vector<SegmentedCase> cases = planted(sizes_round(kKnee), 2, hinge, 0.02, 8);
    const auto exact = fit_segmented(quick(), cases);
    for (SegmentedCase& c : cases) {
        c.shared = 0.2 * c.x / kKnee;
    }
    const auto wide = fit_segmented(quick(), cases);
    ASSERT_TRUE(exact && wide && exact->knee && wide->knee);
    const auto width = [](const Estimate& e) { return e.ci95.high - e.ci95.low; };
    EXPECT_EQ(wide->knee->knee.value, exact->knee->knee.value);
    EXPECT_GT(width(wide->knee->knee), 1.2 * width(exact->knee->knee));
    EXPECT_GT(width(wide->knee->slope_below), 1.5 * width(exact->knee->slope_below));
    ASSERT_TRUE(wide->knee->slope_above);
    EXPECT_GT(width(*wide->knee->slope_above), 1.5 * width(*exact->knee->slope_above));
}

TEST(Segmented, AllAboveTheKneeIsFlatAndAllBelowIsALine) {
    std::vector<double> above;
    std::vector<double> below;
    for (int i = 1; i <= 12; ++i) {
        above.push_back(kKnee * (1 + 0.3 * i));
        below.push_back(kKnee * 0.07 * i);
    }
    int flat = 0;
    int line = 0;
    for (std::uint32_t seed = 0; seed < 40; ++seed) {
        const auto high = fit_segmented(quick(seed), planted(above, 2, hinge, 0.02, seed));
        const auto low = fit_segmented(quick(seed), planted(below, 2, hinge, 0.02, seed));
        ASSERT_TRUE(high && low);
        flat += high->chosen().form == SegmentedForm::constant ? 1 : 0;
        line += low->chosen().form == SegmentedForm::linear ? 1 : 0;
    }
    EXPECT_GE(flat, 26);
    EXPECT_GE(line, 28);
}

TEST(Segmented, FewerThanThreeSizesAreRefused) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const std::vector<std::vector<SegmentedCase>> bad = {
        {}, {{1, 1}}, {{1, 1}, {2, 2}, {1, 1.1}, {2, 2.1}}, {{1, 1}, {2, 2}, {3, nan}, {nan, 4}}};
    for (const auto& cases : bad) {
        const auto fit = fit_segmented(quick(), cases);
        ASSERT_FALSE(fit);
        EXPECT_EQ(fit.error().kind, ErrorKind::Invalid);
        EXPECT_FALSE(fit.error().remedy.empty());
    }
}

TEST(Segmented, ThreePointsAreALineWithoutATest) {
    const auto fit = fit_segmented(quick(), std::vector<SegmentedCase>{{1, 1}, {2, 2.1}, {3, 2.9}});
    ASSERT_TRUE(fit);
    EXPECT_EQ(fit->chosen().form, SegmentedForm::linear);
    EXPECT_TRUE(std::isnan(fit->test.p));
    EXPECT_FALSE(fit->knee);
}

TEST(Segmented, FewSizesNeverFail) {
    for (int n = 3; n <= 9; ++n) {
        for (int repetitions = 1; repetitions <= 3; ++repetitions) {
            for (const auto& truth : {hinge, curve}) {
                const auto fit = fit_segmented(quick(), planted(sizes_round(kKnee, n), repetitions, truth, 0.02, 9));
                ASSERT_TRUE(fit) << n;
                for (const SegmentedFit& f : fit->fits) {
                    for (const Estimate& e : f.coefficients) {
                        EXPECT_TRUE(std::isfinite(e.ci95.low) && e.ci95.low <= e.value && e.value <= e.ci95.high);
                    }
                }
            }
        }
    }
}

TEST(Segmented, EqualCostsAreConstant) {
    for (const double y : {0.0, 3.0}) {
        const auto fit = fit_segmented(quick(), planted(sizes_round(kKnee), 2, [&](double) { return y; }, 0.0, 1));
        ASSERT_TRUE(fit);
        EXPECT_EQ(fit->chosen().form, SegmentedForm::constant);
        EXPECT_NEAR(fit->chosen().coefficients[0].value, y, 1e-12);
        EXPECT_FALSE(fit->knee);
        EXPECT_EQ(fit->test.p, 1.0);
    }
}

TEST(Segmented, DoesNotDependOnTheOrderOfCases) {
    std::vector<SegmentedCase> cases = planted(sizes_round(kKnee), 2, curve, 0.02, 10);
    const auto once = fit_segmented(quick(), cases);
    std::reverse(cases.begin(), cases.end());
    std::rotate(cases.begin(), cases.begin() + 7, cases.end());
    const auto again = fit_segmented(quick(), cases);
    ASSERT_TRUE(once && again && once->knee && again->knee);
    EXPECT_EQ(once->knee->knee, again->knee->knee);
    EXPECT_EQ(once->test.p, again->test.p);
    EXPECT_EQ(once->chosen().coefficients, again->chosen().coefficients);
}

TEST(Segmented, WeightsSumToOneAndFormsAreSorted) {
    const auto fit = fit_segmented(quick(), planted(sizes_round(kKnee), 1, hinge, 0.02, 11));
    ASSERT_TRUE(fit);
    ASSERT_EQ(fit->fits.size(), 5U);
    double sum = 0.0;
    int n_chosen = 0;
    for (std::size_t i = 0; i < fit->fits.size(); ++i) {
        sum += fit->fits[i].aicc_weight;
        n_chosen += fit->fits[i].chosen ? 1 : 0;
        EXPECT_TRUE(i == 0 || fit->fits[i - 1].aicc <= fit->fits[i].aicc);
    }
    EXPECT_NEAR(sum, 1.0, 1e-12);
    EXPECT_EQ(n_chosen, 1);
}

}  // namespace
}  // namespace landauer
