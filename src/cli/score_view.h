// Scores of runs as text: what a run's answers are worth together, and prompt by prompt.
#pragma once

#include <landauer/law_card.h>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/records.h"
#include "core/scores.h"

namespace landauer {

// A run with its scores; both outlive it.
struct ScoredRun {
    const RunData* data = nullptr;
    const RunScores* scores = nullptr;
};

// A figure over the prompts that have it: the mean of each prompt's mean, with a bootstrap interval over prompts.
struct ScoreMean {
    Estimate estimate;
    std::size_t n_prompts = 0;
};

struct ScoreSummary {
    std::optional<ScoreMean> similarity;
    std::optional<ScoreMean> exact_match;
    std::optional<ScoreMean> keyword_recall;
    std::map<std::string, std::vector<std::string>> defects;  // defect -> prompts, one entry an answer
};

[[nodiscard]] ScoreSummary summarise(const RunScores& scores);

[[nodiscard]] std::string score_table(const std::vector<ScoredRun>& runs, bool per_prompt);
[[nodiscard]] std::string score_markdown(const std::vector<ScoredRun>& runs, bool per_prompt);
[[nodiscard]] std::string score_json(const std::vector<ScoredRun>& runs);

}  // namespace landauer
