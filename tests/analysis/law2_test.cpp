// Law 2: knees in pixels, none in tokens, clamps fitted together, cards, and caveats.
#include "analysis/laws/law2.h"

#include <gmock/gmock.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "image_ladders.h"

namespace landauer {
namespace {

using test::clamped;
using testing::HasSubstr;

constexpr double kCell = 28 * 28;

// Measured of an encoder: seconds by tokens.
double encode(double n) { return 0.0336 * n + 0.0000363 * n * n; }
double prefill(double n) { return 0.2 + 0.017 * n; }

Law2Request request(std::optional<double> predicted = std::nullopt) {
    Law2Request r;
    r.y = "image_encode_s";
    r.y_unit = "s";
    r.predicted_knee_px = predicted;
    r.bootstrap = 200;
    r.simulations = 199;
    r.scope = {{"model", "planted"}, {"image_max_tokens", "256"}};
    return r;
}

bool has(const std::vector<Caveat>& caveats, const char* code) {
    return std::any_of(caveats.begin(), caveats.end(), [&](const Caveat& c) { return c.code == code; });
}

TEST(Law2, EncodeHasItsKneeInPixelsAndACurveInTokens) {
    const auto law = fit_law2(request(1024 * kCell), clamped(1024, 3, encode, 0.01, 1));
    ASSERT_TRUE(law);
    ASSERT_TRUE(law->on_nominal_px && law->on_nominal_px->knee && law->check);
    EXPECT_NEAR(law->check->ratio, 1.0, 0.1);
    EXPECT_EQ(law->check->clamp_px, 1024 * kCell);
    // Clamped sides are rounded down, so the plateau has fewer than 1024 tokens.
    EXPECT_LT(law->check->predicted_px, law->check->clamp_px);
    EXPECT_GT(law->check->predicted_px, 0.9 * law->check->clamp_px);
    EXPECT_NEAR(law->check->fitted_px.value, law->check->predicted_px * law->check->ratio, 1.0);
    ASSERT_TRUE(law->on_tokens && law->on_effective_px);
    EXPECT_FALSE(law->on_tokens->knee);
    EXPECT_EQ(law->on_tokens->chosen().form, SegmentedForm::quadratic);
    EXPECT_NEAR(law->on_tokens->chosen().coefficients[1].value, 0.0336, 0.002);
    EXPECT_NEAR(law->on_tokens->chosen().coefficients[2].value, 0.0000363, 3e-6);
    EXPECT_FALSE(has(law->caveats, "knee-in-tokens"));
    EXPECT_THAT(law->headline(), HasSubstr("knee at"));
    EXPECT_THAT(law->headline(), HasSubstr("predicted 0.783"));
    EXPECT_EQ(law->card.x, "image_tokens");
    EXPECT_FALSE(law->card.knee);
    ASSERT_TRUE(law->pixel_card);
    EXPECT_EQ(law->pixel_card->x, "nominal_px");
    EXPECT_TRUE(law->pixel_card->knee);
}

TEST(Law2, PredictedKneeLiesInsideInNearlyEverySeedOnTheGrid) {
    int inside = 0;
    int flat = 0;
    int left = 0;
    const int seeds = 100 / test::kSeedShare;
    for (int seed = 0; seed < seeds; ++seed) {
        const double tokens = 150 + 8 * seed;  // where the steps of the grid fall changes with the clamp
        const auto law = fit_law2(request(tokens * kCell),
                                  clamped(tokens, 1 + seed % 3, prefill, 0.02, static_cast<std::uint64_t>(seed)));
        ASSERT_TRUE(law);
        ASSERT_TRUE(law->check) << seed;
        inside += law->check->inside ? 1 : 0;
        flat += law->on_nominal_px->knee->flat_above() ? 1 : 0;
        left += law->on_tokens->knee ? 1 : 0;
        EXPECT_NEAR(law->check->ratio, 1.0, 0.25) << seed;
    }
    RecordProperty("inside", inside);
    EXPECT_GE(inside, 85 * seeds / 100);
    EXPECT_GE(flat, 85 * seeds / 100);
    EXPECT_LE(left, 8 * seeds / 100);
}

TEST(Law2, AFamilyWithoutAKneeIsSaidToHaveNone) {
    std::mt19937_64 random(2);
    std::vector<ImageCase> cases;
    for (const double px : test::sizes_round(1e6)) {
        cases.push_back({1088, 1088 * 1024, px, 12, 16, 4.2 * (1 + 0.01 * test::normal(random))});
    }
    const auto law = fit_law2(request(), cases);
    ASSERT_TRUE(law);
    ASSERT_TRUE(law->on_nominal_px);
    EXPECT_FALSE(law->on_nominal_px->knee);
    EXPECT_FALSE(law->on_tokens);
    EXPECT_FALSE(law->check);
    EXPECT_EQ(law->on_nominal_px->chosen().form, SegmentedForm::constant);
    EXPECT_THAT(law->headline(), HasSubstr("no knee (p ="));
    EXPECT_THAT(law->headline(), HasSubstr("constant"));
    EXPECT_EQ(law->card.x, "nominal_px");
    EXPECT_FALSE(law->pixel_card);
    EXPECT_TRUE(law->caveats.empty());
}

TEST(Law2, AKneeLeftInTokensIsACaveat) {
    const auto law = fit_law2(request(1024 * kCell),
                              clamped(1024, 3, [](double n) { return 1 + 0.02 * std::min(n, 300.0); }, 0.01, 3));
    ASSERT_TRUE(law && law->on_tokens->knee);
    EXPECT_TRUE(has(law->caveats, "knee-in-tokens"));
    EXPECT_TRUE(has(law->caveats, "knee-off"));
    EXPECT_FALSE(law->check->inside);
}

TEST(Law2, MissingAndUnpredictedKneesAreCaveats) {
    std::mt19937_64 random(4);
    std::vector<ImageCase> line;
    for (const double px : test::sizes_round(1e6)) {
        line.push_back({px / kCell, px, px, 12, 16, (0.3 + 2e-6 * px) * (1 + 0.01 * test::normal(random))});
    }
    const auto missing = fit_law2(request(1e6), line);
    ASSERT_TRUE(missing);
    EXPECT_TRUE(has(missing->caveats, "knee-missing"));
    const auto outside = fit_law2(request(1e8), line);
    ASSERT_TRUE(outside);
    EXPECT_TRUE(has(outside->caveats, "knee-out-of-range"));
    EXPECT_FALSE(has(outside->caveats, "knee-missing"));
    const auto surprise = fit_law2(request(), clamped(1024, 2, encode, 0.01, 4));
    ASSERT_TRUE(surprise);
    EXPECT_TRUE(has(surprise->caveats, "knee-not-predicted"));
}

TEST(Law2, PreprocessingIsALawOfTheFile) {
    std::vector<ImageCase> cases = clamped(1024, 2, encode, 0.0, 5);
    std::mt19937_64 random(5);
    for (ImageCase& c : cases) {
        c.y = (0.002 + 4e-9 * c.nominal_px) * (1 + 0.02 * test::normal(random));
    }
    Law2Request r = request(1024 * kCell);
    r.primary = ImageVariable::nominal_px;
    const auto law = fit_law2(r, cases);
    ASSERT_TRUE(law);
    EXPECT_EQ(law->card.x, "nominal_px");
    EXPECT_FALSE(law->card.knee);
    EXPECT_EQ(law->on_nominal_px->chosen().form, SegmentedForm::linear);
    EXPECT_FALSE(has(law->caveats, "knee-missing"));
}

TEST(Law2, TextsOfSeveralLengthsAreACaveat) {
    std::vector<ImageCase> cases = clamped(256, 1, encode, 0.01, 6);
    EXPECT_FALSE(has(fit_law2(request(256 * kCell), cases)->caveats, "text-varies"));
    cases.front().n_out += 1;
    EXPECT_TRUE(has(fit_law2(request(256 * kCell), cases)->caveats, "text-varies"));
}

TEST(Law2, RefusesLaddersOfTwoSizes) {
    const std::vector<ImageCase> two = {{64, 64 * kCell, 5e4, 1, 1, 1}, {128, 128 * kCell, 1e5, 1, 1, 2}};
    for (const std::vector<ImageCase>& cases : {std::vector<ImageCase>{}, two}) {
        const auto law = fit_law2(request(), cases);
        ASSERT_FALSE(law);
        EXPECT_EQ(law.error().kind, ErrorKind::Invalid);
        EXPECT_THAT(law.error().sentence, HasSubstr("image_encode_s"));
        EXPECT_FALSE(law.error().remedy.empty());
    }
}

TEST(Law2, CardsGoThroughJsonAndPredict) {
    const auto law = fit_law2(request(256 * kCell), clamped(256, 3, encode, 0.01, 7));
    ASSERT_TRUE(law && law->pixel_card);
    for (const LawCard& card : {law->card, *law->pixel_card}) {
        const auto read = law_card_from_json(to_json(card));
        ASSERT_TRUE(read) << read.error().sentence;
        EXPECT_EQ(*read, card);
        EXPECT_EQ(card.law, "law2");
        EXPECT_EQ(card.scope.at("image_max_tokens"), "256");
        EXPECT_EQ(card.covariance.size(), card.terms.size() + (card.knee ? 1 : 0));
    }
    const Estimate at = law->card.predict_image(200);
    EXPECT_NEAR(at.value, encode(200), 0.02 * encode(200));
    EXPECT_LT(at.ci95.low, at.value);
    EXPECT_GT(at.ci95.high, at.value);
    const Estimate plateau = law->pixel_card->predict_image(1e7);
    EXPECT_EQ(plateau, law->pixel_card->predict_image(2e7));
    EXPECT_NEAR(plateau.value, encode(250), 0.1 * encode(250));
}

TEST(Law2, PredictionsCoverThePlantedPlateau) {
    int covered = 0;
    const int seeds = 200 / test::kSeedShare;
    for (int seed = 0; seed < seeds; ++seed) {
        std::mt19937_64 random(static_cast<std::uint64_t>(seed));
        std::vector<ImageCase> cases;
        for (const double px : test::sizes_round(1e6)) {
            cases.push_back({1, 1, px, 1, 1, (0.3 + 2e-6 * std::min(px, 1e6)) * (1 + 0.02 * test::normal(random))});
        }
        const auto law = fit_law2(request(1e6), cases);
        ASSERT_TRUE(law);
        const Interval ci = law->card.predict_image(3e6).ci95;
        covered += ci.low <= 2.3 && 2.3 <= ci.high ? 1 : 0;
    }
    EXPECT_NEAR(static_cast<double>(covered) / seeds, 0.95, 0.045 * std::sqrt(test::kSeedShare));
}

std::vector<ClampLadder> ladders(const std::vector<double>& knees, double curve, int repetitions, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<ClampLadder> out;
    for (const double knee : knees) {
        ClampLadder ladder{"clamp " + std::to_string(out.size()), knee, {}};
        for (const double px : test::sizes_round(knee)) {
            for (int r = 0; r < repetitions; ++r) {
                ImageCase c;
                c.nominal_px = px;
                const double m = std::min(px, knee);
                c.y = (0.3 + 2e-6 * m + curve * m * m) * (1 + 0.02 * test::normal(random));
                ladder.cases.push_back(c);
            }
        }
        out.push_back(std::move(ladder));
    }
    return out;
}

TEST(JointClamps, EachKneeIsWhereItWasPlanted) {
    const auto fit = fit_joint(request(), ladders({2e5, 8e5, 3.2e6}, 1e-12, 3, 1));
    ASSERT_TRUE(fit);
    EXPECT_EQ(fit->form, SegmentedForm::hinge_curve);
    EXPECT_NEAR(fit->coefficients[1].value, 2e-6, 1e-7);
    EXPECT_NEAR(fit->coefficients[2].value, 1e-12, 1e-13);
    ASSERT_EQ(fit->knees.size(), 3U);
    for (const ClampKnee& knee : fit->knees) {
        EXPECT_NEAR(knee.ratio, 1.0, 0.05) << knee.clamp;
        EXPECT_NEAR(knee.ratio * *knee.predicted_px, knee.knee_px.value, 1e-6 * knee.knee_px.value);
    }
    EXPECT_LT(fit->common_knee_p, 1e-6);
    EXPECT_EQ(fit->n_trials, 180);
    EXPECT_TRUE(fit->caveats.empty());
}

TEST(JointClamps, IntervalsHoldThePlantedKnees) {
    int inside = 0;
    int together = 0;
    const int seeds = 150 / test::kSeedShare;
    for (int seed = 0; seed < seeds; ++seed) {
        const auto number = static_cast<std::uint64_t>(seed);
        const auto fit = fit_joint(request(), ladders({2e5, 8e5, 3.2e6}, 0.0, 1, number));
        const auto same = fit_joint(request(), ladders({8e5, 8e5, 8e5}, 0.0, 1, number));
        ASSERT_TRUE(fit && same);
        EXPECT_LT(fit->common_knee_p, 0.01);
        together += same->common_knee_p < 0.05 ? 1 : 0;
        for (const ClampKnee& knee : fit->knees) {
            inside += knee.inside ? 1 : 0;
        }
    }
    EXPECT_NEAR(inside / 3.0 / seeds, 0.95, 0.035 * std::sqrt(test::kSeedShare));
    EXPECT_NEAR(static_cast<double>(together) / seeds, 0.05, 0.06 * std::sqrt(test::kSeedShare));
}

TEST(JointClamps, AKneeThatIsNotReachedHasNoUpperBound) {
    std::vector<ClampLadder> all = ladders({2e5, 8e5, 3.2e6}, 0.0, 2, 3);
    std::erase_if(all[2].cases, [](const ImageCase& c) { return c.nominal_px > 2e6; });
    const auto fit = fit_joint(request(), all);
    ASSERT_TRUE(fit);
    EXPECT_TRUE(std::isinf(fit->knees[2].knee_px.ci95.high));
    EXPECT_TRUE(has(fit->caveats, "knee-not-reached"));
}

TEST(JointClamps, RefusesWhatHasNoJointAnswer) {
    const std::vector<ClampLadder> good = ladders({2e5, 8e5}, 0.0, 1, 4);
    std::vector<ClampLadder> thin = good;
    thin[1].cases.resize(2);
    std::vector<ClampLadder> flat = good;
    for (ClampLadder& ladder : flat) {
        for (ImageCase& c : ladder.cases) {
            c.y = 2.0;
        }
    }
    const auto refused = [](const std::vector<ClampLadder>& l) {
        const auto fit = fit_joint(request(), l);
        return !fit && fit.error().kind == ErrorKind::Invalid && !fit.error().remedy.empty();
    };
    EXPECT_TRUE(refused({}));
    EXPECT_TRUE(refused({good[0]}));
    EXPECT_TRUE(refused(thin));
    EXPECT_TRUE(refused(flat));
    EXPECT_THAT(fit_joint(request(), thin).error().sentence, HasSubstr("clamp 1"));
}

}  // namespace
}  // namespace landauer
