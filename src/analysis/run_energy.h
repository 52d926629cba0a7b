// Joules of one run by more than one meter, side by side and never added.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "analysis/run_analysis.h"

namespace landauer {

// The meters that the user named for the run (--meter), in that order, then "external" for
// recordings attached afterwards; empty: none named, any will do.
// "none" stands for itself, and no meter has that name: a run without joules.
[[nodiscard]] std::vector<std::string> named_meters(const RunRecord& run);

// Totals over the ladder by each meter that has rails of its own; empty when fewer than two have.
[[nodiscard]] std::vector<MeterTotals> totals_by_meter(const RunData& data, std::span<const IdleBaseline> idle,
                                                       std::span<const std::string> meters,
                                                       const AnalysisOptions& options);

}  // namespace landauer
