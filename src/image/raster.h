// Polygons with exact area coverage, painted over an 8-bit picture.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/image.h"

namespace landauer {

struct Point {
    double x = 0.0;
    double y = 0.0;
};
using Contour = std::vector<Point>;  // closed by itself
using Shape = std::vector<Contour>;

// sRGB code values, 0 to 255.
struct Colour {
    double r = 0.0;
    double g = 0.0;
    double b = 0.0;
    double alpha = 1.0;
    bool glows = false;  // shines by itself: neither lit nor shaded
};

[[nodiscard]] constexpr Colour hex(std::uint32_t code) {
    return {static_cast<double>(code >> 16U & 255U), static_cast<double>(code >> 8U & 255U),
            static_cast<double>(code & 255U)};
}
[[nodiscard]] constexpr Colour with_alpha(Colour colour, double alpha) {
    colour.alpha = alpha;
    return colour;
}
[[nodiscard]] constexpr Colour glowing(Colour colour) {
    colour.glows = true;
    return colour;
}
// a at t = 0, b at t = 1.
[[nodiscard]] constexpr Colour mix(Colour a, Colour b, double t) {
    return {a.r + (b.r - a.r) * t, a.g + (b.g - a.g) * t, a.b + (b.b - a.b) * t, a.alpha + (b.alpha - a.alpha) * t,
            a.glows || b.glows};
}
[[nodiscard]] constexpr Colour darker(Colour colour, double by) {
    return mix(colour, with_alpha({}, colour.alpha), by);
}
[[nodiscard]] constexpr Colour lighter(Colour colour, double by) {
    return mix(colour, {255, 255, 255, colour.alpha}, by);
}

// From one colour at `from` to another at `to`, in pixels; along a line, or with the distance from `from`.
struct Gradient {
    Point from;
    Point to;
    Colour first;
    Colour last;
    bool radial = false;
    double flatten = 1.0;  // radial: the height of its ellipse over the width
};

// A contour's winding decides what is inside: overlapping contours of one sense are one area, contours of the
// other sense are holes. Exact to the last bit on every machine with IEEE doubles.
class Canvas {
   public:
    explicit Canvas(ImageSize size);
    [[nodiscard]] ImageSize size() const { return image_.size; }
    void fill(const Shape& shape, Colour colour);
    void fill(const Shape& shape, const Gradient& gradient);
    [[nodiscard]] RgbImage take() { return std::move(image_); }

   private:
    struct Edge {
        Point top;
        Point bottom;
        double slope;  // dx / dy
        double sense;  // +1 downwards, -1 upwards
    };
    template <class ColourAt>
    void paint(const Shape& shape, ColourAt colour_at);
    void collect_edges(const Shape& shape);
    void add_edge(Point a, Point b);
    void cover_row(const Edge& edge, double row);
    template <class ColourAt>
    void blend_row(std::int32_t row, ColourAt colour_at);

    RgbImage image_;
    std::vector<Edge> edges_;
    std::vector<std::size_t> active_;
    std::vector<double> cover_;  // of the row at hand: differences from pixel to pixel
    std::int32_t first_ = 0;     // touched part of cover_
    std::int32_t last_ = 0;
};

}  // namespace landauer
