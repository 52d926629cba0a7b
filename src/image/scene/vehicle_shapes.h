// The outlines of vehicles, seen from their right side: x forwards from the middle, y up.
#pragma once

#include <vector>

#include "image/scene/model.h"
#include "image/scene/pen.h"

namespace landauer::scene {

// Of the outline: from one point to the next.
struct Edge {
    Point to;
    bool glass = false;
};

struct BodyShape {
    double width = 1.8;
    double height = 1.5;
    double wheel = 0.33;         // radius
    std::vector<double> axles;   // x
    Point foot;                  // where the outline begins: the rear's lowest point
    std::vector<Edge> outline;   // over the top to the front's lowest point
    std::vector<Contour> panes;  // side windows
    std::vector<double> doors;   // x of their joints
    double belt = 0.95;          // height of the window sills
};

[[nodiscard]] const BodyShape& shape_of(Body body);

}  // namespace landauer::scene
