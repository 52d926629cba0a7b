// From an effect with its interval to one word.
#pragma once

#include <span>
#include <vector>

#include "analysis/compare/cluster_bootstrap.h"
#include "analysis/compare/compare.h"

namespace landauer {

// Holm's step-down adjustment (1979): the same order, each at most 1.
[[nodiscard]] std::vector<double> holm(std::span<const double> p);

// A comparison without its levels: `clustered` is of logarithms for a ratio.
[[nodiscard]] Comparison comparison_of(const Metric& metric, EffectScale scale, const Clustered& clustered);

// Equivalent when the 90 % interval lies within the margin; better or worse when the adjusted p is below 5 % and the
// 95 % interval leaves out no change.
[[nodiscard]] Verdict verdict_of(const Comparison& comparison, const CompareOptions& options);

// Adjusts p over all of them, then says the verdicts.
void judge_all(std::span<Comparison* const> comparisons, const CompareOptions& options);

}  // namespace landauer
