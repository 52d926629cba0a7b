#include <algorithm>
#include <cmath>

#include "image/scene/layout.h"
#include "image/scene/parts.h"
#include "image/scene/vehicle_side.h"

namespace landauer::scene {
namespace {

// Where the vehicle's length, width and height lie in the world.
struct Frame {
    Vec3 middle;
    Vec3 along;   // to its nose
    Vec3 across;  // towards the side that is seen
    [[nodiscard]] Vec3 at(double l, double w, double y) const {
        return middle + along * l + across * w + Vec3{0, y, 0};
    }
};

Frame frame_of(const Vehicle& vehicle) {
    const Vec3 middle{vehicle.x, 0, vehicle.z};
    const double inner = vehicle.x < 0 ? 1.0 : -1.0;
    switch (vehicle.heading) {
        case Heading::Left:
            return {middle, {-1, 0, 0}, {0, 0, -1}};
        case Heading::Towards:
            return {middle, {0, 0, -1}, {inner, 0, 0}};
        case Heading::Away:
            return {middle, {0, 0, 1}, {inner, 0, 0}};
        case Heading::Right:
            break;
    }
    return {middle, {1, 0, 0}, {0, 0, -1}};
}

void draw_shadow(const Pen& pen, const Frame& frame, double half_length, double half_width, double height) {
    const Lighting& light = pen.lighting();
    Contour foot;
    for (const auto& [l, w] : {std::pair{-1.0, -1.0}, {1.0, -1.0}, {1.0, 1.0}, {-1.0, 1.0}}) {
        const Vec3 p = frame.at(l * half_length * 0.97, w * half_width * 0.94, 0);
        foot.push_back({p.x, p.z});
    }
    const Pen ground = pen.on({{0, 0.01, 0}, {1, 0, 0}, {0, 0, 1}});
    if (light.shadow > 0) {
        const Contour thrown = moved(foot, light.shadow_x * height * 0.85, light.shadow_z * height * 0.85);
        Shape shadow{oriented(foot), oriented(thrown)};
        for (std::size_t i = 0; i < 4; ++i) {
            const std::size_t j = (i + 1) % 4;
            shadow.push_back(oriented({foot[i], foot[j], thrown[j], thrown[i]}));
        }
        Shape outlines;
        ground.gathering(outlines).fill(shadow, light.shadow_colour);
        pen.canvas().fill(outlines, with_alpha(light.shadow_colour, light.shadow));
    }
    ground.fill({oriented(foot)}, with_alpha(hex(0x14151C), 0.62));
}

// The faces across the vehicle's width, of which the outline is the edge.
void draw_strips(const Pen& pen, const Frame& frame, const Vehicle& vehicle, const BodyShape& shape) {
    const Vec3 eye{0, pen.camera().eye_m, 0};
    const double half = shape.width / 2;
    Point from = shape.foot;
    for (const Edge& edge : shape.outline) {
        const Point to = edge.to;
        const Vec3 normal = frame.along * (from.y - to.y) + Vec3{0, to.x - from.x, 0};
        const Vec3 ray = eye - frame.at(from.x, 0, from.y);
        const double length = std::sqrt(normal.x * normal.x + normal.y * normal.y + normal.z * normal.z);
        if (normal.x * ray.x + normal.y * ray.y + normal.z * ray.z > 0 && length > 0) {
            const double brightness = 0.86 + (0.22 * normal.y - 0.16 * normal.x - 0.06 * normal.z) / length;
            const Colour glass = mix(kCarGlass, kCarGlassLight, 0.30);
            const bool boxy = vehicle.body == Body::Lorry && to.x < 2.1;
            const Colour paint = edge.glass ? glass : boxy ? hex(0xF0EFEA) : vehicle.paint.colour;
            const auto corner = [&](Point p, double side, double inset) {
                return frame.at(p.x, side * (half - inset), p.y);
            };
            pen.lit(brightness)
                .quad(corner(from, 1, 0), corner(to, 1, 0), corner(to, -1, 0), corner(from, -1, 0), paint);
            if (edge.glass) {  // pillars of the body's colour
                for (const double side : {-1.0, 1.0}) {
                    pen.lit(brightness)
                        .quad(corner(from, side, 0), corner(to, side, 0), corner(to, side, 0.07),
                              corner(from, side, 0.07), vehicle.paint.colour);
                }
            }
        }
        from = to;
    }
}

// One area under all faces, so that nothing shines through their joints.
void draw_ground_coat(const Pen& pen, const Frame& frame, const Vehicle& vehicle, const BodyShape& shape) {
    Shape outlines;
    const Pen gather = pen.gathering(outlines);
    const double half = shape.width / 2 - 0.03;
    Point from = shape.foot;
    for (const Edge& edge : shape.outline) {
        gather.quad(frame.at(from.x, half, from.y), frame.at(edge.to.x, half, edge.to.y),
                    frame.at(edge.to.x, -half, edge.to.y), frame.at(from.x, -half, from.y), {});
        from = edge.to;
    }
    pen.canvas().fill(outlines, pen.lighting().seen(vehicle.paint.colour, 0.9, vehicle.z));
}

// The end that a vehicle driving across shows to a viewer in the middle.
void draw_slanting_end(const Pen& pen, const Vehicle& vehicle, const Frame& frame, double half_length) {
    const double side = vehicle.x < 0 ? 1.0 : -1.0;  // of the vehicle that is seen
    if ((vehicle.x + side * half_length) * side > 0) {
        return;  // it spans the middle: neither end is seen
    }
    const bool is_front = (vehicle.heading == Heading::Right) == (side > 0);
    const Vec3 foot = frame.middle + Vec3{side * (half_length + 0.01), 0, 0};
    const Pen end = pen.on({foot, {0, 0, side}, {0, 1, 0}}).lit(side > 0 ? 0.84 : 0.96);
    if (is_front) {
        draw_front(end, vehicle);
    } else {
        draw_rear(end, vehicle);
    }
}

}  // namespace

void draw_vehicle(const Pen& pen, const Vehicle& vehicle) {
    const BodyShape& shape = shape_of(vehicle.body);
    const Frame frame = frame_of(vehicle);
    const double half_length = length_m(vehicle.body) / 2;
    const double half = shape.width / 2;
    draw_shadow(pen, frame, half_length, half, shape.height);
    for (const double axle : shape.axles) {  // the wheels on the other side
        pen.on({frame.at(0, -half + 0.2, 0), frame.along, {0, 1, 0}})
            .fill(circle(axle, shape.wheel, shape.wheel), hex(0x17181B));
    }
    draw_ground_coat(pen, frame, vehicle, shape);
    draw_strips(pen, frame, vehicle, shape);
    const bool across = vehicle.heading == Heading::Left || vehicle.heading == Heading::Right;
    const double brightness = across ? 1.0 : vehicle.x < 0 ? 0.74 : 0.95;
    // Nose on the left of the picture: Left, or driving towards us on the right, away on the left.
    const bool mirrored = frame.along.x < 0 || (!across && (vehicle.heading == Heading::Towards) == (vehicle.x < 0));
    draw_side(pen.on({frame.at(0, half, 0), frame.along, {0, 1, 0}}).lit(brightness), vehicle, mirrored);
    if (across) {
        draw_slanting_end(pen, vehicle, frame, half_length);
        return;
    }
    const Pen end = pen.on({{vehicle.x, 0, vehicle.z - half_length}, {1, 0, 0}, {0, 1, 0}}).lit(0.98);
    if (vehicle.heading == Heading::Towards) {
        draw_front(end, vehicle);
    } else {
        draw_rear(end, vehicle);
    }
    for (const double side : {-1.0, 1.0}) {  // tyres seen from the end
        const double x = side * (half - 0.14);
        end.fill(rounded(x - 0.11, 0, x + 0.11, shape.foot.y + 0.02, 0.04), kTyre);
    }
}

}  // namespace landauer::scene
