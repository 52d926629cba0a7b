#include "image/scene/parts.h"

namespace landauer::scene {
namespace {

constexpr Colour kIron = hex(0x2F3A3F);
constexpr Colour kWood = hex(0x9A6B43);

template <class Draw>
void stand(const Pen& pen, double x, double z, double half_width, Draw draw) {
    const Vec3 foot{x, street::kKerb, z};
    cast_shadow(pen, foot, draw);
    contact_shadow(pen, foot, half_width, 0.18);
    draw(pen.at(foot));
}

}  // namespace

void draw_bench(const Pen& pen, double x, double z) {
    stand(pen, x, z, 0.9, [](const Pen& at) {
        at.fill({rectangle(-0.78, 0, -0.70, 0.46), rectangle(0.70, 0, 0.78, 0.46), rectangle(-0.80, 0.44, -0.72, 0.92),
                 rectangle(0.72, 0.44, 0.80, 0.92)},
                kIron);
        at.fill({rounded(-0.95, 0.80, 0.95, 0.92, 0.03), rounded(-0.95, 0.63, 0.95, 0.75, 0.03)}, kWood);
        at.fill(rounded(-0.95, 0.40, 0.95, 0.50, 0.03), lighter(kWood, 0.15));
        at.fill(rectangle(-0.95, 0.36, 0.95, 0.40), darker(kWood, 0.35));
    });
}

void draw_bin(const Pen& pen, double x, double z) {
    stand(pen, x, z, 0.3, [](const Pen& at) {
        at.fill({rounded(-0.25, 0.05, 0.25, 0.9, 0.05)},
                Gradient{{-0.25, 0}, {0.25, 0}, hex(0x4B7A5A), darker(hex(0x4B7A5A), 0.35)});
        at.fill(rounded(-0.28, 0.86, 0.28, 0.98, 0.04), kIron);
        at.fill(rounded(-0.15, 0.70, 0.15, 0.80, 0.03), hex(0x16191C));
    });
}

void draw_planter(const Pen& pen, double x, double z) {
    stand(pen, x, z, 0.6, [](const Pen& at) {
        at.fill(Contour{{-0.5, 0}, {0.5, 0}, {0.6, 0.5}, {-0.6, 0.5}}, hex(0xB08A6A));
        at.fill(rectangle(-0.64, 0.46, 0.64, 0.56), hex(0xC7A27F));
        for (int i = 0; i < 9; ++i) {
            const double place = -0.52 + 0.13 * i;
            at.fill(circle(place, 0.66 + 0.05 * (i % 3), 0.15), i % 2 == 0 ? hex(0x3F7545) : hex(0x5B9450));
        }
        for (int i = 0; i < 8; ++i) {
            const Colour petals = i % 3 == 0 ? hex(0xF3C84B) : hex(0xE0574F);
            at.fill(circle(-0.46 + 0.13 * i, 0.76 + 0.06 * (i % 2), 0.055), petals);
        }
    });
}

void draw_bollard(const Pen& pen, double x, double z) {
    stand(pen, x, z, 0.1, [](const Pen& at) {
        at.fill({rounded(-0.07, 0, 0.07, 0.92, 0.06)}, Gradient{{-0.07, 0}, {0.07, 0}, lighter(kIron, 0.25), kIron});
        at.fill(rectangle(-0.07, 0.72, 0.07, 0.80), hex(0xE9E4D6));
    });
}

void draw_cafe_table(const Pen& pen, double x, double z) {
    stand(pen, x, z, 0.8, [](const Pen& at) {
        for (const double side : {-1.0, 1.0}) {
            const double back = side * 0.72;
            const double seat = side * 0.58;
            const double leg = side * 0.45;
            at.fill({rectangle(back - 0.02, 0, back + 0.02, 0.9), rectangle(seat - 0.16, 0.42, seat + 0.16, 0.47),
                     rectangle(leg - 0.015, 0, leg + 0.015, 0.44)},
                    hex(0x6E3F2A));
        }
        at.fill({rectangle(-0.03, 0, 0.03, 0.72), rectangle(-0.2, 0, 0.2, 0.03)}, kIron);
        at.fill(rounded(-0.36, 0.70, 0.36, 0.75, 0.02), hex(0xEEE8DA));
        at.fill(rectangle(0.05, 0.75, 0.13, 0.84), hex(0xFFFFFF));
    });
}

// Contact wires over both tracks, and the spans between the houses that carry them.
void draw_tram_wires(const Pen& pen) {
    const Colour wire = with_alpha(hex(0x2B2F38), 0.75);
    constexpr double kHeight = 5.7;
    for (double z = 133; z > 27; z -= 15) {
        const Pen at = pen.at({0, 0, z});
        Contour span;
        for (int i = 0; i <= 20; ++i) {
            const double x = -10.5 + 1.05 * i;
            span.push_back({x, 6.05 + 0.014 * x * x});
        }
        at.line(span, 0.035, wire);
        for (const double track : {-1.6, 1.6}) {
            at.line({{track, kHeight}, {track, 6.1}}, 0.03, wire);
        }
    }
    for (const double track : {-1.6, 1.6}) {
        pen.on({{track, kHeight, 0}, {1, 0, 0}, {0, 0, 1}}).fill(rectangle(-0.014, 8, 0.014, 150), wire);
    }
}

}  // namespace landauer::scene
