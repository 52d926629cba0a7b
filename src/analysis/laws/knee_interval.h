// How well the data place a knee: by the profile of the sum of squares, and by resampling cases.
#pragma once

#include <cstdint>

#include "analysis/laws/hinge_design.h"

namespace landauer {

// Knees k with RSS(k) <= RSS(knee) (1 + F95(1, df) / df). Infinite on a side where no knee at all does as well.
[[nodiscard]] Interval profile_interval(const SegmentedData& data, bool curved);
// Expanded percentiles of the knees of `replicates` resamples of whole cases.
[[nodiscard]] Interval bootstrap_interval(const SegmentedData& data, bool curved, int replicates, std::uint32_t seed);

}  // namespace landauer
