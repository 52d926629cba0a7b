#include <algorithm>
#include <cmath>
#include <tuple>

#include "image/scene/draws.h"
#include "image/scene/parts.h"

namespace landauer::scene {
namespace {

// Puffs on a flat base, seen edge on; x and y in parts of the picture's height from the middle and the horizon.
void draw_cloud(const Pen& pen, Draws& draws, double x, double y, double size, double unit) {
    const Lighting& light = pen.lighting();
    const auto place = [&](double cx, double cy) {
        return Point{pen.camera().centre_px + (x + cx * size) * unit, pen.camera().horizon_px - (y + cy * size) * unit};
    };
    Shape puffs;
    const int count = 5 + static_cast<int>(draws.below(4));
    for (int i = 0; i < count; ++i) {
        const double at = (i + 0.5) / count * 2 - 1;
        const double radius = (0.34 - 0.2 * at * at) * draws.uniform(0.75, 1.15);
        const Point p = place(at * 0.9, radius * 0.55);
        puffs.push_back(oriented(ellipse(p.x, p.y, radius * 1.25 * size * unit, radius * size * unit)));
    }
    const Point left = place(-1.05, 0);
    const Point right = place(1.05, 0.13);
    puffs.push_back(oriented(rounded(left.x, right.y, right.x, left.y, 0.07 * size * unit)));
    const Colour white = mix(light.light, hex(0xFFFFFF), 0.55);
    pen.canvas().fill(puffs, Gradient{place(0, 0.6), place(0, -0.05), with_alpha(white, 0.96),
                                      with_alpha(mix(white, light.sky_horizon, 0.6), 0.9)});
}

void draw_skyline(const Pen& pen, Draws& draws, double unit) {
    const Lighting& light = pen.lighting();
    const Colour far = mix(light.haze, light.sky_top, 0.30);
    const Colour nearer = mix(light.haze, light.sky_top, 0.48);
    for (const auto& [colour, low, high] : {std::tuple{far, 0.03, 0.115}, std::tuple{nearer, 0.02, 0.07}}) {
        Shape blocks;
        for (double x = -3.2; x < 3.2;) {
            const double width = draws.uniform(0.010, 0.026);
            const double height = draws.uniform(low, high);
            const double left = pen.camera().centre_px + x * unit;
            const double top = pen.camera().horizon_px - height * unit;
            blocks.push_back(rectangle(left, top, left + width * unit, pen.camera().horizon_px + 0.01 * unit));
            if (draws.chance(0.25)) {
                blocks.push_back(
                    rectangle(left + width * unit * 0.45, top - 0.02 * unit, left + width * unit * 0.52, top));
            }
            x += width * draws.uniform(0.8, 1.1);
        }
        pen.canvas().fill(blocks, colour);
    }
}

void draw_birds(const Pen& pen, Draws& draws, double unit) {
    for (int i = 0; i < 5; ++i) {
        const double x = pen.camera().centre_px + draws.uniform(-0.24, 0.10) * unit;
        const double y = pen.camera().horizon_px - draws.uniform(0.27, 0.36) * unit;
        const double span = draws.uniform(0.006, 0.010) * unit;
        const Contour wings{{x - span, y - span * 0.5},
                            {x - span * 0.4, y - span * 0.62},
                            {x, y},
                            {x + span * 0.4, y - span * 0.62},
                            {x + span, y - span * 0.5}};
        Shape line;
        for (Contour& piece : stroke(wings, span * 0.16)) {
            line.push_back(oriented(std::move(piece)));
        }
        pen.canvas().fill(line, with_alpha(hex(0x35405A), 0.8));
    }
}

}  // namespace

void draw_sky(const Pen& pen, const Model& model) {
    const Lighting& light = model.lighting;
    const double width = pen.canvas().size().width;
    const double horizon = pen.camera().horizon_px;
    const double unit = pen.camera().focal_px / 0.8;
    const Contour sky = rectangle(0, 0, width, std::max(horizon + 2, 1.0));
    // Through a clear band in the middle: two far hues mixed would be grey.
    const double at = std::floor(horizon - 0.20 * unit);
    pen.canvas().fill({rectangle(0, 0, width, std::max(at, 1.0))},
                      Gradient{{0, horizon - 0.75 * unit}, {0, at}, light.sky_top, light.sky_middle});
    pen.canvas().fill({rectangle(0, std::max(at, 0.0), width, std::max(horizon + 2, 1.0))},
                      Gradient{{0, at}, {0, horizon - 0.02 * unit}, light.sky_middle, light.sky_horizon});
    if (!light.rain) {
        const Point sun{pen.camera().centre_px - 0.42 * unit, horizon - 0.30 * unit};
        const Colour glow = mix(light.light, hex(0xFFF2C8), 0.8);
        pen.canvas().fill(
            {sky}, Gradient{sun, {sun.x + 0.75 * unit, sun.y}, with_alpha(glow, 0.42), with_alpha(glow, 0), true});
    }
    Draws draws(model.seed * 7919ULL + 3);
    const int clouds = light.weather == "under a clear sky" ? 3 : 9;
    for (int i = 0; i < clouds; ++i) {
        const double row = draws.uniform(0.16, 0.5);
        const double x = draws.uniform(-1.1, 1.1);
        const double size = 0.05 + row * draws.uniform(0.12, 0.30);
        draw_cloud(pen, draws, x, row, size, unit);
    }
    for (int i = 0; i < 6; ++i) {  // for tall pictures
        const double x = draws.uniform(-0.8, 0.8);
        const double y = draws.uniform(0.6, 2.4);
        const double size = draws.uniform(0.12, 0.26);
        draw_cloud(pen, draws, x, y, size, unit);
    }
    draw_skyline(pen, draws, unit);
    if (!light.rain) {
        draw_birds(pen, draws, unit);
    }
}

}  // namespace landauer::scene
