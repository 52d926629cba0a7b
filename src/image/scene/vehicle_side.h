// The painted faces of a vehicle.
#pragma once

#include "image/scene/vehicle_shapes.h"

namespace landauer::scene {

// mirrored: the vehicle's nose is on the left of the plane, so that text must be turned round.
void draw_side(const Pen& pen, const Vehicle& vehicle, bool mirrored);
// u runs across the face from its middle, v up from the road.
void draw_front(const Pen& pen, const Vehicle& vehicle);
void draw_rear(const Pen& pen, const Vehicle& vehicle);

constexpr Colour kCarGlass = hex(0x2E4252);
constexpr Colour kCarGlassLight = hex(0x8FB0C2);
constexpr Colour kTyre = hex(0x26272B);

}  // namespace landauer::scene
