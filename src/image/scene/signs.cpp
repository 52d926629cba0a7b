#include <algorithm>
#include <string_view>

#include "image/scene/glyphs.h"
#include "image/scene/parts.h"

namespace landauer::scene {
namespace {

constexpr Colour kSteel = hex(0x7C8289);
constexpr Colour kRed = hex(0xC62F2B);
constexpr Colour kBlue = hex(0x1F5BA8);
constexpr Colour kWhite = hex(0xF8F7F2);

void draw_pole(const Pen& pen, double height) {
    pen.fill({rectangle(-0.04, 0, 0.04, height)},
             Gradient{{-0.04, 0}, {0.04, 0}, lighter(kSteel, 0.25), darker(kSteel, 0.25)});
}

void draw_walker(const Pen& pen, double x, double y, double size, Colour colour) {
    const Pen at = pen.moved(x, y).scaled(size, size);
    at.fill(circle(0.08, 0.92, 0.09), colour);
    at.fill(tapered({0.05, 0.78}, {0.0, 0.45}, 0.16, 0.14), colour);
    at.fill(stroke({{0.0, 0.48}, {0.14, 0.26}, {0.12, 0.02}}, 0.11), colour);
    at.fill(stroke({{0.0, 0.48}, {-0.06, 0.25}, {-0.22, 0.05}}, 0.11), colour);
    at.fill(stroke({{0.05, 0.76}, {-0.14, 0.62}, {-0.18, 0.46}}, 0.08), colour);
    at.fill(stroke({{0.06, 0.76}, {0.2, 0.6}, {0.3, 0.56}}, 0.08), colour);
}

void draw_stop(const Pen& pen) {
    draw_pole(pen, 2.2);
    pen.fill(regular(0, 2.55, 0.50, 8, 0.0625), kWhite);
    pen.fill(regular(0, 2.55, 0.465, 8, 0.0625), kRed);
    pen.text("STOP", 0, 2.445, 0.21, kWhite, 0.17);
}

void draw_limit(const Pen& pen, const std::string& limit) {
    draw_pole(pen, 2.3);
    pen.fill(circle(0, 2.6, 0.40), kRed);
    pen.fill(circle(0, 2.6, 0.30), kWhite);
    pen.text(limit, 0, 2.45, 0.30, hex(0x1D1D20), 0.17);
}

void draw_one_way(const Pen& pen) {
    draw_pole(pen, 2.3);
    pen.fill(rounded(-0.62, 2.2, 0.62, 2.62, 0.05), kWhite);
    pen.fill(rounded(-0.59, 2.23, 0.59, 2.59, 0.04), kBlue);
    pen.fill(
        Contour{{-0.52, 2.32}, {0.32, 2.32}, {0.32, 2.26}, {0.54, 2.41}, {0.32, 2.56}, {0.32, 2.50}, {-0.52, 2.50}},
        kWhite);
    pen.text("ONE WAY", -0.09, 2.365, 0.09, kBlue, 0.17);
}

void draw_crossing(const Pen& pen) {
    draw_pole(pen, 2.2);
    pen.fill(rounded(-0.40, 2.1, 0.40, 2.9, 0.05), kWhite);
    pen.fill(rounded(-0.37, 2.13, 0.37, 2.87, 0.04), kBlue);
    pen.fill(Contour{{-0.30, 2.2}, {0.30, 2.2}, {0, 2.80}}, kWhite);
    draw_walker(pen, 0, 2.27, 0.36, hex(0x1B1B1E));
    for (double x = -0.22; x < 0.2; x += 0.1) {
        pen.fill(rectangle(x, 2.21, x + 0.05, 2.26), hex(0x1B1B1E));
    }
}

void draw_parking(const Pen& pen) {
    draw_pole(pen, 2.2);
    pen.fill(rounded(-0.36, 2.1, 0.36, 2.82, 0.05), kWhite);
    pen.fill(rounded(-0.33, 2.13, 0.33, 2.79, 0.04), kBlue);
    pen.text("P", 0, 2.25, 0.42, kWhite, 0.17);
}

void draw_no_entry(const Pen& pen) {
    draw_pole(pen, 2.3);
    pen.fill(circle(0, 2.6, 0.40), kWhite);
    pen.fill(circle(0, 2.6, 0.37), kRed);
    pen.fill(rectangle(-0.26, 2.53, 0.26, 2.67), kWhite);
}

void draw_directions(const Pen& pen, std::string_view lines) {
    for (const double x : {-0.95, 0.95}) {
        draw_pole(pen.moved(x, 0), 2.75);
    }
    pen.fill(rounded(-1.3, 2.6, 1.3, 4.32, 0.08), kWhite);
    pen.fill(rounded(-1.26, 2.64, 1.26, 4.28, 0.06), hex(0x1F5F9E));
    double y = 3.86;
    while (!lines.empty()) {
        const auto end = lines.find('\n');
        const std::string_view line = lines.substr(0, end);
        pen.text(line.substr(0, 1), -0.98, y, 0.28, kWhite, 0.16);
        const std::string_view place = line.substr(2);
        pen.text(place, 0.22, y, std::min(0.28, 0.28 * 1.8 / text_width(place, 0.28)), kWhite, 0.15);
        y -= 0.5;
        lines = end == std::string_view::npos ? "" : lines.substr(end + 1);
    }
}

void draw_lamp_face(const Pen& pen, double y, Colour lit, bool on) {
    if (on) {
        pen.fill({circle(0, y, 0.42)},
                 Gradient{{0, y}, {0.42, y}, with_alpha(glowing(lit), 0.5), with_alpha(glowing(lit), 0), true});
        pen.fill({circle(0, y, 0.115)},
                 Gradient{{-0.03, y + 0.03}, {0.115, y}, glowing(lighter(lit, 0.5)), glowing(lit), true});
    } else {
        pen.fill(circle(0, y, 0.115), mix(lit, hex(0x22262A), 0.80));
    }
    pen.fill({arc(0, y + 0.02, 0.15, 0.14, 0.0, 0.5)}, with_alpha(hex(0x0E1012), on ? 0.0 : 0.25));
}

void draw_signal_art(const Pen& pen, const Signal& signal, bool lights) {
    draw_pole(pen.scaled(1.6, 1), signal.height_m - 0.2);
    pen.fill(rounded(-0.12, 0, 0.12, 0.35, 0.03), hex(0x4B5056));
    const double base = signal.height_m - 1.1;
    pen.fill(rounded(-0.27, base - 0.05, 0.27, base + 1.15, 0.08), hex(0xF2EFE6));
    pen.fill(rounded(-0.23, base - 0.01, 0.23, base + 1.11, 0.07), hex(0x1C1F23));
    if (!lights) {
        return;
    }
    draw_lamp_face(pen, base + 0.18, hex(0x36D07A), !signal.red);
    draw_lamp_face(pen, base + 0.55, hex(0xF4B63A), false);
    draw_lamp_face(pen, base + 0.92, hex(0xFF3B2E), signal.red);
}

void draw_sign_art(const Pen& pen, const Sign& sign) {
    switch (sign.kind) {
        case SignKind::Stop:
            return draw_stop(pen);
        case SignKind::SpeedLimit:
            return draw_limit(pen, sign.text);
        case SignKind::OneWay:
            return draw_one_way(pen);
        case SignKind::Crossing:
            return draw_crossing(pen);
        case SignKind::Parking:
            return draw_parking(pen);
        case SignKind::Directions:
            return draw_directions(pen, sign.text);
        case SignKind::NoEntry:
            return draw_no_entry(pen);
    }
}

}  // namespace

void draw_sign(const Pen& pen, const Sign& sign) {
    const Vec3 foot{sign.x, street::kKerb, sign.z};
    cast_shadow(pen, foot, [&](const Pen& shadow) { draw_sign_art(shadow, sign); });
    contact_shadow(pen, foot, 0.16, 0.08);
    draw_sign_art(pen.at(foot), sign);
}

void draw_signal(const Pen& pen, const Signal& signal) {
    const Vec3 foot{signal.x, street::kKerb, signal.z};
    cast_shadow(pen, foot, [&](const Pen& shadow) { draw_signal_art(shadow, signal, false); });
    contact_shadow(pen, foot, 0.2, 0.1);
    draw_signal_art(pen.at(foot), signal, true);
}

}  // namespace landauer::scene
