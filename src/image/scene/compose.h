// The whole scene, back to front.
#pragma once

#include "image/scene/model.h"
#include "image/scene/pen.h"

namespace landauer::scene {

// The camera under which all that is essential is seen at any aspect: wide pictures show more of the street, tall
// ones more sky and ground.
[[nodiscard]] Camera camera_for(ImageSize size);

void draw_scene(Canvas& canvas, const Model& model);

}  // namespace landauer::scene
