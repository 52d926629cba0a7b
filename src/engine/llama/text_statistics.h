// From what each scored token said to a text's figures.
#pragma once

#include <cstdint>
#include <vector>

#include "core/scores.h"
#include "engine/llama/log_probs.h"

namespace landauer {

// Perplexity of a model alone.
[[nodiscard]] TextScore score_alone(const std::vector<double>& nll);

// A model against its base; its perplexity as well.
[[nodiscard]] TextScore score_against_base(const std::vector<RowComparison>& rows);

}  // namespace landauer
