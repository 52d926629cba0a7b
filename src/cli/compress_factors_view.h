// What `landauer compress --format factors` shows: ranks by matrix, and what came of them.
#pragma once

#include <string>

#include "cli/compress_view.h"
#include "compress/pipeline.h"

namespace landauer {

// A layer a line: the rank of each matrix that has a lower one, neurons and head groups.
[[nodiscard]] std::string factors_text(const Profile& profile, const FactorChoice& choice);
[[nodiscard]] std::string factors_outcome_text(const CompressOutcome& outcome);
[[nodiscard]] std::string factors_json(const Profile& profile, const FactorChoice& choice,
                                       const CompressOutcome& outcome);

}  // namespace landauer
