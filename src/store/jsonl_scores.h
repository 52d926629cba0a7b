// Scores as lines of the JSONL export. A trial is named by its place among the run's trials.
#pragma once

#include <string>
#include <vector>

#include "core/records.h"
#include "store/jsonl_names.h"

namespace landauer::jsonl {

[[nodiscard]] Json scores_json(const RunScores& scores, const std::vector<TrialRecord>& trials);
[[nodiscard]] Json text_score_json(const TextScore& score);

// Both throw std::exception on anything that the functions above did not write.
[[nodiscard]] RunScores scores_of(const Json& json, const std::vector<TrialRecord>& trials);
[[nodiscard]] TextScore text_score_of(const Json& json, const std::string& model_sha256);

}  // namespace landauer::jsonl
