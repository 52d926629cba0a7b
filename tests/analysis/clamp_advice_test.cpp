#include "analysis/compare/clamp_advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

namespace landauer {
namespace {

using ::testing::HasSubstr;

// Runs of twelve pictures of 100 to 1200 tokens, each under a clamp, with answers that are worth what `loss` says.
struct Clamps {
    std::deque<RunData> data;
    std::vector<RunAnalysis> runs;

    void add(std::int32_t max_tokens, double loss, std::int64_t id) {
        RunData run;
        run.run.id = id;
        run.run.settings = {{"image", "scene"}, {"image_max_tokens", std::to_string(max_tokens)}};
        RunScores scores;
        scores.references_sha256 = "r";
        RunAnalysis analysis;
        for (int i = 1; i <= 12; ++i) {
            TrialRecord trial;
            trial.prompt_id = std::to_string(i);
            trial.image.width = 100 * i;
            trial.image.n_tokens = max_tokens == 0 ? 100 * i : std::min(100 * i, max_tokens);
            run.trials.push_back(trial);
            PromptFigures prompt;
            prompt.prompt_id = trial.prompt_id;
            prompt.image = trial.image;
            analysis.prompts.push_back(prompt);
            AnswerScore score;
            score.prompt_id = trial.prompt_id;
            score.similarity = 70.0 + i % 3 - (trial.image.n_tokens < 100 * i ? loss + 0.1 * (i % 2) : 0.0);
            scores.answers.push_back(score);
        }
        run.scores.push_back(scores);
        data.push_back(std::move(run));
        analysis.data = &data.back();
        runs.push_back(std::move(analysis));
    }
};

TEST(AdviseClamp, TakesTheNarrowestThatIsNotWorse) {
    Clamps clamps;
    clamps.add(0, 0.0, 1);
    clamps.add(200, 6.0, 2);
    clamps.add(400, 0.5, 3);
    clamps.add(800, 0.1, 4);
    const ClampAdvice advice = advise_clamp(clamps.runs, {}).value();
    EXPECT_EQ(advice.advised, 400);
    ASSERT_EQ(advice.clamps.size(), 4U);
    EXPECT_EQ(advice.clamps[0].max_tokens, 0);
    EXPECT_EQ(advice.clamps[1].n_pictures, 4);
    EXPECT_NEAR(advice.clamps[3].accuracy_change.value, -6.05, 0.02);
    EXPECT_FALSE(advice.clamps[3].not_worse);
}

TEST(AdviseClamp, TooFewPicturesProveNothing) {
    Clamps clamps;
    clamps.add(0, 0.0, 1);
    clamps.add(1000, 0.0, 2);
    const ClampAdvice advice = advise_clamp(clamps.runs, {}).value();
    EXPECT_EQ(advice.clamps[1].n_pictures, 2);
    EXPECT_EQ(advice.advised, 0);
}

TEST(AdviseClamp, NeedsTwoClampsThatAreScoredAlike) {
    Clamps clamps;
    clamps.add(0, 0.0, 1);
    EXPECT_THAT(advise_clamp(clamps.runs, {}).error().sentence, HasSubstr("No two clamps"));
    clamps.add(400, 0.0, 2);
    clamps.data.back().scores.front().references_sha256 = "other";
    EXPECT_FALSE(advise_clamp(clamps.runs, {}));
}

}  // namespace
}  // namespace landauer
