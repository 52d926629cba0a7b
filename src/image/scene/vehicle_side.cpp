#include "image/scene/vehicle_side.h"

#include <algorithm>

#include "image/scene/glyphs.h"

namespace landauer::scene {
namespace {

void draw_wheel(const Pen& pen, double x, double radius) {
    pen.fill(circle(x, radius, radius * 1.2), hex(0x1E1F23));
    pen.fill(circle(x, radius, radius), kTyre);
    pen.fill(circle(x, radius, radius * 0.66), hex(0xB4B8BD));
    pen.fill(circle(x, radius, radius * 0.58), hex(0x8B9097));
    Shape spokes;
    for (int i = 0; i < 5; ++i) {
        const Point p = on_circle(0.07 + i / 5.0);
        const Shape spoke = stroke({{x, radius}, {x + p.x * radius * 0.6, radius + p.y * radius * 0.6}}, radius * 0.16);
        spokes.insert(spokes.end(), spoke.begin(), spoke.end());
    }
    pen.fill(spokes, hex(0xD7DADD));
    pen.fill(circle(x, radius, radius * 0.15), hex(0x55595F));
}

// Text reads from the left whichever way the vehicle looks.
void write(const Pen& pen, bool mirrored, std::string_view text, double x, double y, double height, Colour colour) {
    if (mirrored) {
        pen.scaled(-1, 1).text(text, -x, y, height, colour);
    } else {
        pen.text(text, x, y, height, colour);
    }
}

Contour outline_of(const BodyShape& shape) {
    Contour contour{shape.foot};
    for (const Edge& edge : shape.outline) {
        contour.push_back(edge.to);
    }
    return contour;
}

void draw_pane(const Pen& pen, const Contour& pane) {
    const Point low = pane.front();
    pen.fill({pane}, Gradient{low, {low.x, low.y + 0.6}, kCarGlass, mix(kCarGlass, kCarGlassLight, 0.55)});
    const double width = pane[1].x - low.x;
    pen.fill(Contour{{low.x + width * 0.30, low.y + 0.02},
                     {low.x + width * 0.48, low.y + 0.02},
                     {low.x + width * 0.72, pane[2].y - 0.03},
                     {low.x + width * 0.54, pane[2].y - 0.03}},
             with_alpha(hex(0xFFFFFF), 0.16));
}

void draw_lights(const Pen& pen, const BodyShape& shape) {
    const double front = shape.outline.back().to.x;
    const double y = shape.belt * 0.74;
    pen.fill(
        oriented(
            {{front - 0.42, y + 0.08}, {front - 0.06, y - 0.06}, {front - 0.03, y - 0.18}, {front - 0.34, y - 0.10}}),
        glowing(hex(0xFFF4CF)));
    pen.fill(rectangle(shape.foot.x - 0.01, y - 0.06, shape.foot.x + 0.22, y + 0.16), hex(0xC7312B));
}

void draw_body(const Pen& pen, const Vehicle& vehicle, const BodyShape& shape) {
    const Colour paint = vehicle.paint.colour;
    pen.fill({oriented(outline_of(shape))},
             Gradient{{0, shape.foot.y}, {0, shape.height}, darker(paint, 0.22), lighter(paint, 0.07)});
    const double rear = shape.foot.x;
    const double front = shape.outline.back().to.x;
    pen.fill(rectangle(rear + 0.04, shape.belt - 0.10, front - 0.25, shape.belt - 0.05),
             with_alpha(hex(0xFFFFFF), 0.20));
    pen.fill(rectangle(rear, shape.foot.y - 0.05, front, shape.foot.y + 0.12), hex(0x2A2C31));
    for (const Contour& pane : shape.panes) {
        draw_pane(pen, pane);
    }
    for (const double x : shape.doors) {
        pen.fill(rectangle(x - 0.012, shape.foot.y + 0.12, x + 0.012, shape.belt), with_alpha(hex(0x000000), 0.35));
        pen.fill(rounded(x - 0.24, shape.belt - 0.19, x - 0.08, shape.belt - 0.15, 0.02),
                 with_alpha(hex(0x000000), 0.45));
    }
}

void draw_car(const Pen& pen, const Vehicle& vehicle, bool mirrored) {
    const BodyShape& shape = shape_of(vehicle.body);
    draw_body(pen, vehicle, shape);
    draw_lights(pen, shape);
    if (vehicle.body == Body::Taxi) {
        for (double x = -1.6; x < 1.5; x += 0.22) {
            pen.fill({rectangle(x, 0.70, x + 0.11, 0.78), rectangle(x + 0.11, 0.62, x + 0.22, 0.70)}, hex(0x26262A));
        }
        pen.fill(rounded(-0.42, 1.45, 0.12, 1.64, 0.04), glowing(hex(0xFFF1B8)));
        write(pen, mirrored, "TAXI", -0.15, 1.49, 0.11, hex(0x2A2A2A));
    }
    if (vehicle.body == Body::Police) {
        pen.fill(rectangle(-2.2, 0.56, 2.15, 0.76), hex(0x1F4FA3));
        write(pen, mirrored, "POLICE", -0.1, 0.60, 0.13, hex(0xFFFFFF));
        pen.fill(rounded(-0.55, 1.44, 0.15, 1.58, 0.05), glowing(hex(0x3D7BFF)));
    }
    if (vehicle.body == Body::Van) {
        pen.fill(rectangle(-2.66, 0.74, 0.7, 0.92), hex(0xD8672F));
        write(pen, mirrored, vehicle.text, -0.98, 1.42, std::min(0.36, 0.36 * 2.9 / text_width(vehicle.text, 0.36)),
              hex(0x24476B));
    }
    if (!shape.panes.empty()) {  // the mirror
        const Contour& pane = shape.panes.back();
        pen.fill(rounded(pane[1].x - 0.10, shape.belt, pane[1].x + 0.10, shape.belt + 0.15, 0.05),
                 darker(vehicle.paint.colour, 0.3));
    }
    for (const double axle : shape.axles) {
        draw_wheel(pen, axle, shape.wheel);
    }
}

void draw_lorry(const Pen& pen, const Vehicle& vehicle, bool mirrored) {
    const BodyShape& shape = shape_of(Body::Lorry);
    pen.fill(rectangle(-4.0, 0.55, 4.0, 0.9), hex(0x34363B));
    const Contour cab{{2.2, 0.5}, {4.1, 0.5}, {4.1, 1.4}, {4.02, 1.62}, {3.7, 2.95}, {2.2, 3.0}};
    pen.fill({cab}, Gradient{{0, 0.5}, {0, 3}, darker(vehicle.paint.colour, 0.2), lighter(vehicle.paint.colour, 0.06)});
    draw_pane(pen, shape.panes.front());
    pen.fill(rectangle(2.41, 0.75, 2.44, 2.7), with_alpha(hex(0x000000), 0.35));
    pen.fill(rectangle(3.8, 0.8, 4.12, 1.05), glowing(hex(0xFFF4CF)));
    pen.fill({rectangle(-4.1, 0.85, 2.05, 3.3)}, Gradient{{0, 0.85}, {0, 3.3}, hex(0xD5D6D3), hex(0xF5F4EF)});
    for (double x = -4.1; x < 2.0; x += 1.02) {
        pen.fill(rectangle(x, 0.85, x + 0.03, 3.3), with_alpha(hex(0x000000), 0.12));
    }
    pen.fill(rectangle(-4.1, 1.05, 2.05, 1.35), vehicle.paint.colour);
    write(pen, mirrored, vehicle.text, -1.02, 1.85, std::min(0.62, 0.62 * 5.3 / text_width(vehicle.text, 0.62)),
          darker(vehicle.paint.colour, 0.25));
    for (const double axle : shape.axles) {
        draw_wheel(pen, axle, shape.wheel);
    }
}

void draw_coach_windows(const Pen& pen, double from, double to, double low, double high, double pitch) {
    pen.fill(rounded(from - 0.1, low - 0.1, to + 0.1, high + 0.08, 0.12), hex(0x20272E));
    for (double x = from; x + pitch * 0.5 < to; x += pitch) {
        const Contour pane = rectangle(x + 0.04, low, std::min(x + pitch - 0.04, to), high);
        pen.fill({pane}, Gradient{{x, low}, {x + 0.4, high}, kCarGlass, mix(kCarGlass, kCarGlassLight, 0.65)});
        pen.fill({circle(x + pitch * 0.4, low + 0.26, 0.14),
                  rounded(x + pitch * 0.4 - 0.22, low - 0.0, x + pitch * 0.4 + 0.22, low + 0.16, 0.1)},
                 with_alpha(hex(0x182028), 0.6));
        pen.fill(
            Contour{{x + pitch * 0.5, low}, {x + pitch * 0.7, low}, {x + pitch * 0.92, high}, {x + pitch * 0.72, high}},
            with_alpha(hex(0xFFFFFF), 0.12));
    }
}

void draw_bus(const Pen& pen, const Vehicle& vehicle, bool mirrored) {
    const BodyShape& shape = shape_of(Body::Bus);
    const Colour paint = vehicle.paint.colour;
    pen.fill({oriented(outline_of(shape))}, Gradient{{0, 0.3}, {0, 3.1}, darker(paint, 0.2), lighter(paint, 0.06)});
    pen.fill(rectangle(-5.78, 0.34, 5.8, 0.5), hex(0x2A2C31));
    pen.fill(rectangle(-5.8, 1.02, 5.8, 1.12), hex(0xF4EEDD));
    draw_coach_windows(pen, -5.3, 4.3, 1.28, 2.42, 1.37);
    draw_coach_windows(pen, 4.55, 5.66, 1.28, 2.42, 1.1);
    pen.fill(rounded(-1.9, 2.53, 1.9, 2.98, 0.06), hex(0x15181C));
    write(pen, mirrored, vehicle.number + "  " + vehicle.text, 0, 2.62, 0.26, glowing(hex(0xFFB52E)));
    write(pen, mirrored, "CITY LINES", -2.1 + 2.1, 0.62, 0.27, hex(0xF8F2E2));
    pen.fill(rectangle(5.6, 0.7, 5.82, 0.95), glowing(hex(0xFFF4CF)));
    pen.fill(rectangle(-5.82, 0.7, -5.62, 1.1), hex(0xC7312B));
    for (const double axle : shape.axles) {
        draw_wheel(pen, axle, shape.wheel);
    }
}

void draw_tram(const Pen& pen, const Vehicle& vehicle) {
    const BodyShape& shape = shape_of(Body::Tram);
    const Colour paint = vehicle.paint.colour;
    pen.fill({oriented(outline_of(shape))}, Gradient{{0, 0.2}, {0, 3.4}, darker(paint, 0.2), paint});
    pen.fill(rectangle(-8.9, 2.75, 8.7, 3.2), hex(0xF4EFE2));
    pen.fill(rectangle(-8.9, 0.22, 8.9, 0.5), hex(0x33353A));
    draw_coach_windows(pen, -8.3, 8.2, 1.25, 2.55, 1.5);
    for (const double x : {-5.3, 0.6, 6.0}) {
        pen.fill(rectangle(x - 0.65, 0.45, x + 0.65, 2.62), hex(0x22282F));
        pen.fill({rectangle(x - 0.58, 0.6, x - 0.04, 2.5), rectangle(x + 0.04, 0.6, x + 0.58, 2.5)},
                 mix(kCarGlass, kCarGlassLight, 0.3));
    }
}

void draw_plate(const Pen& pen, std::string_view number, double y) {
    pen.fill(rounded(-0.29, y, 0.29, y + 0.13, 0.02), hex(0xF7F5EC));
    pen.fill(rectangle(-0.29, y, -0.23, y + 0.13), hex(0x2A56A8));
    pen.text(number, 0.03, y + 0.025, 0.08, hex(0x1C1C1E), 0.16);
}

void draw_tram_front(const Pen& pen, const Vehicle& vehicle) {
    const Colour paint = vehicle.paint.colour;
    pen.fill({rounded(-1.2, 0.3, 1.2, 3.35, 0.35)},
             Gradient{{0, 0.3}, {0, 3.3}, darker(paint, 0.12), lighter(paint, 0.06)});
    pen.fill(rounded(-1.08, 1.25, 1.08, 2.66, 0.22), hex(0x1B2127));
    pen.fill({rounded(-1.0, 1.33, 1.0, 2.58, 0.18)}, Gradient{{-0.6, 1.3}, {0.6, 2.6}, kCarGlass, kCarGlassLight});
    pen.fill({circle(-0.35, 1.78, 0.13), rounded(-0.6, 1.33, -0.1, 1.66, 0.15)}, with_alpha(hex(0x141A20), 0.75));
    pen.fill(rounded(-0.98, 2.72, 0.98, 3.16, 0.08), hex(0x14171B));
    const std::string board = vehicle.number + " " + vehicle.text;
    pen.text(board, 0, 2.83, std::min(0.23, 0.23 * 1.8 / text_width(board, 0.23)), glowing(hex(0xFFB52E)));
    for (const double x : {-0.85, 0.85}) {
        pen.fill(circle(x, 0.92, 0.16), hex(0x2A2D33));
        pen.fill(circle(x, 0.92, 0.125), glowing(hex(0xFFF3C4)));
    }
    pen.fill(rounded(-1.1, 0.34, 1.1, 0.56, 0.1), hex(0x2B2D32));
    pen.text(vehicle.number, 0, 0.84, 0.24, hex(0x22252A));
}

void draw_bus_front(const Pen& pen, const Vehicle& vehicle) {
    const Colour paint = vehicle.paint.colour;
    pen.fill({rounded(-1.24, 0.36, 1.24, 3.1, 0.2)}, Gradient{{0, 0.3}, {0, 3}, darker(paint, 0.15), paint});
    pen.fill({rounded(-1.14, 1.1, 1.14, 2.5, 0.12)}, Gradient{{-0.6, 1.1}, {0.6, 2.5}, kCarGlass, kCarGlassLight});
    pen.fill(rounded(-1.05, 2.56, 1.05, 2.96, 0.06), hex(0x14171B));
    const std::string board = vehicle.number + " " + vehicle.text;
    pen.text(board, 0, 2.65, std::min(0.22, 0.22 * 1.9 / text_width(board, 0.22)), glowing(hex(0xFFB52E)));
    for (const double x : {-0.9, 0.9}) {
        pen.fill(rounded(x - 0.18, 0.68, x + 0.18, 0.86, 0.06), glowing(hex(0xFFF4CF)));
    }
}

}  // namespace

void draw_side(const Pen& pen, const Vehicle& vehicle, bool mirrored) {
    switch (vehicle.body) {
        case Body::Lorry:
            return draw_lorry(pen, vehicle, mirrored);
        case Body::Bus:
            return draw_bus(pen, vehicle, mirrored);
        case Body::Tram:
            return draw_tram(pen, vehicle);
        default:
            return draw_car(pen, vehicle, mirrored);
    }
}

void draw_front(const Pen& pen, const Vehicle& vehicle) {
    if (vehicle.body == Body::Tram) {
        return draw_tram_front(pen, vehicle);
    }
    if (vehicle.body == Body::Bus) {
        return draw_bus_front(pen, vehicle);
    }
    const BodyShape& shape = shape_of(vehicle.body);
    const double half = shape.width / 2;
    const double y = shape.belt * 0.66;
    const double low = shape.foot.y;
    pen.fill(rounded(-half, low, half, low + 0.2, 0.05), darker(vehicle.paint.colour, 0.35));
    pen.fill(rounded(-half * 0.55, low + 0.10, half * 0.55, y + 0.10, 0.05), hex(0x22252A));
    Shape bars;
    for (double at = low + 0.17; at < y + 0.06; at += 0.08) {
        bars.push_back(rectangle(-half * 0.5, at, half * 0.5, at + 0.025));
    }
    pen.fill(bars, hex(0x71767D));
    for (const double side : {-1.0, 1.0}) {
        pen.fill(oriented({{side * half * 0.98, y - 0.06},
                           {side * half * 0.62, y - 0.04},
                           {side * half * 0.66, y + 0.08},
                           {side * half * 0.98, y + 0.10}}),
                 glowing(hex(0xFFF6D8)));
        pen.fill(circle(side * half * 0.8, y + 0.02, 0.055), glowing(hex(0xFFFFFF)));
    }
    draw_plate(pen, vehicle.number, low + 0.06);
}

void draw_rear(const Pen& pen, const Vehicle& vehicle) {
    const BodyShape& shape = shape_of(vehicle.body);
    const double half = shape.width / 2;
    const double low = shape.foot.y;
    if (vehicle.body == Body::Lorry) {
        pen.fill({rectangle(-half, 0.85, half, 3.3)}, Gradient{{0, 0.85}, {0, 3.3}, hex(0xCFD0CE), hex(0xF3F2ED)});
        pen.fill({rectangle(-0.02, 0.85, 0.02, 3.3), rectangle(-0.3, 1.0, -0.26, 3.2), rectangle(0.26, 1.0, 0.3, 3.2)},
                 hex(0x8C8F93));
        pen.text(vehicle.text, 0, 2.3, std::min(0.3, 0.3 * 2.1 / text_width(vehicle.text, 0.3)),
                 darker(vehicle.paint.colour, 0.25));
    }
    pen.fill(rounded(-half, low, half, low + 0.22, 0.05), darker(vehicle.paint.colour, 0.35));
    const double y = vehicle.body == Body::Van ? 1.0 : shape.belt * 0.72;
    for (const double side : {-1.0, 1.0}) {
        const double from = side * half * 0.97;
        const double to = side * half * 0.66;
        pen.fill(rounded(std::min(from, to), y - 0.06, std::max(from, to), y + 0.14, 0.04),
                 vehicle.moves ? hex(0xC7312B) : glowing(hex(0xFF3B2F)));
    }
    draw_plate(pen, vehicle.number, low + 0.24);
}

}  // namespace landauer::scene
