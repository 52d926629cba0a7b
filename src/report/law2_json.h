// Law 2 for programs: pixels and SI units as they are, null where there is none.
#pragma once

#include <nlohmann/json.hpp>

#include "analysis/laws/law2.h"

namespace landauer {

// Null for what is not a finite number.
[[nodiscard]] nlohmann::ordered_json number_json(double value);

// "metric", "form", "x", "no_knee_p", "knee_px" and its interval, "predicted_knee_px", "inside", slopes per pixel.
[[nodiscard]] nlohmann::ordered_json image_law_json(const Law2& law);
// The knee of one clamp, from the fit of all clamps together.
[[nodiscard]] nlohmann::ordered_json clamp_json(const JointLaw2& law, const ClampKnee& knee);

}  // namespace landauer
