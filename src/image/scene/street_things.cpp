#include <algorithm>
#include <array>

#include "image/scene/draws.h"
#include "image/scene/parts.h"

namespace landauer::scene {
namespace {

constexpr Colour kIron = hex(0x2F3A3F);

void draw_lamp_art(const Pen& pen, double lit) {
    pen.fill({rectangle(-0.05, 0, 0.05, 5.2)}, Gradient{{-0.05, 0}, {0.05, 0}, lighter(kIron, 0.2), kIron});
    pen.fill(
        {rounded(-0.14, 0, 0.14, 0.5, 0.04), rounded(-0.09, 0.5, 0.09, 1.0, 0.03), rectangle(-0.09, 4.2, 0.09, 4.28)},
        kIron);
    pen.fill(Contour{{-0.16, 5.2}, {0.16, 5.2}, {0.24, 5.75}, {-0.24, 5.75}},
             lit > 0.3 ? glowing(hex(0xFFE7A8)) : hex(0xE8E4D2));
    pen.fill(Contour{{-0.30, 5.75}, {0.30, 5.75}, {0.08, 5.98}, {-0.08, 5.98}}, kIron);
    pen.fill({rectangle(-0.20, 5.15, 0.20, 5.22), rectangle(-0.012, 5.2, 0.012, 5.75), circle(0, 6.02, 0.05)}, kIron);
}

// Leaves: clusters from dark below to light at the side of the sun.
void draw_crown(const Pen& pen, const Tree& tree) {
    Draws draws(tree.detail);
    const double h = tree.height_m;
    const double middle = h * 0.66;
    const double radius = h * 0.28;
    constexpr std::array kGreens{hex(0x2F5D3A), hex(0x3F7545), hex(0x568C4A), hex(0x76A653), hex(0x9CC068)};
    for (std::size_t layer = 0; layer < kGreens.size(); ++layer) {
        const double up = static_cast<double>(layer) / 4;
        Shape clusters;
        const int count = 10 + static_cast<int>(layer) * 5;
        for (int i = 0; i < count; ++i) {
            const Point p = on_circle(draws.uniform());
            const double out = draws.uniform(0.1, 1.0 - up * 0.35);
            const double x = p.x * out * radius - up * radius * 0.24;
            const double y = middle + p.y * out * radius * 1.05 + up * radius * 0.30;
            const double size = radius * draws.uniform(0.22, 0.34) * (1.1 - up * 0.62);
            Contour leaf;
            for (int k = 0; k < 9; ++k) {
                const Point q = on_circle(k / 9.0 + 0.03);
                const double r = size * draws.uniform(0.78, 1.18);
                leaf.push_back({x + q.x * r, y + q.y * r});
            }
            clusters.push_back(smooth(leaf));
        }
        pen.fill(clusters, kGreens[layer]);
        if (pen.gathers()) {
            return;
        }
    }
}

void draw_tree_art(const Pen& pen, const Tree& tree) {
    const double h = tree.height_m;
    const Colour bark = hex(0x6B4C37);
    pen.fill(tapered({0, 0}, {0.02, h * 0.55}, 0.30, 0.16), bark);
    pen.fill(tapered({0.0, h * 0.40}, {-h * 0.12, h * 0.60}, 0.13, 0.05), bark);
    pen.fill(tapered({0.02, h * 0.44}, {h * 0.13, h * 0.62}, 0.12, 0.05), bark);
    pen.fill(tapered({0.06, 0.05}, {0.06, h * 0.5}, 0.12, 0.06), with_alpha(hex(0x000000), 0.18));
    draw_crown(pen, tree);
}

}  // namespace

void draw_lamp_post(const Pen& pen, double x, double z) {
    const Vec3 foot{x, street::kKerb, z};
    const double lit = pen.lighting().lamps;
    cast_shadow(pen, foot, [&](const Pen& shadow) { draw_lamp_art(shadow, 0); });
    contact_shadow(pen, foot, 0.24, 0.12);
    const Pen at = pen.at(foot);
    draw_lamp_art(at, lit);
    if (lit > 0.3) {
        at.fill({circle(0, 5.45, 1.5)}, Gradient{{0, 5.45},
                                                 {1.5, 5.45},
                                                 with_alpha(glowing(hex(0xFFDF9A)), 0.6),
                                                 with_alpha(glowing(hex(0xFFDF9A)), 0),
                                                 true});
    }
}

void draw_tree(const Pen& pen, const Tree& tree) {
    const Vec3 foot{tree.x, street::kKerb, tree.z};
    const Pen ground = pen.on({{tree.x, street::kKerb, tree.z}, {1, 0, 0}, {0, 0, 1}});
    ground.fill(rectangle(-0.48, -0.48, 0.48, 0.48), hex(0x5A4A3C));
    cast_shadow(pen, foot, [&](const Pen& shadow) { draw_tree_art(shadow, tree); });
    draw_tree_art(pen.at(foot), tree);
}

void draw_street_clock(const Pen& pen, double x, double z) {
    const Vec3 foot{x, street::kKerb, z};
    const Pen at = pen.at(foot);
    contact_shadow(pen, foot, 0.3, 0.15);
    at.fill({rectangle(-0.07, 0, 0.07, 3.5), rounded(-0.18, 0, 0.18, 0.6, 0.05)}, kIron);
    at.fill(circle(0, 3.95, 0.52), kIron);
    at.fill(circle(0, 3.95, 0.45), hex(0xFAF6EA));
    Shape ticks;
    for (int hour = 0; hour < 12; ++hour) {
        const Point p = on_circle(hour / 12.0);
        const Shape tick =
            stroke({{p.x * 0.36, 3.95 + p.y * 0.36}, {p.x * 0.41, 3.95 + p.y * 0.41}}, hour % 3 == 0 ? 0.04 : 0.02);
        ticks.insert(ticks.end(), tick.begin(), tick.end());
    }
    at.fill(ticks, hex(0x23272B));
    const int minutes = pen.lighting().clock_minutes;
    const Point hour = on_circle(0.25 - minutes / 720.0);
    const Point minute = on_circle(0.25 - (minutes % 60) / 60.0);
    at.line({{0, 3.95}, {hour.x * 0.23, 3.95 + hour.y * 0.23}}, 0.045, hex(0x23272B));
    at.line({{0, 3.95}, {minute.x * 0.35, 3.95 + minute.y * 0.35}}, 0.028, hex(0x23272B));
    at.fill(circle(0, 3.95, 0.035), hex(0xB5342E));
}

}  // namespace landauer::scene
