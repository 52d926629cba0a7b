// The parts of make_model().
#pragma once

#include "image/scene/draws.h"
#include "image/scene/model.h"

namespace landauer::scene {

// Who drives and who waits follows the signals that are set already.
void place_vehicles(Draws& draws, Model& model);
void place_people(Draws& draws, Model& model);

[[nodiscard]] double length_m(Body body);

}  // namespace landauer::scene
