#include "image/scene/shapes.h"

#include <algorithm>
#include <cmath>

namespace landauer::scene {
namespace {

constexpr int kCircleSides = 48;

// For |x| <= pi / 4.
double sine(double x) {
    const double s = x * x;
    return x * (1 + s * (-1.0 / 6 + s * (1.0 / 120 + s * (-1.0 / 5040 + s / 362880))));
}
double cosine(double x) {
    const double s = x * x;
    return 1 + s * (-0.5 + s * (1.0 / 24 + s * (-1.0 / 720 + s * (1.0 / 40320 - s / 3628800))));
}

}  // namespace

Point on_circle(double turn) {
    constexpr double kQuarter = 1.57079632679489661923;
    const double quarters = turn * 4;
    const double nearest = std::floor(quarters + 0.5);
    const double rest = (quarters - nearest) * kQuarter;
    const Point p{cosine(rest), sine(rest)};
    switch ((static_cast<long>(nearest) % 4 + 4) % 4) {
        case 1:
            return {-p.y, p.x};
        case 2:
            return {-p.x, -p.y};
        case 3:
            return {p.y, -p.x};
        default:
            return p;
    }
}

Contour rectangle(double left, double bottom, double right, double top) {
    return {{left, bottom}, {right, bottom}, {right, top}, {left, top}};
}

Contour rounded(double left, double bottom, double right, double top, double radius) {
    const double r = std::min({radius, (right - left) / 2, (top - bottom) / 2});
    Contour contour;
    const Contour centres{{right - r, top - r}, {left + r, top - r}, {left + r, bottom + r}, {right - r, bottom + r}};
    for (std::size_t corner = 0; corner < centres.size(); ++corner) {
        const double first = static_cast<double>(corner) / 4;
        for (const Point p : arc(centres[corner].x, centres[corner].y, r, r, first, first + 0.25)) {
            contour.push_back(p);
        }
    }
    return contour;
}

Contour ellipse(double x, double y, double radius_x, double radius_y) {
    Contour contour;
    for (int i = 0; i < kCircleSides; ++i) {
        const Point p = on_circle(static_cast<double>(i) / kCircleSides);
        contour.push_back({x + p.x * radius_x, y + p.y * radius_y});
    }
    return contour;
}

Contour circle(double x, double y, double radius) { return ellipse(x, y, radius, radius); }

Contour arc(double x, double y, double radius_x, double radius_y, double from, double to) {
    const int sides = std::max(radius_x, radius_y) > 1.0 ? 4 * kCircleSides : kCircleSides;
    const int steps = std::max(2, static_cast<int>(std::abs(to - from) * sides));
    Contour contour;
    for (int i = 0; i <= steps; ++i) {
        const Point p = on_circle(from + (to - from) * i / steps);
        contour.push_back({x + p.x * radius_x, y + p.y * radius_y});
    }
    return contour;
}

Contour regular(double x, double y, double radius, int corners, double first_turn) {
    Contour contour;
    for (int i = 0; i < corners; ++i) {
        const Point p = on_circle(first_turn + static_cast<double>(i) / corners);
        contour.push_back({x + p.x * radius, y + p.y * radius});
    }
    return contour;
}

// Catmull-Rom splines.
Contour smooth(const Contour& through) {
    constexpr int kSteps = 8;
    const std::size_t n = through.size();
    Contour contour;
    for (std::size_t i = 0; i < n; ++i) {
        const Point a = through[(i + n - 1) % n];
        const Point b = through[i];
        const Point c = through[(i + 1) % n];
        const Point d = through[(i + 2) % n];
        for (int step = 0; step < kSteps; ++step) {
            const double t = static_cast<double>(step) / kSteps;
            const auto along = [t](double p, double q, double r, double s) {
                return q + t * ((r - p) + t * ((2 * p - 5 * q + 4 * r - s) + t * (3 * q - p - 3 * r + s))) / 2;
            };
            contour.push_back({along(a.x, b.x, c.x, d.x), along(a.y, b.y, c.y, d.y)});
        }
    }
    return contour;
}

Shape tapered(Point from, Point to, double first_width, double last_width) {
    const double dx = to.x - from.x;
    const double dy = to.y - from.y;
    const double length = std::sqrt(dx * dx + dy * dy);
    if (length == 0.0) {
        return {circle(from.x, from.y, first_width / 2)};
    }
    const double nx = -dy / length / 2;
    const double ny = dx / length / 2;
    return {oriented({{from.x + nx * first_width, from.y + ny * first_width},
                      {from.x - nx * first_width, from.y - ny * first_width},
                      {to.x - nx * last_width, to.y - ny * last_width},
                      {to.x + nx * last_width, to.y + ny * last_width}}),
            circle(from.x, from.y, first_width / 2), circle(to.x, to.y, last_width / 2)};
}

Shape stroke(const Contour& line, double width) {
    Shape shape;
    for (std::size_t i = 0; i + 1 < line.size(); ++i) {
        Shape piece = tapered(line[i], line[i + 1], width, width);
        if (i != 0) {
            piece.erase(piece.begin() + 1);  // the joint is there already
        }
        shape.insert(shape.end(), piece.begin(), piece.end());
    }
    return shape;
}

Contour reversed(Contour contour) {
    std::reverse(contour.begin(), contour.end());
    return contour;
}

Contour moved(Contour contour, double x, double y) {
    for (Point& p : contour) {
        p = {p.x + x, p.y + y};
    }
    return contour;
}

Contour scaled(Contour contour, double x, double y) {
    for (Point& p : contour) {
        p = {p.x * x, p.y * y};
    }
    return contour;
}

Contour oriented(Contour contour) {
    double area = 0.0;
    for (std::size_t i = 0; i < contour.size(); ++i) {
        const Point a = contour[i];
        const Point b = contour[(i + 1) % contour.size()];
        area += a.x * b.y - b.x * a.y;
    }
    return area < 0 ? reversed(std::move(contour)) : contour;
}

}  // namespace landauer::scene
