// Stored answers against references; never runs the model that gave them.
#pragma once

#include <landauer/error.h>

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/records.h"
#include "core/scores.h"
#include "engine/embedder.h"
#include "score/references.h"

namespace landauer {

enum class ReferenceRule : unsigned char { best, mean };

struct ScoreOptions {
    ReferenceRule rule = ReferenceRule::best;
    std::string embedder_sha256;
};

// One RunScores a run, in order. `embedder` may be null: exact match, keywords and defects alone. Every text is
// embedded once. Grade C trials are scored too: an answer does not depend on the neighbours.
// Invalid: runs of synthetic weights (their answers mean nothing); no run has an answer.
[[nodiscard]] Result<std::vector<RunScores>> score_runs(std::span<const RunData* const> runs,
                                                        const References& references, Embedder* embedder,
                                                        const ScoreOptions& options,
                                                        const std::function<bool()>& abort);

// "", "empty", "loop" (a stretch of words that comes again and again to the end), "cut-off" (the token limit came
// first).
[[nodiscard]] std::string defect_of(const std::string& answer, const std::string& stop);

}  // namespace landauer
