#include "analysis/compare/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "analysis/compare/cluster_bootstrap.h"
#include "analysis/compare/pairs.h"
#include "analysis/compare/pareto.h"
#include "analysis/compare/use.h"
#include "analysis/compare/verdict.h"
#include "analysis/stats.h"
#include "compare_testing.h"

namespace landauer {
namespace {

using test::Duel;
using test::DuelData;
using test::make_duel;
using ::testing::Contains;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;

CompareOptions quick() {
    CompareOptions options;
    options.bootstrap = 1000;
    return options;
}

ModelComparison compared(const DuelData& duel, const CompareOptions& options = quick()) {
    auto result = compare_models(duel.contenders(), options);
    EXPECT_TRUE(result) << result.error().sentence;
    return std::move(*result);
}

auto has_caveat(const std::string& code) { return Contains(Field(&Caveat::code, code)); }

TEST(Holm, StepsDown) {
    EXPECT_THAT(holm(std::vector{0.01, 0.04, 0.03, 0.005}),
                ElementsAre(DoubleNear(0.03, 1e-12), DoubleNear(0.06, 1e-12), DoubleNear(0.06, 1e-12),
                            DoubleNear(0.02, 1e-12)));
    EXPECT_THAT(holm(std::vector{0.6, 0.9}), ElementsAre(1.0, 1.0));
    EXPECT_TRUE(holm({}).empty());
}

TEST(ClusteredCentre, KnowsNothingOfOneCluster) {
    std::mt19937_64 random(1);
    const Clustered c =
        clustered_centre(std::vector{1.0, 2.0, 4.0}, std::vector<std::size_t>{0, 0, 0}, Centre::median, 100, random);
    EXPECT_EQ(c.value, 2.0);
    EXPECT_TRUE(std::isinf(c.ci95.low));
    EXPECT_EQ(c.p, 1.0);
}

TEST(ClusteredCentre, MedianOfResamplesIsThatOfTheirValues) {
    // Two clusters, resamples of {0,0}, {0,1}, {1,1}: medians 1, 2.5 and 4.
    std::mt19937_64 random(1);
    const Clustered c = clustered_centre(std::vector{1.0, 1.0, 4.0, 4.0}, std::vector<std::size_t>{0, 0, 1, 1},
                                         Centre::median, 4000, random);
    EXPECT_EQ(c.value, 2.5);
    const double stretch = std::sqrt(2.0) * 12.706 / 1.959964;
    EXPECT_NEAR(c.ci95.low, 2.5 - 1.5 * stretch, 1e-3);
    EXPECT_NEAR(c.ci95.high, 2.5 + 1.5 * stretch, 1e-3);
}

TEST(ClusteredCentre, CoversAPlantedMeanOfClustersThatShift) {
    int inside = 0;
    int significant = 0;
    constexpr int kRuns = 600;
    for (std::uint32_t seed = 0; seed < kRuns; ++seed) {
        std::mt19937_64 random = random_stream(99, seed);
        std::normal_distribution<double> normal;
        std::vector<double> values;
        std::vector<std::size_t> cluster;
        for (std::size_t c = 0; c < 8; ++c) {
            const double shift = normal(random);
            for (int i = 0; i < 5; ++i) {
                values.push_back(shift + 0.5 * normal(random));
                cluster.push_back(c);
            }
        }
        const Clustered found = clustered_centre(values, cluster, Centre::mean, 500, random);
        inside += found.ci95.low <= 0.0 && found.ci95.high >= 0.0 ? 1 : 0;
        significant += found.p < 0.05 ? 1 : 0;
    }
    EXPECT_GE(inside, kRuns * 93 / 100);
    EXPECT_LE(significant, kRuns * 7 / 100);
    EXPECT_GE(significant, kRuns * 2 / 100);
}

TEST(PairTrials, TurnsAreTheStretchesBothModelsShare) {
    const DuelData duel = make_duel({});
    const Pairing pairing = pair_trials(duel.runs[0], duel.runs[1]);
    EXPECT_EQ(pairing.pairs.size(), 38U);
    EXPECT_EQ(pairing.n_turns, 8U);
    EXPECT_EQ(pairing.n_prompts, 19U);
    Duel apart;
    apart.one_session = false;
    const DuelData two = make_duel(apart);
    EXPECT_EQ(pair_trials(two.runs[0], two.runs[1]).n_turns, 1U);
}

TEST(PairTrials, ATrialMeasuredAgainReplacesTheOneBefore) {
    Duel plan;
    plan.n_prompts = 4;
    DuelData duel = make_duel(plan);
    TrialRecord again = duel.data[0].trials.front();
    again.id = 999;
    duel.data[0].trials.push_back(again);
    TrialNet net = duel.runs[0].trials.front();
    net.index = duel.data[0].trials.size() - 1;
    duel.runs[0].trials.push_back(net);
    const Pairing pairing = pair_trials(duel.runs[0], duel.runs[1]);
    EXPECT_EQ(pairing.pairs.size(), 8U);
    const bool taken = std::any_of(pairing.pairs.begin(), pairing.pairs.end(),
                                   [&](const TrialPair& pair) { return pair.base == &duel.runs[0].trials.back(); });
    EXPECT_TRUE(taken);
}

// The same model twice on a machine whose speed drifts from turn to turn.
int false_verdicts(const Duel& like, int n_runs) {
    int wrong = 0;
    for (int run = 0; run < n_runs; ++run) {
        Duel plan = like;
        plan.seed = static_cast<std::uint64_t>(run) + 1;
        const DuelData duel = make_duel(plan);
        const ModelComparison result = compared(duel);
        wrong += std::any_of(result.pairs[0].costs.begin(), result.pairs[0].costs.end(), [](const Comparison& one) {
            return one.verdict == Verdict::better || one.verdict == Verdict::worse;
        });
    }
    return wrong;
}

TEST(CompareModels, TheSameModelTwiceIsSeldomBetterOrWorse) {
    Duel drifting;
    drifting.drift = 0.05;
    EXPECT_LE(false_verdicts(drifting, 300), 300 * 7 / 100);
    Duel steady;
    EXPECT_LE(false_verdicts(steady, 300), 300 * 7 / 100);
}

TEST(CompareModels, FindsPlantedEffects) {
    const auto found = [](double effect, double drift) {
        int hits = 0;
        for (std::uint64_t seed = 1; seed <= 100; ++seed) {
            Duel plan;
            plan.effect = effect;
            plan.drift = drift;
            plan.seed = seed;
            const ModelComparison result = compared(make_duel(plan));
            hits += result.pairs[0].cost("seconds")->verdict == Verdict::worse ? 1 : 0;
        }
        return hits;
    };
    EXPECT_GE(found(1.20, 0.03), 95);
    EXPECT_GE(found(1.05, 0.005), 95);
    EXPECT_LE(found(1.05, 0.10), 60);
}

TEST(CompareModels, SaysHowFarAndHowSure) {
    Duel plan;
    plan.effect = 0.5;
    const DuelData duel = make_duel(plan);
    const ModelComparison result = compared(duel);
    const Comparison& seconds = *result.pairs[0].cost("seconds");
    EXPECT_NEAR(seconds.effect.value, 0.5, 0.02);
    EXPECT_LT(seconds.effect.ci95.high - seconds.effect.ci95.low, 0.05);
    EXPECT_EQ(seconds.verdict, Verdict::better);
    EXPECT_EQ(seconds.n_turns, 8);
    EXPECT_NEAR(seconds.base.value, 1.2, 0.03);
    EXPECT_EQ(result.pairs[0].cost("rss_peak_bytes")->verdict, Verdict::equivalent);
    EXPECT_EQ(result.pairs[0].cost("encode_s"), nullptr);
    EXPECT_THAT(result.pairs[0].caveats, Not(has_caveat("not-interleaved")));
}

TEST(CompareModels, IntervalsCoverPlantedEffects) {
    int inside = 0;
    constexpr int kRuns = 400;
    for (int run = 0; run < kRuns; ++run) {
        Duel plan;
        plan.effect = 0.8;
        plan.drift = 0.02;
        plan.seed = static_cast<std::uint64_t>(run) + 1000;
        const DuelData duel = make_duel(plan);
        const ModelComparison result = compared(duel);
        const Interval& interval = result.pairs[0].cost("seconds")->effect.ci95;
        inside += interval.low <= 0.8 && interval.high >= 0.8 ? 1 : 0;
    }
    EXPECT_GE(inside, kRuns * 92 / 100);
    EXPECT_LE(inside, kRuns * 99 / 100);
}

TEST(CompareModels, RunsOfTwoSessionsSayThatDriftIsNotInTheInterval) {
    Duel plan;
    plan.one_session = false;
    const DuelData duel = make_duel(plan);
    const ModelComparison result = compared(duel);
    EXPECT_THAT(result.pairs[0].caveats, has_caveat("not-interleaved"));
    EXPECT_FALSE(std::isinf(result.pairs[0].cost("seconds")->effect.ci95.high));
}

TEST(CompareModels, RefusesWhatMeansNothing) {
    DuelData duel = make_duel({});
    EXPECT_THAT(compare_models({duel.contenders()[0]}, quick()).error().sentence, HasSubstr("One model alone"));
    EXPECT_THAT(compare_models({duel.contenders()[0], duel.contenders()[0]}, quick()).error().sentence,
                HasSubstr("the very same run"));
    for (TrialRecord& trial : duel.data[1].trials) trial.n_gen *= 4;
    EXPECT_THAT(compare_models(duel.contenders(), quick()).error().sentence, HasSubstr("4.00 times the base's tokens"));
    for (TrialRecord& trial : duel.data[1].trials) trial.prompt_id += "x";
    EXPECT_THAT(compare_models(duel.contenders(), quick()).error().sentence, HasSubstr("no prompt in common"));
}

TEST(CompareModels, NamesEachDifferenceAndRefusesThemWhenStrict) {
    DuelData duel = make_duel({});
    duel.data[0].run.settings = {{"n_threads", "1"}, {"type_k", "f16"}};
    duel.data[1].run.settings = {{"n_threads", "2"}, {"type_k", "q8_0"}};
    duel.data[1].sessions.front().session.environment = {{"cpu_model", "another"}};
    const ModelComparison result = compared(duel);
    const auto& caveats = result.pairs[0].caveats;
    EXPECT_THAT(caveats, has_caveat("machines-differ"));
    EXPECT_THAT(caveats,
                Contains(Field(&Caveat::sentence, HasSubstr("n_threads 1 against 2; type_k f16 against q8_0"))));
    CompareOptions strict = quick();
    strict.strict = true;
    const auto refused = compare_models(duel.contenders(), strict);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::Refused);
}

TEST(CompareModels, AnotherClampIsNoOtherPrompt) {
    DuelData duel = make_duel({});
    for (TrialRecord& trial : duel.data[0].trials) {
        trial.image.n_tokens = 4000;
        trial.n_prompt += 4000;
    }
    EXPECT_TRUE(compare_models(duel.contenders(), quick()));
}

TEST(CompareAccuracy, TakesOutliersFromBoth) {
    DuelData duel = make_duel({});
    test::add_scores(duel, 80.0, 3.0, 1.0, 5);
    duel.scores[0].answers[4].similarity = 5.0;
    const std::string outlier = duel.scores[0].answers[4].prompt_id;
    const ModelComparison result = compared(duel);
    const Accuracy& accuracy = *result.pairs[0].accuracy;
    EXPECT_EQ(accuracy.raw.n_prompts, 19);
    ASSERT_TRUE(accuracy.trimmed);
    EXPECT_LT(accuracy.trimmed->n_prompts, 19);
    EXPECT_NEAR(accuracy.trimmed->effect.value, 3.0, 1.0);
    EXPECT_GT(accuracy.raw.effect.value, accuracy.trimmed->effect.value);
    for (const AnswerPair& pair : accuracy.answers) {
        if (pair.prompt_id == outlier) {
            EXPECT_TRUE(pair.is_outlier);
            EXPECT_THAT(pair.why, HasSubstr("base 5.0 is below"));
        }
    }
    EXPECT_EQ(result.pareto.size(), 2U);
    EXPECT_EQ(result.cost_metric->name, "wh");
}

TEST(CompareAccuracy, OneScoredPromptSeparatesNothing) {
    DuelData duel = make_duel({});
    test::add_scores(duel, 80.0, -50.0, 0.0, 5);
    for (RunScores& scores : duel.scores) {
        scores.answers.resize(1);
        scores.answers[0].prompt_id = "P1";
    }
    const ModelComparison result = compared(duel);
    EXPECT_EQ(result.pairs[0].accuracy->raw.verdict, Verdict::not_separated);
    EXPECT_EQ(result.pairs[0].accuracy->raw.n_prompts, 1);
}

TEST(CompareAccuracy, ScoresOfUnlikeReferencesAreNotCompared) {
    DuelData duel = make_duel({});
    test::add_scores(duel, 80.0, 0.0, 1.0, 5);
    duel.scores[1].references_sha256 = "other";
    const ModelComparison result = compared(duel);
    EXPECT_FALSE(result.pairs[0].accuracy);
    EXPECT_THAT(result.pairs[0].caveats, has_caveat("scored-unlike"));
}

TEST(CompareAccuracy, WithinTheMarginIsEquivalent) {
    DuelData duel = make_duel({});
    test::add_scores(duel, 80.0, 0.2, 0.5, 5);
    const ModelComparison result = compared(duel);
    EXPECT_EQ(result.pairs[0].accuracy->raw.verdict, Verdict::equivalent);
    CompareOptions narrow = quick();
    narrow.margin_accuracy = 0.05;
    const ModelComparison wide = compared(duel, narrow);
    EXPECT_NE(wide.pairs[0].accuracy->raw.verdict, Verdict::equivalent);
}

TEST(CompareModels, PerplexityIsPairedByToken) {
    DuelData duel = make_duel({});
    std::vector<Contender> contenders = duel.contenders();
    TextScore base;
    base.perplexity = {10.0, {9.0, 11.0}};
    TextScore candidate = base;
    candidate.perplexity = {11.0, {10.0, 12.0}};
    candidate.ln_ppl_ratio = Estimate{std::log(1.1), {std::log(1.1) - 0.01, std::log(1.1) + 0.01}};
    candidate.kl_mean = Estimate{0.08, {0.07, 0.09}};
    candidate.same_top = Estimate{0.85, {0.84, 0.86}};
    contenders[0].text = &base;
    contenders[1].text = &candidate;
    const auto result = compare_models(contenders, quick());
    ASSERT_TRUE(result);
    ASSERT_EQ(result->pairs[0].quality.size(), 3U);
    EXPECT_EQ(result->pairs[0].quality[1].verdict, Verdict::worse);
    EXPECT_NEAR(result->pairs[0].quality[2].effect.value, -0.15, 1e-12);
    EXPECT_EQ(result->pairs[0].quality[2].verdict, Verdict::worse);
    EXPECT_NEAR(result->pairs[0].quality[0].effect.value, 1.1, 1e-9);
    EXPECT_EQ(result->pairs[0].quality[0].verdict, Verdict::worse);
}

TEST(CompareModels, TheVerySameModelIsEquivalentOnAText) {
    DuelData duel = make_duel({});
    std::vector<Contender> contenders = duel.contenders();
    TextScore base;
    base.perplexity = {10.0, {9.0, 11.0}};
    TextScore same = base;
    same.ln_ppl_ratio = Estimate{1e-5, {0.0, 2e-5}};
    same.kl_mean = Estimate{2e-6, {1e-6, 3e-6}};  // the base's probabilities are rounded to 16 bits
    same.same_top = Estimate{1.0, {1.0, 1.0}};
    contenders[0].text = &base;
    contenders[1].text = &same;
    const auto result = compare_models(contenders, quick());
    ASSERT_TRUE(result);
    for (const Comparison& one : result->pairs[0].quality) {
        EXPECT_EQ(one.verdict, Verdict::equivalent) << one.metric->name;
    }
}

TEST(BreakEven, IsTheMakingOverWhatAPromptSaves) {
    Duel plan;
    plan.effect = 0.5;
    plan.noise = 0.0;
    const DuelData duel = make_duel(plan);
    std::vector<Contender> contenders = duel.contenders();
    contenders[1].making_wh = 6.0;
    const auto result = compare_models(contenders, quick());
    // 1.2 s and 0.6 s a prompt at 10 W.
    EXPECT_NEAR(result->pairs[0].break_even_prompts.value(), 6.0 / (0.6 / 360.0), 1e-6);
    contenders[1].making_wh.reset();
    EXPECT_FALSE(compare_models(contenders, quick())->pairs[0].break_even_prompts);
}

TEST(Pareto, MarksWhoIsBeatenByNobody) {
    std::vector<ParetoPoint> points = {{0, {1.0, {}}, {80.0, {}}, false},
                                       {1, {0.5, {}}, {70.0, {}}, false},
                                       {2, {0.6, {}}, {65.0, {}}, false},
                                       {3, {1.0, {}}, {80.0, {}}, false}};
    mark_front(points);
    EXPECT_TRUE(points[0].on_front);
    EXPECT_TRUE(points[1].on_front);
    EXPECT_FALSE(points[2].on_front);
    EXPECT_TRUE(points[3].on_front);
}

TEST(YearOfUse, MultipliesOut) {
    Use use;
    use.prompts_per_day = 200;
    use.price_per_kwh = 0.30;
    use.battery_wh = 50;
    use.co2_g_per_kwh = 400;
    const YearOfUse year = year_of_use({0.1, {0.05, 0.2}}, use);
    EXPECT_NEAR(year.kwh.value, 7.305, 1e-9);
    EXPECT_NEAR(year.price->value, 2.1915, 1e-9);
    EXPECT_NEAR(year.co2_kg->ci95.high, 5.844, 1e-9);
    EXPECT_NEAR(year.prompts_per_charge->ci95.low, 250.0, 1e-9);
    EXPECT_NEAR(year.prompts_per_charge->ci95.high, 1000.0, 1e-9);
}

}  // namespace
}  // namespace landauer
