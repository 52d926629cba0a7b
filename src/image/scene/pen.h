// Draws flat art on planes that stand anywhere in a world of metres, seen in one-point perspective.
#pragma once

#include <string_view>

#include "image/raster.h"
#include "image/scene/lighting.h"
#include "image/scene/shapes.h"

namespace landauer::scene {

// x to the right, y up from the road, z away from the viewer; metres.
struct Vec3 {
    double x = 0.0;
    double y = 0.0;
    double z = 0.0;
};
[[nodiscard]] constexpr Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
[[nodiscard]] constexpr Vec3 operator-(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
[[nodiscard]] constexpr Vec3 operator*(Vec3 a, double k) { return {a.x * k, a.y * k, a.z * k}; }

// Looks along z from (0, eye_m, 0); upright things stay upright, as with a view camera.
struct Camera {
    double focal_px = 1.0;
    double centre_px = 0.0;
    double horizon_px = 0.0;
    double eye_m = 4.6;
    [[nodiscard]] Point project(Vec3 p) const {
        return {centre_px + focal_px * p.x / p.z, horizon_px + focal_px * (eye_m - p.y) / p.z};
    }
};

// Art at (x, y) lies at origin + u * x + v * y.
struct Plane {
    Vec3 origin;
    Vec3 u{1, 0, 0};
    Vec3 v{0, 1, 0};
    [[nodiscard]] Vec3 at(Point p) const { return origin + u * p.x + v * p.y; }
};

class Pen {
   public:
    Pen(Canvas& canvas, const Camera& camera, const Lighting& lighting)
        : canvas_(&canvas), camera_(&camera), lighting_(&lighting) {}

    [[nodiscard]] Pen on(const Plane& plane) const;
    // Facing the viewer, its foot at a place.
    [[nodiscard]] Pen at(Vec3 foot) const { return on({foot}); }
    [[nodiscard]] Pen moved(double x, double y) const;
    [[nodiscard]] Pen scaled(double x, double y) const;
    [[nodiscard]] Pen lit(double brightness) const;
    // Draws nothing but gathers the outlines, in pixels.
    [[nodiscard]] Pen gathering(Shape& outlines) const;

    void fill(const Shape& shape, Colour colour) const;
    void fill(const Contour& contour, Colour colour) const { fill(Shape{contour}, colour); }
    // The gradient's places are the plane's.
    void fill(const Shape& shape, const Gradient& gradient) const;
    void line(const Contour& points, double width, Colour colour) const { fill(stroke(points, width), colour); }
    // Its own plane: four places in the world.
    void quad(Vec3 a, Vec3 b, Vec3 c, Vec3 d, Colour colour) const;
    // Centred on x, standing on y; height of the capitals.
    void text(std::string_view text, double x, double y, double height, Colour colour, double weight = 0.15) const;

    [[nodiscard]] const Camera& camera() const { return *camera_; }
    [[nodiscard]] const Lighting& lighting() const { return *lighting_; }
    [[nodiscard]] Canvas& canvas() const { return *canvas_; }
    [[nodiscard]] bool gathers() const { return outlines_ != nullptr; }
    // Pixels that a metre takes at the plane's origin.
    [[nodiscard]] double pixels_per_m() const { return camera_->focal_px / plane_.origin.z; }

   private:
    [[nodiscard]] Shape projected(const Shape& shape) const;
    [[nodiscard]] Colour seen(Colour colour, double z) const { return lighting_->seen(colour, brightness_, z); }

    Canvas* canvas_;
    const Camera* camera_;
    const Lighting* lighting_;
    Plane plane_;
    double brightness_ = 1.0;
    Shape* outlines_ = nullptr;
};

// A soft dark ellipse on the ground, where something stands.
void contact_shadow(const Pen& pen, Vec3 foot, double half_width, double half_depth, double strength = 1.0);

// The shadow that upright art casts on the ground from its foot; draw(Pen) draws the art.
template <class Draw>
void cast_shadow(const Pen& pen, Vec3 foot, Draw draw) {
    const Lighting& light = pen.lighting();
    if (light.shadow <= 0.0) {
        return;
    }
    Shape outlines;
    draw(pen.on({foot, {1, 0, 0}, {light.shadow_x, 0, light.shadow_z}}).gathering(outlines));
    pen.canvas().fill(outlines, with_alpha(light.shadow_colour, light.shadow));
}

}  // namespace landauer::scene
