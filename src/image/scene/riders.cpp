#include "image/scene/parts.h"

namespace landauer::scene {
namespace {

void draw_tyre(const Pen& pen, double x, double radius, double thick) {
    pen.fill({circle(x, radius, radius), reversed(circle(x, radius, radius - thick))}, hex(0x26272B));
    if (pen.pixels_per_m() < 20) {
        return;
    }
    Shape spokes;
    for (int i = 0; i < 12; ++i) {
        const Point p = on_circle(i / 12.0);
        const Shape spoke = stroke({{x, radius}, {x + p.x * (radius - thick), radius + p.y * (radius - thick)}}, 0.008);
        spokes.insert(spokes.end(), spoke.begin(), spoke.end());
    }
    pen.fill(spokes, with_alpha(hex(0xB9BEC4), 0.8));
}

void draw_helmet(const Pen& pen, double x, double y, Colour skin, Colour helmet) {
    pen.fill(ellipse(x, y, 0.105, 0.125), skin);
    Contour shell = arc(x - 0.01, y + 0.015, 0.15, 0.14, -0.02, 0.52);
    pen.fill(oriented(shell), helmet);
    pen.fill(circle(x + 0.075, y - 0.005, 0.014), hex(0x221A16));
}

void draw_bicycle(const Pen& pen, const Rider& rider) {
    const Colour skin = hex(0xE0A983);
    const Colour trousers = hex(0x2C3E5C);
    draw_tyre(pen, -0.53, 0.34, 0.04);
    draw_tyre(pen, 0.53, 0.34, 0.04);
    pen.fill(stroke({{-0.12, 0.98}, {-0.02, 0.58}, {0.20, 0.42}, {0.30, 0.44}}, 0.13),
             darker(trousers, 0.3));  // far leg
    const Contour frame{{-0.53, 0.34}, {-0.20, 0.80}, {0.38, 0.82}, {0.0, 0.32}, {-0.53, 0.34}};
    pen.line(frame, 0.042, rider.paint.colour);
    pen.line({{-0.23, 0.92}, {-0.20, 0.80}, {0.0, 0.32}}, 0.042, rider.paint.colour);
    pen.line({{0.36, 0.98}, {0.38, 0.82}, {0.53, 0.34}}, 0.042, rider.paint.colour);
    pen.line({{0.36, 0.98}, {0.48, 1.02}}, 0.035, hex(0x2A2A2E));
    pen.line({{-0.36, 0.94}, {-0.12, 0.94}}, 0.06, hex(0x2A2A2E));
    pen.fill(circle(0.0, 0.32, 0.09), hex(0x55585E));
    pen.fill(stroke({{-0.2, 0.98}, {0.16, 0.66}, {0.02, 0.22}}, 0.145), trousers);
    pen.fill(smooth({{-0.06, 0.14}, {-0.04, 0.22}, {0.06, 0.23}, {0.19, 0.16}, {0.17, 0.13}}), hex(0x2B2622));
    pen.fill({smooth({{-0.32, 0.98}, {-0.10, 0.93}, {0.06, 1.18}, {0.17, 1.42}, {0.05, 1.50}, {-0.12, 1.40}})},
             Gradient{{-0.2, 1.3}, {0.15, 1.1}, lighter(rider.jacket.colour, 0.1), darker(rider.jacket.colour, 0.15)});
    pen.fill(stroke({{0.08, 1.40}, {0.20, 1.16}, {0.45, 1.06}}, 0.09), darker(rider.jacket.colour, 0.12));
    pen.fill(circle(0.46, 1.05, 0.045), skin);
    draw_helmet(pen, 0.20, 1.60, skin, lighter(rider.paint.colour, 0.25));
    pen.fill(circle(-0.62, 0.72, 0.035), glowing(hex(0xE23A30)));
}

void draw_motorbike(const Pen& pen, const Rider& rider) {
    const Colour leather = darker(rider.jacket.colour, 0.25);
    for (const double x : {-0.68, 0.68}) {
        pen.fill({circle(x, 0.32, 0.32), reversed(circle(x, 0.32, 0.19))}, hex(0x222327));
        pen.fill({circle(x, 0.32, 0.19), reversed(circle(x, 0.32, 0.15))}, hex(0xAEB3B8));
    }
    pen.line({{0.42, 1.02}, {0.68, 0.32}}, 0.07, hex(0xB4B8BD));
    pen.fill(smooth({{-0.45, 0.30}, {0.32, 0.28}, {0.42, 0.55}, {-0.35, 0.58}}), hex(0x4C5057));
    pen.fill(
        {smooth({{-0.92, 0.86}, {-0.30, 0.72}, {0.02, 0.82}, {0.44, 0.98}, {0.52, 0.72}, {0.25, 0.56}, {-0.5, 0.58}})},
        Gradient{{0, 1}, {0, 0.55}, lighter(rider.paint.colour, 0.12), darker(rider.paint.colour, 0.2)});
    pen.fill(rounded(-0.75, 0.80, -0.08, 0.92, 0.06), hex(0x1F2024));
    pen.fill(circle(0.60, 0.92, 0.10), hex(0xFFF4CF));
    pen.line({{-0.15, 0.36}, {-0.95, 0.30}}, 0.10, hex(0xC3C7CB));
    pen.fill(stroke({{-0.32, 0.96}, {0.12, 0.80}, {-0.06, 0.34}}, 0.17), hex(0x2C3443));
    pen.fill(smooth({{-0.14, 0.26}, {-0.12, 0.37}, {0.0, 0.38}, {0.14, 0.29}, {0.12, 0.25}}), hex(0x1E1C1B));
    pen.fill(smooth({{-0.44, 0.92}, {-0.18, 0.88}, {0.02, 1.22}, {0.04, 1.48}, {-0.14, 1.54}, {-0.32, 1.34}}), leather);
    pen.fill(stroke({{-0.04, 1.42}, {0.10, 1.14}, {0.40, 1.10}}, 0.11), darker(leather, 0.2));
    pen.fill(ellipse(0.04, 1.66, 0.155, 0.165), lighter(rider.paint.colour, 0.1));
    pen.fill(smooth({{0.06, 1.72}, {0.18, 1.71}, {0.18, 1.60}, {0.06, 1.61}}), hex(0x222831));
}

void draw_both(const Pen& pen, const Rider& rider) {
    const Pen facing = rider.heading == Heading::Right ? pen : pen.scaled(-1, 1);
    if (rider.ride == Ride::Bicycle) {
        draw_bicycle(facing, rider);
    } else {
        draw_motorbike(facing, rider);
    }
}

}  // namespace

void draw_rider(const Pen& pen, const Rider& rider) {
    const Vec3 foot{rider.x, 0, rider.z};
    cast_shadow(pen, foot, [&](const Pen& shadow) { draw_both(shadow, rider); });
    contact_shadow(pen, foot, 0.85, 0.14);
    draw_both(pen.at(foot), rider);
}

}  // namespace landauer::scene
