// What a picture costs the fake engine: one token for so many pixels, between the user's limits.
#pragma once

#include "engine/engine.h"
#include "vision/vision.h"

namespace landauer {

[[nodiscard]] ImageCost fake_image_cost(const FakeModel& model, const ImageLimits& limits, ImageSize size);
// Where the fake's clamp binds; nothing without one.
[[nodiscard]] std::optional<Knee> fake_knee(const FakeModel& model, const ImageLimits& limits, double aspect);

}  // namespace landauer
