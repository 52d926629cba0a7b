// Contours of simple things, all of one sense (unlike their holes).
#pragma once

#include "image/raster.h"

namespace landauer::scene {

// The point of the unit circle at a fraction of a turn; without the mathematical library, whose last bits differ.
[[nodiscard]] Point on_circle(double turn);

[[nodiscard]] Contour rectangle(double left, double bottom, double right, double top);
[[nodiscard]] Contour rounded(double left, double bottom, double right, double top, double radius);
[[nodiscard]] Contour ellipse(double x, double y, double radius_x, double radius_y);
[[nodiscard]] Contour circle(double x, double y, double radius);
// From one fraction of a turn to another; open, for stroke().
[[nodiscard]] Contour arc(double x, double y, double radius_x, double radius_y, double from, double to);
[[nodiscard]] Contour regular(double x, double y, double radius, int corners, double first_turn);
// Through all the points, closed, without corners.
[[nodiscard]] Contour smooth(const Contour& through);
// A line of a width with round ends and joints.
[[nodiscard]] Shape stroke(const Contour& line, double width);
// From a width at the first point to another at the last.
[[nodiscard]] Shape tapered(Point from, Point to, double first_width, double last_width);
[[nodiscard]] Contour reversed(Contour contour);
[[nodiscard]] Contour moved(Contour contour, double x, double y);
[[nodiscard]] Contour scaled(Contour contour, double x, double y);
// The contour turned so that it counts positive.
[[nodiscard]] Contour oriented(Contour contour);

}  // namespace landauer::scene
