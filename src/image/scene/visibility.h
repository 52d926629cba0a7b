// What of a scene the viewer really sees: inside the picture, and not behind something else.
#pragma once

#include <vector>

#include "image/scene/model.h"

namespace landauer::scene {

// A rectangle that faces the viewer; places in parts of the essential picture (the one of 4:3), from its left and top.
struct Box {
    double left = 0.0;
    double top = 0.0;
    double right = 0.0;
    double bottom = 0.0;
    double z = 0.0;  // metres from the viewer
    [[nodiscard]] double middle() const { return (left + right) / 2; }
};

[[nodiscard]] Box box_of(const Vehicle& vehicle);
[[nodiscard]] Box box_of(const Rider& rider);
[[nodiscard]] Box box_of(const Person& person);
[[nodiscard]] Box box_of(const Sign& sign);      // its plate
[[nodiscard]] Box box_of(const Signal& signal);  // its lamps
[[nodiscard]] Box box_of_clock();
[[nodiscard]] Box box_of_shop_name(const House& house, bool left);  // of the house at the corner

// The part of the box that can be seen, 0 to 1.
[[nodiscard]] double visible_part(const Model& model, const Box& box);

// Enough of it to be named.
[[nodiscard]] inline bool is_seen(const Model& model, const Box& box) { return visible_part(model, box) >= 0.6; }

// Of a list, what the viewer can tell; beyond 55 m it is only traffic.
template <class Thing>
std::vector<Thing> told(const Model& model, const std::vector<Thing>& list) {
    std::vector<Thing> seen;
    for (const Thing& thing : list) {
        const Box box = box_of(thing);
        if (box.z < 55 && is_seen(model, box)) {
            seen.push_back(thing);
        }
    }
    return seen;
}

}  // namespace landauer::scene
