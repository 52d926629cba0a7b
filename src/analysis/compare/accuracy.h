// What the answers of two runs are worth, prompt by prompt.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/compare/compare.h"

namespace landauer {

// Similarity, raw and with outliers removed symmetrically; not yet judged. Absent when no prompt of both is scored.
[[nodiscard]] std::optional<Accuracy> compare_accuracy(const Contender& base, const Contender& candidate,
                                                       const CompareOptions& options);

// Exact match, keyword recall and perplexity, where both have them; not yet judged.
[[nodiscard]] std::vector<Comparison> compare_quality(const Contender& base, const Contender& candidate,
                                                      const CompareOptions& options);

// Mean over those prompts of a prompt's mean similarity, bootstrapped over prompts; all prompts when none are named.
[[nodiscard]] std::optional<Estimate> accuracy_of(const RunScores& scores, const CompareOptions& options);

// Mean similarity over the repetitions of each prompt that is scored.
[[nodiscard]] std::map<std::string, double> similarity_by_prompt(const RunScores& scores);

}  // namespace landauer
