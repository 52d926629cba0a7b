// Law 1: planted truths, the choice between forms, coverage, and data that no law fits.
#include "analysis/laws/law1.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/stats.h"
#include "traces.h"

namespace landauer {
namespace {

using test::normal;
using testing::ElementsAre;
using Cases = std::vector<LawCase>;

LawRequest request(LawKind kind = LawKind::whole) {
    LawRequest r;
    r.y = "seconds";
    r.y_unit = "s";
    r.kind = kind;
    r.bootstrap = 400;
    return r;
}

// The ladder's lengths, three repetitions, answers of the given lengths in turn.
Cases ladder(const std::function<double(double, double)>& truth, double noise, std::uint64_t seed,
             const std::vector<double>& answers = {64}) {
    std::mt19937_64 random(seed);
    Cases out;
    for (int prompt = 0; prompt < 19; ++prompt) {
        for (int repetition = 0; repetition < 3; ++repetition) {
            const double n_in = 15 + 82.5 * prompt;
            const double n_out = answers[static_cast<std::size_t>(prompt + repetition) % answers.size()];
            out.push_back({n_in, n_out, truth(n_in, n_out) + noise * normal(random)});
        }
    }
    return out;
}

const LawFit& chosen(const Law1& law) {
    return *std::find_if(law.fits.begin(), law.fits.end(), [](const LawFit& fit) { return fit.chosen; });
}

const Estimate& term(const LawFit& fit, const std::string& name) {
    return std::find_if(fit.card.terms.begin(), fit.card.terms.end(), [&](const LawTerm& t) { return t.name == name; })
        ->coefficient;
}

TEST(Aicc, ByHand) {
    // n = 10, one coefficient (k = 2), rss = 10: 10 ln 1 + 4 + 12 / 7.
    EXPECT_NEAR(aicc(10, 1, 10.0, 0.0), 4 + 12.0 / 7, 1e-12);
    EXPECT_TRUE(std::isinf(aicc(3, 1, 1.0, 0.0)));
    EXPECT_TRUE(std::isfinite(aicc(4, 1, 1.0, 0.0)));
    EXPECT_TRUE(std::isinf(aicc(5, 3, 1.0, 0.0)));
    EXPECT_TRUE(std::isfinite(aicc(10, 2, 0.0, 1e-30)));
}

TEST(Law1, RecoversAPlantedLine) {
    const auto law = fit_law1(request(), ladder([](double n, double) { return 0.8 + 0.004 * n; }, 0.05, 1));
    ASSERT_TRUE(law);
    const LawFit& paper = law->paper_form;
    EXPECT_EQ(paper.form, "n_in");
    EXPECT_EQ(paper.card.formula, "y = a + b n_in");
    EXPECT_NEAR(term(paper, "intercept").value, 0.8, 0.04);
    EXPECT_NEAR(term(paper, "n_in").value, 0.004, 5e-5);
    EXPECT_GT(term(paper, "n_in").ci95.low, 0.0);
    EXPECT_GT(paper.card.r2, 0.99);
    EXPECT_NEAR(paper.card.residual_sd, 0.05, 0.015);
    EXPECT_GT(paper.card.loo_mape, 0.002);
    EXPECT_LT(paper.card.loo_mape, 0.05);
    EXPECT_EQ(paper.card.n_trials, 57);
    EXPECT_EQ(paper.card.x_min, 15);
    EXPECT_EQ(paper.card.x_max, 1500);
    EXPECT_EQ(paper.card.y, "seconds");
    EXPECT_EQ(paper.card.y_unit, "s");
}

TEST(Law1, RecoversAllFourTerms) {
    const auto truth = [](double n, double m) { return 0.3 + 0.002 * n + 0.02 * m + 1e-6 * n * n; };
    const auto law = fit_law1(request(), ladder(truth, 0.01, 2, {16, 64, 128}));
    ASSERT_TRUE(law);
    EXPECT_EQ(chosen(*law).form, "n_in+n_out+n_in^2");
    EXPECT_NEAR(term(chosen(*law), "intercept").value, 0.3, 0.03);
    EXPECT_NEAR(term(chosen(*law), "n_in").value, 0.002, 1e-4);
    EXPECT_NEAR(term(chosen(*law), "n_out").value, 0.02, 1e-4);
    EXPECT_NEAR(term(chosen(*law), "n_in^2").value, 1e-6, 5e-8);
    EXPECT_TRUE(law->caveats.empty());
    EXPECT_NEAR(chosen(*law).card.predict(2000, 64).value, truth(2000, 64), 0.3);
}

TEST(Law1, SortsByAiccWithWeightsThatSumToOne) {
    const auto law =
        fit_law1(request(), ladder([](double n, double m) { return 1 + 0.01 * n + 0.02 * m; }, 0.1, 3, {16, 64}));
    ASSERT_TRUE(law);
    ASSERT_EQ(law->fits.size(), 4U);
    double sum = 0.0;
    int n_chosen = 0;
    for (std::size_t i = 0; i < law->fits.size(); ++i) {
        sum += law->fits[i].aicc_weight;
        n_chosen += law->fits[i].chosen ? 1 : 0;
        EXPECT_TRUE(i == 0 || law->fits[i - 1].card.aicc <= law->fits[i].card.aicc);
    }
    EXPECT_NEAR(sum, 1.0, 1e-12);
    EXPECT_EQ(n_chosen, 1);
    EXPECT_TRUE(law->fits.front().chosen);
    EXPECT_EQ(law->fits.back().form, "constant");
}

TEST(Law1, ChoosesTheFormThatIsTrueInMostSeeds) {
    int linear = 0;
    int curved = 0;
    int constant = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const auto line = fit_law1(request(), ladder([](double n, double) { return 0.5 + 0.002 * n; }, 0.05, seed));
        const auto bow =
            fit_law1(request(), ladder([](double n, double) { return 0.5 + 0.002 * n + 4e-7 * n * n; }, 0.05, seed));
        const auto flat = fit_law1(request(), ladder([](double, double) { return 0.5; }, 0.05, seed));
        ASSERT_TRUE(line && bow && flat);
        linear += chosen(*line).form == "n_in" ? 1 : 0;
        curved += chosen(*bow).form == "n_in+n_in^2" ? 1 : 0;
        constant += chosen(*flat).form == "constant" ? 1 : 0;
    }
    EXPECT_GE(linear, 75);
    EXPECT_GE(curved, 95);
    EXPECT_GE(constant, 70);
}

TEST(Law1, IntervalsCoverThePlantedSlope) {
    int slope = 0;
    int prediction = 0;
    const int seeds = 600;
    for (int seed = 0; seed < seeds; ++seed) {
        const auto law = fit_law1(request(LawKind::prefill), ladder([](double n, double) { return 0.5 + 0.002 * n; },
                                                                    0.1, static_cast<std::uint64_t>(seed)));
        ASSERT_TRUE(law);
        const Interval ci = term(law->paper_form, "n_in").ci95;
        slope += ci.low <= 0.002 && 0.002 <= ci.high ? 1 : 0;
        const Interval at = law->paper_form.card.predict(700, 64).ci95;
        prediction += at.low <= 1.9 && 1.9 <= at.high ? 1 : 0;
    }
    EXPECT_NEAR(static_cast<double>(slope) / seeds, 0.95, 0.03);
    EXPECT_NEAR(static_cast<double>(prediction) / seeds, 0.95, 0.03);
}

TEST(Law1, IntervalsCoverWithOneRepetitionAndGrowingNoise) {
    int slope = 0;
    const int seeds = 600;
    for (int seed = 0; seed < seeds; ++seed) {
        std::mt19937_64 random(static_cast<std::uint64_t>(seed));
        Cases cases;
        for (int i = 0; i < 19; ++i) {
            const double n = 15 + 82.5 * i;
            cases.push_back({n, 64, (0.5 + 0.002 * n) * (1 + 0.03 * normal(random))});
        }
        const auto law = fit_law1(request(), cases);
        ASSERT_TRUE(law);
        const Interval ci = term(law->paper_form, "n_in").ci95;
        slope += ci.low <= 0.002 && 0.002 <= ci.high ? 1 : 0;
    }
    EXPECT_NEAR(static_cast<double>(slope) / seeds, 0.94, 0.04);
}

TEST(Law1, DropsAnswersThatDoNotVaryWithASentence) {
    const auto law = fit_law1(request(), ladder([](double n, double) { return 1 + 0.01 * n; }, 0.1, 5));
    ASSERT_TRUE(law);
    std::vector<std::string> forms;
    for (const LawFit& fit : law->fits) {
        forms.push_back(fit.form);
    }
    std::sort(forms.begin(), forms.end());
    EXPECT_THAT(forms, ElementsAre("constant", "n_in", "n_in+n_in^2"));
    ASSERT_EQ(law->caveats.size(), 1U);
    EXPECT_EQ(law->caveats[0].code, "n-out-not-separable");
    EXPECT_THAT(law->caveats[0].sentence, testing::HasSubstr("64 tokens"));
}

TEST(Law1, DropsAnswersInStepWithPrompts) {
    Cases cases;
    for (int i = 1; i <= 12; ++i) {
        cases.push_back({100.0 * i, 10.0 * i, 2.0 * i + 0.01 * (i % 3)});
    }
    const auto law = fit_law1(request(), cases);
    ASSERT_TRUE(law);
    EXPECT_EQ(law->caveats.at(0).code, "n-out-not-separable");
    EXPECT_THAT(law->caveats[0].sentence, testing::HasSubstr("in step"));
}

TEST(Law1, DecodeIsALawOfAnswers) {
    Cases cases;
    std::mt19937_64 random(4);
    for (int i = 0; i < 24; ++i) {
        const double n_out = 32.0 * (1 + i % 4);
        cases.push_back({0, n_out, 0.01 + 0.03 * n_out + 0.01 * normal(random)});
    }
    const auto law = fit_law1(request(LawKind::decode), cases);
    ASSERT_TRUE(law) << law.error().sentence;
    EXPECT_EQ(law->paper_form.form, "n_out");
    EXPECT_NEAR(term(law->paper_form, "n_out").value, 0.03, 2e-3);
    EXPECT_EQ(chosen(*law).form, "n_out");
}

TEST(Law1, DecodeWithAnswersOfOneLengthIsALawOfPrompts) {
    const auto law =
        fit_law1(request(LawKind::decode), ladder([](double n, double m) { return m * (0.01 + 1e-6 * n); }, 0.005, 4));
    ASSERT_TRUE(law);
    EXPECT_EQ(law->paper_form.form, "n_in");
    EXPECT_NEAR(term(law->paper_form, "n_in").value, 6.4e-5, 1e-5);
}

TEST(Law1, RefusesFewerThanThreeLengths) {
    const Cases two = {{10, 5, 1}, {20, 5, 2}, {10, 5, 1.1}, {20, 5, 2.1}};
    for (const Cases& cases : {Cases{}, Cases{{10, 5, 1}}, two}) {
        const auto law = fit_law1(request(), cases);
        ASSERT_FALSE(law);
        EXPECT_EQ(law.error().kind, ErrorKind::Invalid);
        EXPECT_FALSE(law.error().remedy.empty());
    }
    const double nan = std::numeric_limits<double>::quiet_NaN();
    EXPECT_FALSE(fit_law1(request(), Cases{{10, 5, 1}, {20, 5, 2}, {30, 5, nan}, {nan, 5, 3}}));
}

TEST(Law1, ThreeTrialsGiveThePaperFormAndAWarning) {
    const auto law = fit_law1(request(), Cases{{10, 5, 1}, {20, 5, 2.1}, {30, 5, 2.9}});
    ASSERT_TRUE(law);
    EXPECT_EQ(chosen(*law).form, "n_in");
    EXPECT_TRUE(law->paper_form.chosen);
    EXPECT_NEAR(term(law->paper_form, "n_in").value, 0.095, 1e-12);
    EXPECT_TRUE(std::any_of(law->caveats.begin(), law->caveats.end(),
                            [](const Caveat& c) { return c.code == "too-few-trials"; }));
    EXPECT_TRUE(law_card_from_json(to_json(law->paper_form.card)));
}

TEST(Law1, APerfectLineIsALine) {
    Cases cases;
    for (int i = 0; i < 19; ++i) {
        cases.push_back({15.0 + 80 * i, 64, 1.0 + 0.5 * i});
    }
    const auto law = fit_law1(request(), cases);
    ASSERT_TRUE(law);
    EXPECT_EQ(chosen(*law).form, "n_in");
    EXPECT_NEAR(chosen(*law).card.r2, 1.0, 1e-12);
    EXPECT_TRUE(std::isfinite(chosen(*law).card.aicc));
}

TEST(Law1, ACostThatNeverChangesIsConstant) {
    Cases cases;
    for (int i = 0; i < 10; ++i) {
        cases.push_back({15.0 + 80 * i, 64, 3.0});
    }
    const auto law = fit_law1(request(), cases);
    ASSERT_TRUE(law);
    EXPECT_EQ(chosen(*law).form, "constant");
    EXPECT_EQ(chosen(*law).card.r2, 0.0);
    for (const LawFit& fit : law->fits) {
        EXPECT_TRUE(std::isfinite(fit.card.aicc)) << fit.form;
    }
}

TEST(Law1, DoesNotDependOnTheOrderOfCases) {
    for (const std::vector<double>& answers : {std::vector<double>{64}, std::vector<double>{16, 64, 128}}) {
        Cases cases = ladder([](double n, double m) { return 1 + 0.01 * n + 0.1 * m; }, 0.3, 6, answers);
        const auto once = fit_law1(request(), cases);
        std::mt19937_64 random(1);
        for (std::size_t i = cases.size(); i > 1; --i) {
            std::swap(cases[i - 1], cases[IndexDraws(random, i)()]);
        }
        const auto again = fit_law1(request(), cases);
        ASSERT_TRUE(once && again);
        ASSERT_EQ(once->fits.size(), again->fits.size());
        for (std::size_t i = 0; i < once->fits.size(); ++i) {
            EXPECT_EQ(once->fits[i].card, again->fits[i].card);
        }
        EXPECT_EQ(once->residual_runs_p, again->residual_runs_p);
    }
}

TEST(Law1, ResamplesThatCannotBeFittedAreLeftOut) {
    // Of 27 resamples of three trials, three hold one length only; with five trials of which
    // three share a length, many cannot tell a square from a line.
    for (const Cases& cases : {Cases{{10, 5, 1}, {20, 5, 2.1}, {30, 5, 2.9}},
                               Cases{{10, 5, 1}, {10, 5, 1.1}, {10, 5, 0.9}, {20, 5, 2.1}, {30, 5, 2.9}}}) {
        const auto law = fit_law1(request(), cases);
        ASSERT_TRUE(law);
        for (const LawFit& fit : law->fits) {
            for (const LawTerm& t : fit.card.terms) {
                EXPECT_TRUE(std::isfinite(t.coefficient.ci95.low) && std::isfinite(t.coefficient.ci95.high)) << t.name;
                EXPECT_LT(t.coefficient.ci95.low, t.coefficient.value);
                EXPECT_GT(t.coefficient.ci95.high, t.coefficient.value);
                EXPECT_LT(t.coefficient.ci95.high - t.coefficient.ci95.low, 1e3) << fit.form << ' ' << t.name;
            }
        }
    }
}

TEST(Law1, WarnsWhenNoFormFits) {
    const auto law = fit_law1(
        request(), ladder([](double n, double) { return n < 760 ? 1.0 + 0.002 * n : 8 - 0.002 * n; }, 0.02, 7));
    ASSERT_TRUE(law);
    EXPECT_LT(law->residual_runs_p, 0.01);
    EXPECT_TRUE(
        std::any_of(law->caveats.begin(), law->caveats.end(), [](const Caveat& c) { return c.code == "law-misfit"; }));
}

}  // namespace
}  // namespace landauer
