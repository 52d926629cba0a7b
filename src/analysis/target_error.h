// How many repetitions would bring each prompt's net energy to an asked error.
#pragma once

#include <landauer/caveat.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/run_analysis.h"

namespace landauer {

struct ReachableError {
    std::string prompt_id;
    double relative = 0.0;        // half of the 95 % interval over the net energy, as it is
    double floor = 0.0;           // what no repetition takes away: the idle level and the meter's accuracy
    std::optional<int> n_needed;  // repetitions in all; empty: the floor lies above the target
    bool floor_is_gain = false;   // the meter's accuracy is the larger part of the floor
};

// target: a fraction, e.g. 0.02. The half-width of n repetitions is sqrt(floor^2 + (z sd)^2 / n), with
// the spread between repetitions, or the one trial's own error where there is one repetition.
// Prompts without net energy are left out.
[[nodiscard]] std::vector<ReachableError> reachable_errors(std::span<const PromptFigures> prompts,
                                                           std::span<const TrialNet> trials, const RunData& data,
                                                           double target);

// One note that says for how many prompts the target is met, and what the others need.
[[nodiscard]] std::optional<Caveat> target_error_caveat(std::span<const ReachableError> errors, double target);

// The run's --target-error as a fraction; empty when none was asked.
[[nodiscard]] std::optional<double> asked_error(const RunRecord& run);

}  // namespace landauer
