#include "analysis/target_error.h"

#include <gmock/gmock.h>

namespace landauer {
namespace {

using testing::HasSubstr;

// One prompt of 100 J: its spread, what repeats, and the half-width it has.
struct Made {
    RunData data;
    std::vector<PromptFigures> prompts;
    std::vector<TrialNet> trials;

    void add(const std::string& id, double sd, ErrorParts parts, double half) {
        TrialRecord record;
        record.prompt_id = id;
        data.trials.push_back(record);
        TrialNet net;
        net.index = data.trials.size() - 1;
        net.errors["net_energy_j"] = parts;
        trials.push_back(net);
        PromptFigures figures;
        figures.prompt_id = id;
        figures.figures["net_energy_j"] = {100.0, {100.0 - half, 100.0 + half}};
        if (sd > 0.0) {
            figures.sd["net_energy_j"] = sd;
        }
        prompts.push_back(figures);
    }
    [[nodiscard]] std::vector<ReachableError> errors(double target) const {
        return reachable_errors(prompts, trials, data, target);
    }
};

TEST(TargetError, CountsTheRepetitionsItTakes) {
    Made made;
    made.add("P1", 5.0, {0.0, 0.0, 0.0}, 6.0);
    made.add("P2", 5.0, {1.0, 1.0, 0.0, 0.5}, 6.0);
    made.add("P3", 0.0, {0.0, 0.0, 8.0}, 8.0);  // one repetition: its own error
    const auto errors = made.errors(0.02);
    ASSERT_EQ(errors.size(), 3U);
    EXPECT_EQ(errors[0].n_needed, 25);  // (1.96 x 5 / 2)^2 = 24.01
    EXPECT_DOUBLE_EQ(errors[0].relative, 0.06);
    EXPECT_EQ(errors[1].n_needed, 55);  // 96.04 / (4 - 1.25 - 1)
    EXPECT_EQ(errors[2].n_needed, 16);
    const auto caveat = target_error_caveat(errors, 0.02);
    ASSERT_TRUE(caveat);
    EXPECT_THAT(caveat->sentence, HasSubstr("known to 2 % for 0 of 3 prompts"));
    EXPECT_THAT(caveat->remedy, HasSubstr("-r 55"));
}

TEST(TargetError, SaysWhenRepetitionsCannotHelp) {
    Made idle;
    idle.add("P1", 1.0, {3.0, 0.5, 0.0}, 4.0);
    const auto by_idle = target_error_caveat(idle.errors(0.02), 0.02);
    ASSERT_TRUE(by_idle);
    EXPECT_EQ(by_idle->severity, Severity::warning);
    EXPECT_THAT(by_idle->sentence, HasSubstr("idle power alone leaves 3 %"));
    EXPECT_THAT(by_idle->remedy, HasSubstr("--idle"));
    Made gain;
    gain.add("P1", 1.0, {0.5, 5.0, 0.0}, 6.0);
    EXPECT_THAT(target_error_caveat(gain.errors(0.02), 0.02)->sentence,
                HasSubstr("the meter's accuracy alone leaves 5 %"));
}

TEST(TargetError, IsMetOrNotAsked) {
    Made made;
    made.add("P1", 0.5, {0.0, 0.0, 0.0}, 1.0);
    EXPECT_THAT(target_error_caveat(made.errors(0.02), 0.02)->remedy, HasSubstr("Nothing more"));
    EXPECT_FALSE(target_error_caveat({}, 0.02)) << "a run without joules";
    RunRecord run;
    EXPECT_FALSE(asked_error(run));
    run.settings["target_error"] = "2";
    EXPECT_EQ(asked_error(run), 0.02);
    run.settings["target_error"] = "soon";
    EXPECT_FALSE(asked_error(run));
}

}  // namespace
}  // namespace landauer
