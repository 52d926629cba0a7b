#include "image/scene/pen.h"

#include <algorithm>

#include "image/scene/glyphs.h"

namespace landauer::scene {
namespace {

constexpr double kNearest_m = 0.6;  // what is closer to the eye is cut away

std::vector<Vec3> before_the_eye(const Contour& contour, const Plane& plane) {
    std::vector<Vec3> kept;
    for (std::size_t i = 0; i < contour.size(); ++i) {
        const Vec3 a = plane.at(contour[i]);
        const Vec3 b = plane.at(contour[(i + 1) % contour.size()]);
        if (a.z >= kNearest_m) {
            kept.push_back(a);
        }
        if ((a.z >= kNearest_m) != (b.z >= kNearest_m)) {
            kept.push_back(a + (b - a) * ((kNearest_m - a.z) / (b.z - a.z)));
        }
    }
    return kept;
}

}  // namespace

Pen Pen::on(const Plane& plane) const {
    Pen pen = *this;
    pen.plane_ = plane;
    return pen;
}

Pen Pen::moved(double x, double y) const { return on({plane_.at({x, y}), plane_.u, plane_.v}); }

Pen Pen::scaled(double x, double y) const { return on({plane_.origin, plane_.u * x, plane_.v * y}); }

Pen Pen::lit(double brightness) const {
    Pen pen = *this;
    pen.brightness_ = brightness_ * brightness;
    return pen;
}

Pen Pen::gathering(Shape& outlines) const {
    Pen pen = *this;
    pen.outlines_ = &outlines;
    return pen;
}

Shape Pen::projected(const Shape& shape) const {
    Shape seen;
    for (const Contour& contour : shape) {
        Contour& points = seen.emplace_back();
        for (const Vec3 p : before_the_eye(contour, plane_)) {
            points.push_back(camera_->project(p));
        }
    }
    return seen;
}

void Pen::fill(const Shape& shape, Colour colour) const {
    Shape shown = projected(shape);
    if (outlines_ == nullptr) {
        canvas_->fill(shown, seen(colour, plane_.origin.z));
        return;
    }
    if (colour.alpha < 0.5) {
        return;
    }
    for (Contour& contour : shown) {
        outlines_->push_back(oriented(std::move(contour)));
    }
}

void Pen::fill(const Shape& shape, const Gradient& gradient) const {
    if (outlines_ != nullptr) {
        fill(shape, gradient.first);
        return;
    }
    const Vec3 from = plane_.at(gradient.from);
    const Vec3 to = plane_.at(gradient.to);
    Gradient shown = gradient;
    shown.from = camera_->project({from.x, from.y, std::max(from.z, kNearest_m)});
    shown.to = camera_->project({to.x, to.y, std::max(to.z, kNearest_m)});
    shown.first = seen(gradient.first, from.z);
    shown.last = seen(gradient.last, to.z);
    canvas_->fill(projected(shape), shown);
}

void Pen::quad(Vec3 a, Vec3 b, Vec3 c, Vec3 d, Colour colour) const {
    Contour corners;
    for (const Vec3 p : {a, b, c, d}) {
        corners.push_back(camera_->project({p.x, p.y, std::max(p.z, kNearest_m)}));
    }
    if (outlines_ != nullptr) {
        outlines_->push_back(oriented(std::move(corners)));
        return;
    }
    canvas_->fill({corners}, seen(colour, (a.z + b.z + c.z + d.z) / 4));
}

void Pen::text(std::string_view text, double x, double y, double height, Colour colour, double weight) const {
    if (height * pixels_per_m() < 1.2 || gathers()) {
        return;
    }
    fill(glyph_shape(text, x - text_width(text, height) / 2, y, height, weight), colour);
}

void contact_shadow(const Pen& pen, Vec3 foot, double half_width, double half_depth, double strength) {
    if (pen.gathers()) {
        return;
    }
    const Camera& camera = pen.camera();
    const Point centre = camera.project(foot);
    const Point side = camera.project({foot.x + half_width, foot.y, foot.z});
    const double across = side.x - centre.x;
    const double flatten = (camera.eye_m - foot.y) * half_depth / (foot.z * half_width);
    const Colour dark = pen.lighting().shadow_colour;
    pen.canvas().fill({ellipse(centre.x, centre.y, across, across * flatten)},
                      Gradient{centre, side, with_alpha(dark, 0.55 * strength), with_alpha(dark, 0), true, flatten});
}

}  // namespace landauer::scene
