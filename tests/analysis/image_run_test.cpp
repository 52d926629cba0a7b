// A run of pictures: Law 2 of every cost, and clamps fitted together.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "analysis/figures.h"
#include "analysis/run_analysis.h"
#include "analysis/run_image_laws.h"

namespace landauer {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kSecond = 1'000'000'000;

// Sizes of a clamp at `most` tokens of 784 pixels: encode 20 ms a token, image prefill 10 ms a token, 0.5 s of text.
RunData image_run(std::int64_t most, std::int64_t id = 1) {
    RunData data;
    data.run.id = id;
    data.run.model.name = "Planted";
    data.run.model.sha256 = "a";
    data.run.protocol = "quick";
    data.run.settings = {{"image_max_tokens", std::to_string(most)},
                         {"predicted_knee_px", std::to_string(most * 784)},
                         {"image", "traffic scene 1"}};
    std::int64_t t = kSecond;
    for (int i = 0; i < 16; ++i) {
        const double wanted = 12.0 * std::pow(1.3, i);
        const auto tokens = std::min(static_cast<std::int64_t>(std::lround(wanted)), most);
        TrialRecord trial;
        trial.id = i + 1;
        trial.run_id = id;
        trial.session_id = 1;
        trial.image.width = static_cast<std::int32_t>(std::lround(28.0 * std::sqrt(wanted)));
        trial.image.height = trial.image.width;
        trial.image.n_tokens = tokens;
        trial.image.effective_px = tokens * 784;
        trial.image.n_slices = 1;
        trial.prompt_id = std::to_string(trial.image.width) + "x" + std::to_string(trial.image.height);
        trial.key = trial.prompt_id + "/r0";
        trial.n_prompt = tokens + 20;
        trial.n_gen = 8;
        trial.begin_ns = t;
        const double wobble = 1.0 + 0.004 * ((i * 7) % 5 - 2);
        const auto add = [&](PhaseKind kind, double seconds, std::int64_t n) {
            const auto length = static_cast<std::int64_t>(seconds * wobble * 1e9);
            trial.phases.push_back({kind, t, t + length, n});
            t += length;
        };
        add(PhaseKind::image_preprocess, 1e-9 * static_cast<double>(trial.image.width * trial.image.height), 0);
        add(PhaseKind::image_encode, 0.02 * static_cast<double>(tokens), tokens);
        add(PhaseKind::image_prefill, 0.01 * static_cast<double>(tokens), tokens);
        add(PhaseKind::prefill, 0.2, 20);
        add(PhaseKind::decode, 0.3, 7);
        trial.end_ns = t;
        t += kSecond;
        trial.figures = trial_figures({}, trial);
        data.trials.push_back(trial);
    }
    return data;
}

AnalysisOptions quick() {
    AnalysisOptions options;
    options.bootstrap = 200;
    return options;
}

const Law2& law_of(const RunAnalysis& run, const std::string& y) {
    return *std::find_if(run.image_laws.begin(), run.image_laws.end(), [&](const Law2& law) { return law.y == y; });
}

TEST(ImageRun, FindsThePlantedKneeAndSlopes) {
    const RunData data = image_run(200);
    ASSERT_TRUE(is_image_run(data));
    const RunAnalysis run = analyse_run(data, quick()).value();
    EXPECT_TRUE(run.laws.empty());
    EXPECT_EQ(run.prompts.size(), 16U);
    EXPECT_TRUE(std::is_sorted(run.prompts.begin(), run.prompts.end(), [](const auto& a, const auto& b) {
        return a.image.width < b.image.width;
    })) << "sizes come in order";
    const Law2& encode = law_of(run, "encode_s");
    EXPECT_NEAR(encode.card.predict_image(100.0).value, 2.0, 0.03);
    const Law2& seconds = law_of(run, "seconds");
    ASSERT_TRUE(seconds.check);
    EXPECT_TRUE(seconds.check->inside) << seconds.headline();
    ASSERT_TRUE(seconds.on_nominal_px && seconds.on_nominal_px->knee);
    EXPECT_TRUE(seconds.on_nominal_px->knee->flat_above());
    EXPECT_EQ(seconds.card.scope.at("clamp"), "--image-max-tokens 200");
    EXPECT_EQ(seconds.card.scope.at("n_text"), "20");
    EXPECT_EQ(seconds.card.scope.at("n_out"), "8");
}

TEST(ImageRun, ClampsOfOneModelAreFittedTogether) {
    const RunData wide = image_run(240, 1);
    const RunData narrow = image_run(90, 2);
    RunData other = image_run(150, 3);
    other.run.model.sha256 = "b";
    const std::vector<RunAnalysis> runs = {analyse_run(wide, quick()).value(), analyse_run(narrow, quick()).value(),
                                           analyse_run(other, quick()).value()};
    const auto together = fit_clamp_laws(runs, quick());
    ASSERT_EQ(together.size(), 1U);
    ASSERT_EQ(together[0].runs.size(), 2U);
    EXPECT_EQ(together[0].runs[0]->data->run.id, 2) << "narrowest first";
    ASSERT_FALSE(together[0].laws.empty());
    const JointLaw2& law = together[0].laws.front();
    EXPECT_EQ(law.y, "seconds");
    ASSERT_EQ(law.knees.size(), 2U);
    EXPECT_TRUE(law.knees[0].inside && law.knees[1].inside);
    EXPECT_NEAR(law.knees[1].knee_px.value / law.knees[0].knee_px.value, 240.0 / 90.0, 0.2);
    EXPECT_LT(law.common_knee_p, 0.01);
}

TEST(ImageRun, TextRunsHaveNone) {
    RunData data = image_run(200);
    for (TrialRecord& trial : data.trials) {
        trial.image = {};
    }
    EXPECT_FALSE(is_image_run(data));
    EXPECT_TRUE(analyse_run(data, quick()).value().image_laws.empty());
}

}  // namespace
}  // namespace landauer
