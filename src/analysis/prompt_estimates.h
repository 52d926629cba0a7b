// Estimates a prompt over its repetitions, and over the whole ladder.
#pragma once

#include <span>
#include <vector>

#include "analysis/run_analysis.h"

namespace landauer {

struct PromptEstimates {
    std::vector<PromptFigures> prompts;      // in ladder order
    std::map<std::string, Estimate> totals;  // over prompts with valid trials; metrics that each of them has
    std::vector<Caveat> caveats;
};

// nets: the valid trials, in an order that does not depend on that of data.trials.
[[nodiscard]] PromptEstimates estimate_prompts(const RunData& data, std::span<const TrialNet> nets,
                                               const AnalysisOptions& options);

}  // namespace landauer
