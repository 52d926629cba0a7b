// Is there a knee at all?
#pragma once

#include <cstdint>

#include "analysis/laws/hinge_design.h"

namespace landauer {

// Largest F over all knees, of the hinge over the smooth form inside it, against `simulations` costs without a
// knee: the smooth fit plus its own residuals, standardised and resampled. p is NaN where the sizes carry no hinge;
// 1 where the smooth form leaves nothing over.
[[nodiscard]] NoKneeTest test_no_knee(const SegmentedData& data, int simulations, std::uint32_t seed);

}  // namespace landauer
