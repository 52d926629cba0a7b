#include "image/raster.h"

#include <algorithm>
#include <cmath>

namespace landauer {
namespace {

// The part of a contour on one side of a line; axis 0: x, 1: y. keep_above: coordinates >= limit stay.
Contour clipped(const Contour& contour, int axis, double limit, bool keep_above) {
    const auto coordinate = [&](Point p) { return axis == 0 ? p.x : p.y; };
    const auto inside = [&](Point p) { return keep_above ? coordinate(p) >= limit : coordinate(p) <= limit; };
    Contour kept;
    for (std::size_t i = 0; i < contour.size(); ++i) {
        const Point a = contour[i];
        const Point b = contour[(i + 1) % contour.size()];
        if (inside(a)) {
            kept.push_back(a);
        }
        if (inside(a) != inside(b)) {
            const double t = (limit - coordinate(a)) / (coordinate(b) - coordinate(a));
            kept.push_back({a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t});
        }
    }
    return kept;
}

// Wholly beyond one side of the picture.
bool lies_outside(const Contour& contour, double right, double bottom) {
    Point low{right, bottom};
    Point high;
    for (const Point p : contour) {
        low = {std::min(low.x, p.x), std::min(low.y, p.y)};
        high = {std::max(high.x, p.x), std::max(high.y, p.y)};
    }
    return high.x <= 0 || high.y <= 0 || low.x >= right || low.y >= bottom;
}

std::uint8_t blended(std::uint8_t below, double above, double alpha) {
    constexpr double kHalf = 0.5;  // never below 0, so that cutting rounds
    return static_cast<std::uint8_t>(kHalf + below + (above - below) * alpha);
}

}  // namespace

Canvas::Canvas(ImageSize size)
    : image_{size, std::vector<std::uint8_t>(static_cast<std::size_t>(size.pixels()) * 3, 255)},
      cover_(static_cast<std::size_t>(size.width) + 3, 0.0) {}

void Canvas::add_edge(Point a, Point b) {
    if (a.y == b.y) {
        return;
    }
    const bool down = a.y < b.y;
    const Point top = down ? a : b;
    const Point bottom = down ? b : a;
    edges_.push_back({top, bottom, (bottom.x - top.x) / (bottom.y - top.y), down ? 1.0 : -1.0});
}

void Canvas::collect_edges(const Shape& shape) {
    edges_.clear();
    const double right = image_.size.width;
    const double bottom = image_.size.height;
    for (const Contour& contour : shape) {
        if (lies_outside(contour, right, bottom)) {
            continue;
        }
        const bool leaves = std::any_of(contour.begin(), contour.end(),
                                        [&](Point p) { return p.x < 0 || p.y < 0 || p.x > right || p.y > bottom; });
        Contour part = contour;
        if (leaves) {
            part = clipped(clipped(clipped(clipped(part, 0, 0, true), 0, right, false), 1, 0, true), 1, bottom, false);
        }
        for (std::size_t i = 0; i < part.size(); ++i) {
            add_edge(part[i], part[(i + 1) % part.size()]);
        }
    }
    std::sort(edges_.begin(), edges_.end(), [](const Edge& a, const Edge& b) { return a.top.y < b.top.y; });
}

// Adds to each pixel of the row the area between the edge and the row's right end.
void Canvas::cover_row(const Edge& edge, double row) {
    const double from = std::max(edge.top.y, row);
    const double to = std::min(edge.bottom.y, row + 1);
    const double height = (to - from) * edge.sense;
    const double limit = image_.size.width;
    double left = std::clamp(edge.top.x + (from - edge.top.y) * edge.slope, 0.0, limit);
    double right = std::clamp(edge.top.x + (to - edge.top.y) * edge.slope, 0.0, limit);
    if (left > right) {
        std::swap(left, right);
    }
    const auto first = static_cast<std::int32_t>(left);
    const auto last = static_cast<std::int32_t>(right);
    first_ = std::min(first_, first);
    last_ = std::max(last_, last + 1);
    auto cell = static_cast<std::size_t>(first);
    if (first == last) {
        const double covered = height * (1.0 - ((left + right) / 2 - first));
        cover_[cell] += covered;
        cover_[cell + 1] += height - covered;
        return;
    }
    const double per_pixel = height / (right - left);
    const double lead = first + 1 - left;
    double before = per_pixel * lead * lead / 2;
    cover_[cell] += before;
    double done = before;
    for (std::int32_t x = first + 1; x < last; ++x) {
        const double area = per_pixel * (x - left + 0.5);
        cover_[++cell] += area - done;
        done = area;
    }
    const double tail = right - last;
    const double area = per_pixel * (last - left + tail * (1.0 - tail / 2));
    cover_[++cell] += area - done;
    cover_[cell + 1] += height - area;
}

template <class ColourAt>
void Canvas::blend_row(std::int32_t row, ColourAt colour_at) {
    const std::int32_t end = std::min(last_ + 1, image_.size.width);
    std::uint8_t* pixel = image_.rgb.data() + (std::int64_t{row} * image_.size.width + first_) * 3;
    double sum = 0.0;
    for (std::int32_t x = first_; x < end; ++x, pixel += 3) {
        sum += cover_[static_cast<std::size_t>(x)];
        const double covered = std::min(std::abs(sum), 1.0);
        if (covered < 1.0 / 512) {
            continue;
        }
        const Colour colour = colour_at(x, row);
        const double alpha = colour.alpha * covered;
        pixel[0] = blended(pixel[0], colour.r, alpha);
        pixel[1] = blended(pixel[1], colour.g, alpha);
        pixel[2] = blended(pixel[2], colour.b, alpha);
    }
    std::fill(cover_.begin() + first_, cover_.begin() + std::min<std::ptrdiff_t>(last_ + 2, std::ssize(cover_)), 0.0);
}

template <class ColourAt>
void Canvas::paint(const Shape& shape, ColourAt colour_at) {
    collect_edges(shape);
    if (edges_.empty()) {
        return;
    }
    active_.clear();
    std::size_t next = 0;
    for (auto row = static_cast<std::int32_t>(edges_.front().top.y); row < image_.size.height; ++row) {
        while (next < edges_.size() && edges_[next].top.y < row + 1) {
            active_.push_back(next++);
        }
        std::erase_if(active_, [&](std::size_t i) { return edges_[i].bottom.y <= row; });
        if (active_.empty()) {
            if (next == edges_.size()) {
                return;
            }
            continue;
        }
        first_ = image_.size.width;
        last_ = 0;
        for (const std::size_t i : active_) {
            cover_row(edges_[i], row);
        }
        blend_row(row, colour_at);
    }
}

void Canvas::fill(const Shape& shape, Colour colour) {
    paint(shape, [colour](std::int32_t, std::int32_t) { return colour; });
}

void Canvas::fill(const Shape& shape, const Gradient& gradient) {
    const double dx = gradient.to.x - gradient.from.x;
    const double dy = gradient.to.y - gradient.from.y;
    const double square = std::max(dx * dx + dy * dy, 1e-12);
    paint(shape, [&](std::int32_t column, std::int32_t row) {
        const double x = column + 0.5 - gradient.from.x;
        const double y = row + 0.5 - gradient.from.y;
        const double stretched = y / gradient.flatten;
        const double t =
            gradient.radial ? std::sqrt((x * x + stretched * stretched) / square) : (x * dx + y * dy) / square;
        return mix(gradient.first, gradient.last, std::clamp(t, 0.0, 1.0));
    });
}

}  // namespace landauer
