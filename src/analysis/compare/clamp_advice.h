// Which clamp on image tokens still answers as well as the widest one that was measured.
#pragma once

#include <landauer/error.h>
#include <landauer/law_card.h>

#include <cstdint>
#include <span>
#include <vector>

#include "analysis/compare/compare.h"
#include "analysis/run_analysis.h"

namespace landauer {

struct ClampAnswers {
    std::int32_t max_tokens = 0;  // 0: the projector's own
    Estimate accuracy_change;     // points against the widest, over the pictures that the clamp makes smaller
    int n_pictures = 0;           // of those; 0: nothing to judge by
    bool not_worse = false;       // the 90 % interval ends above minus the margin: not inferior at 5 %
};

struct ClampAdvice {
    double margin = 0.0;               // points
    std::vector<ClampAnswers> clamps;  // widest first, which changes nothing against itself
    std::int32_t advised = 0;          // tokens of the narrowest that is not worse; 0: only the widest is safe
};

// Runs of one model with one picture that differ in the clamp, each with scores of the same references: the newest of
// a clamp counts. Invalid: fewer than two such runs.
[[nodiscard]] Result<ClampAdvice> advise_clamp(std::span<const RunAnalysis> runs, const CompareOptions& options);

}  // namespace landauer
