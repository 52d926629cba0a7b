#include <algorithm>
#include <array>

#include "image/scene/draws.h"
#include "image/scene/glyphs.h"
#include "image/scene/parts.h"

namespace landauer::scene {
namespace {

constexpr double kGround_m = 4.1;  // height of the ground floor
constexpr double kFloor_m = 3.1;
constexpr Colour kGlass = hex(0x4A6478);
constexpr Colour kGlassLight = hex(0xA9C6D6);
constexpr Colour kLampLight = hex(0xFFD98A);
constexpr double kFinest_px = 9.0;  // a metre smaller than this shows no small things

double height_of(const House& house) { return kGround_m + kFloor_m * house.floors; }

void draw_bricks(const Pen& pen, const House& house) {
    if (!house.bricks || pen.pixels_per_m() < 30) {
        return;
    }
    Shape joints;
    const double top = height_of(house);
    for (double y = kGround_m; y < top; y += 0.3) {
        joints.push_back(rectangle(0, y, house.width, y + 0.03));
    }
    pen.fill(joints, with_alpha(darker(house.wall.colour, 0.4), 0.30));
}

Contour window_outline(Windows kind, double x, double y, double w, double h, double grow) {
    const double left = x - w / 2 - grow;
    const double right = x + w / 2 + grow;
    const double bottom = y - grow;
    if (kind != Windows::Arched) {
        return rectangle(left, bottom, right, y + h + grow);
    }
    Contour contour{{left, bottom}, {right, bottom}};
    for (const Point p : arc(x, y + h - w / 2, w / 2 + grow, w / 2 + grow, 0.0, 0.5)) {
        contour.push_back(p);
    }
    return contour;
}

void draw_panes(const Pen& pen, const House& house, double x, double y, double w, double h, bool is_lit,
                double curtain) {
    const Contour hole = window_outline(house.windows, x, y, w, h, 0);
    if (is_lit) {
        pen.fill({hole}, Gradient{{x, y}, {x, y + h}, glowing(kLampLight), glowing(hex(0xF7B65C))});
    } else {
        pen.fill({hole}, Gradient{{x - w / 2, y}, {x + w / 2, y + h}, kGlass, mix(kGlass, kGlassLight, 0.55)});
        pen.fill(Contour{{x - w * 0.42, y + h * 0.2},
                         {x - w * 0.18, y + h * 0.2},
                         {x + w * 0.26, y + h * 0.85},
                         {x + w * 0.02, y + h * 0.85}},
                 with_alpha(hex(0xFFFFFF), 0.13));
    }
    if (pen.pixels_per_m() < kFinest_px) {
        return;
    }
    if (curtain > 0) {
        const Colour cloth = with_alpha(hex(0xF7F0E2), is_lit ? 0.55 : 0.75);
        pen.fill(rectangle(x - w / 2, y, x - w / 2 + w * curtain, y + h * 0.93), cloth);
        pen.fill(rectangle(x + w / 2 - w * curtain, y, x + w / 2, y + h * 0.93), cloth);
    }
    const Colour frame = house.trim;
    pen.fill(
        {rectangle(x - 0.03, y, x + 0.03, y + h), rectangle(x - w / 2, y + h * 0.64, x + w / 2, y + h * 0.64 + 0.055)},
        frame);
    pen.fill({rectangle(x - w / 2, y + h - 0.12, x + w / 2, y + h)}, with_alpha(hex(0x1C2430), 0.25));
}

void draw_window(const Pen& pen, const House& house, double x, double y, double w, double h, Draws& draws,
                 const Lighting& light) {
    const bool is_lit = draws.chance(light.lamps);
    const double curtain = draws.chance(0.45) ? draws.uniform(0.1, 0.28) : 0.0;
    const bool shutters = house.windows == Windows::French && w < 1.3;
    pen.fill(moved(window_outline(house.windows, x, y, w, h, 0.09), 0.06, -0.07),
             with_alpha(light.shadow_colour, 0.20));
    pen.fill(window_outline(house.windows, x, y, w, h, 0.11), house.trim);
    draw_panes(pen, house, x, y, w, h, is_lit, curtain);
    pen.fill(rectangle(x - w / 2 - 0.2, y - 0.2, x + w / 2 + 0.2, y - 0.07), lighter(house.trim, 0.2));
    pen.fill(rectangle(x - w / 2 - 0.17, y - 0.27, x + w / 2 + 0.2, y - 0.2), with_alpha(light.shadow_colour, 0.22));
    if (shutters && pen.pixels_per_m() >= kFinest_px) {
        for (const double side : {-1.0, 1.0}) {
            const double from = x + side * (w / 2 + 0.11);
            const double to = from + side * 0.42;
            pen.fill(rectangle(std::min(from, to), y - 0.05, std::max(from, to), y + h + 0.05),
                     darker(house.awning.colour, 0.25));
            Shape slats;
            for (double at = y + 0.1; at < y + h; at += 0.17) {
                slats.push_back(rectangle(std::min(from, to) + 0.05, at, std::max(from, to) - 0.05, at + 0.05));
            }
            pen.fill(slats, with_alpha(hex(0x000000), 0.18));
        }
    }
    if (draws.chance(0.22) && !house.balconies) {  // flowers on the sill
        pen.fill(rectangle(x - w / 2, y - 0.1, x + w / 2, y + 0.1), hex(0x8A4B33));
        for (double at = x - w / 2 + 0.1; at < x + w / 2; at += 0.17) {
            pen.fill(circle(at, y + 0.16, 0.12), hex(0x4F8A45));
            pen.fill(circle(at + 0.03, y + 0.22, 0.065), draws.chance(0.5) ? hex(0xE0524D) : hex(0xF0C8D8));
        }
    }
}

void draw_balcony(const Pen& pen, double x, double y, double half, const Lighting& light) {
    pen.fill(rectangle(x - half + 0.1, y - 0.62, x + half + 0.22, y - 0.14), with_alpha(light.shadow_colour, 0.20));
    pen.fill(rectangle(x - half, y - 0.16, x + half, y), hex(0xD9D2C4));
    Shape rails{rectangle(x - half, y + 0.88, x + half, y + 0.95), rectangle(x - half, y + 0.06, x + half, y + 0.10)};
    const double step = pen.pixels_per_m() < 14 ? 0.28 : 0.14;
    for (double at = x - half; at <= x + half + 0.01; at += step) {
        rails.push_back(rectangle(at - 0.015, y, at + 0.02, y + 0.92));
    }
    pen.fill(rails, hex(0x2B2E33));
}

void draw_storeys(const Pen& pen, const House& house, const Lighting& light, Draws& draws) {
    const bool wide = house.windows == Windows::Wide;
    const double w = wide ? 1.9 : house.windows == Windows::French ? 1.05 : 1.15;
    const int columns = std::max(2, static_cast<int>((house.width - 0.9) / (wide ? 2.7 : 2.1)));
    const double pitch = (house.width - 0.6) / columns;
    for (int floor = 0; floor < house.floors; ++floor) {
        const double base = kGround_m + floor * kFloor_m;
        for (int column = 0; column < columns; ++column) {
            const double x = 0.3 + pitch * (column + 0.5);
            const bool tall = house.balconies || house.windows == Windows::French;
            const double y = base + (tall ? 0.42 : 0.85);
            draw_window(pen, house, x, y, w, tall ? 2.15 : 1.65, draws, light);
            if (house.balconies && (column + floor) % 2 == 0) {
                draw_balcony(pen, x, base + 0.34, w / 2 + 0.42, light);
            }
        }
        if (!house.bricks) {
            pen.fill(rectangle(0, base - 0.06, house.width, base + 0.06), with_alpha(house.trim, 0.55));
        }
    }
}

void draw_door(const Pen& pen, const House& house, double x) {
    pen.fill(rectangle(x - 0.62, 0, x + 0.62, 2.75), house.trim);
    pen.fill(rectangle(x - 0.5, 0, x + 0.5, 2.2), darker(house.awning.colour, 0.35));
    pen.fill(rectangle(x - 0.5, 2.26, x + 0.5, 2.65), kGlassLight);
    pen.fill({rectangle(x - 0.38, 0.2, x + 0.38, 0.95), rectangle(x - 0.38, 1.1, x + 0.38, 2.05)},
             darker(house.awning.colour, 0.48));
    pen.fill(circle(x + 0.38, 1.05, 0.05), hex(0xE2C36B));
}

void draw_goods(const Pen& pen, Draws& draws, double left, double right) {
    constexpr std::array kGoods{hex(0xD9694A), hex(0xE7B94E), hex(0x6E9C6B),
                                hex(0xC9D3D8), hex(0x8C6A9C), hex(0xF0E3C6)};
    for (const double shelf : {0.75, 1.35}) {
        pen.fill(rectangle(left + 0.08, shelf - 0.05, right - 0.08, shelf), hex(0x8A6B4C));
        for (double x = left + 0.2; x < right - 0.3; x += draws.uniform(0.24, 0.42)) {
            const double h = draws.uniform(0.16, 0.42);
            const double w = draws.uniform(0.14, 0.22);
            pen.fill(rectangle(x, shelf, x + w, shelf + h), draws.one_of(kGoods));
        }
    }
}

void draw_awning(const Pen& pen, const House& house, double left, double right, const Lighting& light) {
    constexpr double kTop = 3.05;
    constexpr double kBottom = 2.35;
    pen.fill(rectangle(left + 0.1, kBottom - 0.75, right + 0.25, kBottom), with_alpha(light.shadow_colour, 0.28));
    const int count = std::max(5, static_cast<int>((right - left) / 0.45)) | 1;
    for (int i = 0; i < count; ++i) {
        const auto at = [&](double k, double out) { return left - out + (right - left + 2 * out) * k / count; };
        const Colour cloth = i % 2 == 0 ? house.awning.colour : hex(0xF7F1E3);
        pen.fill(Contour{{at(i, 0.22), kBottom}, {at(i + 1, 0.22), kBottom}, {at(i + 1, 0), kTop}, {at(i, 0), kTop}},
                 cloth);
        const double mid = (at(i, 0.22) + at(i + 1, 0.22)) / 2;
        pen.fill(ellipse(mid, kBottom, (at(1, 0.22) - at(0, 0.22)) / 2, 0.14), darker(cloth, 0.10));
    }
}

void draw_shop(const Pen& pen, const House& house, const Lighting& light, Draws& draws) {
    const double w = house.width;
    const double door = draws.chance(0.5) ? 1.15 : w - 1.15;
    pen.fill(rectangle(0, 0, w, kGround_m - 0.1), mix(house.wall.colour, hex(0x8B8375), 0.35));
    pen.fill(rectangle(0, 0, w, 0.45), hex(0x7C756B));
    const double left = door < w / 2 ? 2.1 : 0.5;
    const double right = door < w / 2 ? w - 0.5 : w - 2.1;
    pen.fill(rectangle(left - 0.15, 0, right + 0.15, 3.9), house.front);
    const bool is_lit = light.lamps > 0.05;
    const Colour inside = is_lit ? glowing(hex(0xFFE0A0)) : mix(kGlass, kGlassLight, 0.45);
    pen.fill({rectangle(left, 0.5, right, 2.75)},
             Gradient{{0, 0.5}, {0, 2.8}, inside, is_lit ? glowing(hex(0xF2B868)) : kGlass});
    if (pen.pixels_per_m() >= kFinest_px) {
        draw_goods(pen, draws, left, right);
        const double entrance = (left + right) / 2;
        pen.fill(rectangle(entrance - 0.5, 0.1, entrance + 0.5, 2.6), darker(house.front, 0.15));
        pen.fill(rectangle(entrance - 0.4, 0.35, entrance + 0.4, 2.5), with_alpha(hex(0x9DB9C6), 0.9));
        pen.fill(circle(entrance + 0.34, 1.2, 0.05), hex(0xE2C36B));
        for (double x = left; x < right + 0.1; x += (right - left) / 4) {
            pen.fill(rectangle(x - 0.04, 0.5, x + 0.04, 2.75), house.front);
        }
        pen.fill(Contour{{left + 0.2, 0.7}, {left + 0.9, 0.7}, {left + 1.9, 2.6}, {left + 1.2, 2.6}},
                 with_alpha(hex(0xFFFFFF), 0.16));
    }
    draw_awning(pen, house, left, right, light);
    const double room = right - left - 0.3;
    const double size = std::min(0.48, 0.48 * room / text_width(house.shop, 0.48));
    pen.text(house.shop, (left + right) / 2, 3.475 - size / 2, size, hex(0xFBEFCB), 0.16);
    draw_door(pen, house, door);
    pen.fill(rectangle(0, kGround_m - 0.2, w, kGround_m), house.trim);
    pen.fill(rectangle(0, kGround_m - 0.34, w, kGround_m - 0.2), with_alpha(light.shadow_colour, 0.18));
}

void draw_roof(const Pen& pen, const House& house, const Lighting& light, Draws& draws) {
    const double w = house.width;
    const double top = height_of(house);
    if (house.pitched) {
        const Contour slope{{-0.15, top}, {w + 0.15, top}, {w - 0.35, top + 2.1}, {0.35, top + 2.1}};
        pen.fill({slope}, Gradient{{0, top}, {0, top + 2.1}, house.roof, lighter(house.roof, 0.12)});
        Shape courses;
        for (double y = 0.25; y < 2.1; y += 0.26) {
            courses.push_back(rectangle(y * 0.22, top + y, w - y * 0.22, top + y + 0.03));
        }
        pen.fill(courses, with_alpha(hex(0x000000), 0.13));
        for (double x = w * 0.25; x < w * 0.9; x += w * 0.5) {  // dormers
            pen.fill(Contour{{x - 0.8, top + 1.35}, {x + 0.8, top + 1.35}, {x, top + 2.15}}, darker(house.roof, 0.2));
            pen.fill(rectangle(x - 0.62, top + 0.1, x + 0.62, top + 1.4), house.trim);
            pen.fill(rectangle(x - 0.45, top + 0.25, x + 0.45, top + 1.25),
                     draws.chance(light.lamps) ? glowing(kLampLight) : kGlass);
            pen.fill(rectangle(x - 0.03, top + 0.25, x + 0.03, top + 1.25), house.trim);
        }
        const double chimney = draws.uniform(0.45, 0.55) * w;
        pen.fill(rectangle(chimney - 0.35, top + 1.6, chimney + 0.35, top + 3.0), hex(0x8F5746));
        pen.fill(rectangle(chimney - 0.42, top + 2.9, chimney + 0.42, top + 3.08), hex(0xB9A48F));
    } else {
        pen.fill(rectangle(0, top, w, top + 0.75), darker(house.wall.colour, 0.08));
        pen.fill(rectangle(-0.1, top + 0.65, w + 0.1, top + 0.85), house.trim);
        const double mast = draws.uniform(0.2, 0.8) * w;
        pen.fill({rectangle(mast, top + 0.8, mast + 0.06, top + 2.6),
                  rectangle(mast - 0.5, top + 2.3, mast + 0.55, top + 2.35),
                  rectangle(mast - 0.35, top + 1.95, mast + 0.4, top + 2.0)},
                 hex(0x4B5058));
    }
    pen.fill(rectangle(-0.12, top - 0.34, w + 0.12, top + 0.02), house.trim);
    pen.fill(rectangle(-0.02, top - 0.62, w, top - 0.34), with_alpha(light.shadow_colour, 0.20));
}

void draw_row(const Pen& pen, const std::vector<House>& row, bool to_the_right) {
    double at = 0.0;
    for (const House& house : row) {
        const double left = to_the_right ? at : -at - house.width;
        draw_facade(pen.moved(left, 0), house, pen.lighting());
        at += house.width;
    }
}

}  // namespace

void draw_facade(const Pen& pen, const House& house, const Lighting& light) {
    Draws draws(house.detail);
    const double top = height_of(house);
    pen.fill({rectangle(0, 0, house.width, top)},
             Gradient{{0, 0}, {0, top}, darker(house.wall.colour, 0.08), lighter(house.wall.colour, 0.06)});
    draw_bricks(pen, house);
    draw_roof(pen, house, light, draws);
    draw_storeys(pen, house, light, draws);
    draw_shop(pen, house, light, draws);
    pen.fill(rectangle(house.width - 0.1, 0, house.width, top), with_alpha(light.shadow_colour, 0.25));
    pen.fill(rectangle(0, 0, 0.06, top), with_alpha(hex(0xFFFFFF), 0.18));
}

void draw_avenue(const Pen& pen, const Model& model) {
    using namespace street;
    for (const bool left : {true, false}) {
        const std::vector<House>& row = left ? model.side_left : model.side_right;
        std::vector<double> starts;
        double at = kFront;
        for (const House& house : row) {
            starts.push_back(at);
            at += house.width;
        }
        for (std::size_t i = row.size(); i-- > 0;) {
            const double x = left ? -kSide : kSide;
            const Vec3 origin{x, kKerb, left ? starts[i] : starts[i] + row[i].width};
            draw_facade(pen.on({origin, {0, 0, left ? 1.0 : -1.0}, {0, 1, 0}}).lit(left ? 0.70 : 0.93), row[i],
                        model.lighting);
        }
    }
}

void draw_fronts(const Pen& pen, const Model& model) {
    using namespace street;
    draw_row(pen.at({-kSide, kKerb, kFront}), model.front_left, false);
    draw_row(pen.at({kSide, kKerb, kFront}), model.front_right, true);
}

}  // namespace landauer::scene
