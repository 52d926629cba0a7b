#include <algorithm>
#include <array>

#include "image/scene/draws.h"
#include "image/scene/parts.h"

namespace landauer::scene {
namespace {

using namespace street;

constexpr double kFar = 400.0;
constexpr double kWide = 400.0;
constexpr Colour kAsphalt = hex(0x6B6E76);
constexpr Colour kSlab = hex(0xC2B8A8);
constexpr Colour kKerbTop = hex(0xD9D2C4);
constexpr Colour kKerbFace = hex(0x97928A);
constexpr Colour kMark = hex(0xF3F0E6);

Pen on_ground(const Pen& pen, double height = 0.0) { return pen.on({{0, height, 0}, {1, 0, 0}, {0, 0, 1}}); }

// Ground fades with distance: bands of it, each in its own haze.
void fill_band(const Pen& ground, double left, double right, double from, double to, Colour colour) {
    constexpr std::array kSteps{0.0, 26.0, 40.0, 60.0, 90.0, 140.0, 220.0, 400.0};
    for (std::size_t i = 0; i + 1 < kSteps.size(); ++i) {
        const double low = std::max(from, kSteps[i]);
        const double high = std::min(to, kSteps[i + 1]);
        if (low < high) {
            ground.fill({rectangle(left, low, right, high)}, Gradient{{0, low}, {0, high}, colour, colour});
        }
    }
}

// One corner of pavement: x beyond `side`, z beyond or before `edge`; its corner is rounded.
Contour pavement(double side, double edge, bool beyond, double inset) {
    constexpr double kRadius = 2.2;
    const double sx = side < 0 ? -1.0 : 1.0;
    const double sz = beyond ? 1.0 : -1.0;
    const double x0 = side + sx * inset;
    const double z0 = edge + sz * inset;
    const double r = kRadius - inset;
    Contour contour;
    for (const Point p : arc(0, 0, r, r, 0.0, 0.25)) {
        contour.push_back({x0 + sx * (r - p.x), z0 + sz * (r - p.y)});
    }
    contour.push_back({sx * kWide, z0});
    contour.push_back({sx * kWide, beyond ? kFar : 0.0});
    contour.push_back({x0, beyond ? kFar : 0.0});
    return contour;
}

void draw_slab_joints(const Pen& top, double side, double edge, bool beyond) {
    const Colour joint = with_alpha(hex(0x7A7266), 0.34);
    const double sx = side < 0 ? -1.0 : 1.0;
    const double near = beyond ? edge : 2.0;
    const double far = beyond ? kFront : edge;
    Shape lines;
    for (double z = near + 0.7; z < far; z += 0.7) {
        const double from = side + sx * 0.5;
        const double to = sx * 45;
        lines.push_back(rectangle(std::min(from, to), z, std::max(from, to), z + 0.022));
    }
    int row = 0;
    for (double z = near; z < far; z += 0.7, ++row) {
        for (double x = 0.9 + (row % 2) * 0.45; x < 30; x += 0.9) {
            const double at = side + sx * x;
            lines.push_back(rectangle(at, z, at + 0.022, std::min(z + 0.7, far)));
        }
    }
    top.fill(lines, joint);
}

void draw_pavements(const Pen& pen) {
    for (const bool beyond : {true, false}) {
        const double edge = beyond ? kCross_far : kCross_near;
        for (const double side : {-kRoad, kRoad}) {
            // The kerb's face is what its foot shows beside its top.
            on_ground(pen).fill({oriented(pavement(side, edge, beyond, 0))}, kKerbFace);
            on_ground(pen, kKerb).fill({oriented(pavement(side, edge, beyond, 0))}, kKerbTop);
            const Pen top = on_ground(pen, kKerb);
            top.fill({oriented(pavement(side, edge, beyond, 0.28))}, kSlab);
            draw_slab_joints(top, side, edge, beyond);
        }
    }
    const Pen top = on_ground(pen, kKerb);
    for (const double sx : {-1.0, 1.0}) {  // along the main road the slabs fade
        fill_band(top, std::min(sx * (kRoad + 0.28), sx * kSide), std::max(sx * (kRoad + 0.28), sx * kSide), kFront,
                  kFar, kSlab);
    }
}

void draw_asphalt(const Pen& pen, const Model& model) {
    const Pen ground = on_ground(pen);
    fill_band(ground, -kWide, kWide, 0.6, kFar, kAsphalt);
    Draws draws(model.seed * 31ULL + 5);
    for (int i = 0; i < 46; ++i) {  // mended places and stains
        const double x = draws.uniform(-16, 16);
        const double z = draws.uniform(5, 26);
        const double w = draws.uniform(0.4, 2.4);
        const double d = draws.uniform(0.3, 1.4);
        const Colour tone = draws.chance(0.5) ? hex(0x3E4149) : hex(0x9A9CA0);
        ground.fill({draws.chance(0.4) ? rectangle(x, z, x + w, z + d) : ellipse(x, z, w / 2, d / 2)},
                    with_alpha(tone, 0.16));
    }
    for (const double z : {14.9, 16.6, 19.2, 20.9}) {  // where tyres run
        ground.fill({rectangle(-60, z - 0.22, 60, z + 0.22)}, with_alpha(hex(0x33363D), 0.13));
    }
    for (const double x : {-5.3, -3.9, 3.9, 5.3}) {
        ground.fill({rectangle(x - 0.2, 2, x + 0.2, 130)}, with_alpha(hex(0x33363D), 0.13));
    }
}

void draw_manhole(const Pen& ground, double x, double z) {
    ground.fill({circle(x, z, 0.33)}, hex(0x4A4C52));
    ground.fill({circle(x, z, 0.285)}, hex(0x5C5F66));
    Shape bars;
    for (double at = -0.18; at <= 0.19; at += 0.09) {
        bars.push_back(rectangle(x - 0.2, z + at - 0.015, x + 0.2, z + at + 0.015));
    }
    ground.fill(bars, hex(0x44464C));
}

void draw_rails(const Pen& pen) {
    const Pen ground = on_ground(pen);
    for (const double track : {-1.6, 1.6}) {
        fill_band(ground, track - 1.25, track + 1.25, 0.6, kEnd, with_alpha(hex(0x807C78), 0.75));
        for (const double rail : {track - 0.7175, track + 0.7175}) {
            fill_band(ground, rail - 0.075, rail + 0.075, 0.6, kEnd, hex(0x4A4A50));
            fill_band(ground, rail - 0.035, rail + 0.035, 0.6, kEnd, hex(0xB9BCC4));
        }
    }
}

void draw_cycle_lane(const Pen& ground) {
    constexpr Colour kTerracotta = hex(0xB4604A);
    for (const double sx : {-1.0, 1.0}) {
        ground.fill({rectangle(std::min(sx * 6, sx * 80), 12.55, std::max(sx * 6, sx * 80), 13.75)}, kTerracotta);
        ground.fill({rectangle(std::min(sx * 6, sx * 80), 13.75, std::max(sx * 6, sx * 80), 13.87)}, kMark);
    }
    for (double x = -5.6; x < 5.8; x += 1.0) {
        ground.fill({rectangle(x, 12.6, x + 0.5, 12.75)}, kMark);
        ground.fill({rectangle(x, 13.65, x + 0.5, 13.8)}, kMark);
    }
}

void draw_zebras(const Pen& ground) {
    Shape stripes;
    for (double x = -5.75; x < 5.6; x += 1.0) {
        stripes.push_back(rectangle(x, 8.3, x + 0.52, 11.2));
        stripes.push_back(rectangle(x, 23.4, x + 0.52, 26.2));
    }
    for (double z = 14.2; z < 22.0; z += 1.0) {
        stripes.push_back(rectangle(-9.7, z, -7.3, z + 0.52));
        stripes.push_back(rectangle(7.3, z, 9.7, z + 0.52));
    }
    ground.fill(stripes, with_alpha(kMark, 0.94));
}

// An arrow straight on; length along +y.
void draw_arrow(const Pen& pen) {
    pen.fill(rectangle(-0.1, 0, 0.1, 2.2), kMark);
    pen.fill(Contour{{-0.38, 2.0}, {0.38, 2.0}, {0, 3.2}}, kMark);
}

void draw_turn_arrow(const Pen& pen) {
    pen.fill(stroke({{0, 0}, {0, 1.4}, {0.25, 1.9}, {0.6, 2.0}}, 0.2), kMark);
    pen.fill(Contour{{0.6, 1.6}, {1.15, 2.0}, {0.6, 2.4}}, kMark);
}

void draw_markings(const Pen& pen) {
    const Pen ground = on_ground(pen);
    draw_cycle_lane(ground);
    Shape lines;
    for (const double sx : {-1.0, 1.0}) {
        for (double x = 12.4; x < 90; x += 3.2) {
            lines.push_back(
                rectangle(std::min(sx * x, sx * (x + 1.7)), 17.78, std::max(sx * x, sx * (x + 1.7)), 17.92));
        }
        for (double z = 28; z < 140; z += 3.4) {
            lines.push_back(rectangle(sx * 3.2 - 0.07, z, sx * 3.2 + 0.07, z + 1.7));
        }
        for (double z = 2; z < 7; z += 3.4) {
            lines.push_back(rectangle(sx * 3.2 - 0.07, z, sx * 3.2 + 0.07, z + 1.7));
        }
    }
    lines.push_back(rectangle(0.2, 7.2, 5.9, 7.6));  // stop lines
    lines.push_back(rectangle(-5.9, 26.9, -0.2, 27.3));
    lines.push_back(rectangle(-10.6, 13.9, -10.2, 17.7));
    lines.push_back(rectangle(10.2, 17.9, 10.6, 22.2));
    ground.fill(lines, kMark);
    draw_zebras(ground);
    draw_arrow(pen.on({{-18.5, 0, 15.8}, {0, 0, -1}, {1, 0, 0}}));
    draw_arrow(pen.on({{18.5, 0, 20.0}, {0, 0, 1}, {-1, 0, 0}}));
    draw_turn_arrow(pen.on({{-4.6, 0, 42}, {1.6, 0, 0}, {0, 0, -3}}));
    draw_arrow(pen.on({{4.6, 0, 30}, {1.2, 0, 0}, {0, 0, 2}}));
    draw_turn_arrow(pen.on({{4.4, 0, 3.6}, {1, 0, 0}, {0, 0, 1}}));
    pen.on({{1.6, 0, 4.1}, {1, 0, 0}, {0, 0, 2.2}}).text("TRAM", 0, 0, 0.5, kMark, 0.17);
}

// What the corner houses keep from the sun.
void draw_house_shadows(const Pen& pen, const Model& model) {
    const Lighting& light = model.lighting;
    if (light.shadow <= 0) {
        return;
    }
    const double height = 13.0;
    const double reach = height * light.shadow_x;
    const double away = height * light.shadow_z;
    const Pen ground = on_ground(pen, 0.05);
    ground.fill(Contour{{-kSide, kFront}, {-kSide + reach, kFront + away}, {-kSide + reach, kFar}, {-kSide, kFar}},
                with_alpha(light.shadow_colour, light.shadow * 0.9));
}

void draw_puddles(const Pen& pen, const Model& model) {
    if (!model.lighting.rain) {
        return;
    }
    Draws draws(model.seed * 17ULL + 9);
    const Pen ground = on_ground(pen);
    for (int i = 0; i < 16; ++i) {
        const double x = draws.uniform(-4.6, 4.6);
        const double z = draws.uniform(7.4, 24);
        const double w = draws.uniform(0.5, 1.7);
        Contour edge;
        for (int k = 0; k < 9; ++k) {
            const Point p = on_circle(k / 9.0);
            const double r = draws.uniform(0.7, 1.1);
            edge.push_back({x + p.x * w * r, z + p.y * w * 0.5 * r});
        }
        ground.fill({smooth(edge)}, Gradient{{x, z + w * 0.5},
                                             {x, z - w * 0.5},
                                             with_alpha(model.lighting.sky_horizon, 0.55),
                                             with_alpha(model.lighting.sky_top, 0.6)});
    }
}

}  // namespace

void draw_street(const Pen& pen, const Model& model) {
    draw_asphalt(pen, model);
    draw_rails(pen);
    draw_markings(pen);
    const Pen ground = on_ground(pen);
    for (const Point p : Contour{{3.6, 13.0}, {-4.4, 19.0}, {9.2, 16.4}, {-2.6, 7.6}, {4.7, 24.6}}) {
        draw_manhole(ground, p.x, p.y);
    }
    draw_pavements(pen);
    draw_puddles(pen, model);
    draw_house_shadows(pen, model);
}

}  // namespace landauer::scene
