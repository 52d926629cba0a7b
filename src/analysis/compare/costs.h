// The costs of two runs, metric by metric.
#pragma once

#include <vector>

#include "analysis/compare/compare.h"
#include "analysis/compare/pairs.h"

namespace landauer {

// One comparison for each cost that both runs have, in the metric table's order, not yet judged. Pairs in which one
// side is not above 0 are left out of that metric (net joules can be); it needs half of them.
[[nodiscard]] std::vector<Comparison> compare_costs(const RunAnalysis& base, const RunAnalysis& candidate,
                                                    const Pairing& pairing, const CompareOptions& options);

// Mean over prompts of the run's means, with the interval that its repetitions give: of those prompts alone.
[[nodiscard]] Estimate level_of(const RunAnalysis& run, std::string_view metric, std::span<const std::string> prompts);

}  // namespace landauer
