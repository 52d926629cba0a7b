// What the answers and the models of a comparison are worth.
#pragma once

#include <landauer/error.h>

#include <optional>
#include <string>
#include <vector>

#include "cli/analysis_output.h"
#include "cli/compare_options.h"
#include "core/scores.h"

namespace landauer {

struct ComparedScores {
    std::vector<RunScores> answers;               // one a run; empty: not scored
    std::vector<std::optional<TextScore>> texts;  // likewise
    std::vector<std::string> notes;               // why something is not there
};

[[nodiscard]] bool is_synthetic(const RunData& data);

// Answers where there are references and the weights mean something; the text where one is given.
[[nodiscard]] Result<ComparedScores> score_compared(const std::vector<AnalysedRuns>& runs, const CompareFlags& flags);

}  // namespace landauer
