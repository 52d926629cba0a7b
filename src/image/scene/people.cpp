#include <algorithm>
#include <cmath>

#include "image/scene/parts.h"

namespace landauer::scene {
namespace {

constexpr Colour kShoe = hex(0x2B2622);

// Art faces right, in parts of the height: the hip at 0.47, the shoulders at 0.82, the head's middle at 0.92.
void draw_leg(const Pen& pen, double swing, Colour cloth, Colour skin, bool bare) {
    const Point hip{0.0, 0.48};
    const Point foot{swing * 0.15, 0.03 + std::max(0.0, -swing) * 0.035};
    const Point knee{(hip.x + foot.x) / 2 + 0.03 + (swing < 0 ? 0.02 : 0.0), 0.26};
    if (bare) {
        pen.fill(tapered(hip, knee, 0.085, 0.06), skin);
        pen.fill(tapered(knee, foot, 0.058, 0.042), skin);
    } else {
        Shape leg = tapered(hip, knee, 0.115, 0.088);
        const Shape shin = tapered(knee, {foot.x, foot.y + 0.02}, 0.088, 0.066);
        leg.insert(leg.end(), shin.begin(), shin.end());
        pen.fill(leg, cloth);
    }
    pen.fill(smooth({{foot.x - 0.035, foot.y - 0.028},
                     {foot.x - 0.035, foot.y + 0.022},
                     {foot.x + 0.02, foot.y + 0.022},
                     {foot.x + 0.095, foot.y - 0.012},
                     {foot.x + 0.09, foot.y - 0.028}}),
             kShoe);
}

void draw_arm(const Pen& pen, double swing, Colour sleeve, Colour skin, bool forward) {
    const Point shoulder{0.0, 0.785};
    const Point hand = forward ? Point{0.20, 0.60} : Point{swing * 0.13, 0.47};
    const Point elbow = forward ? Point{0.045, 0.635} : Point{swing * 0.05 - 0.02, 0.63};
    Shape arm = tapered(shoulder, elbow, 0.078, 0.062);
    const Shape lower = tapered(elbow, hand, 0.060, 0.048);
    arm.insert(arm.end(), lower.begin(), lower.end());
    pen.fill(arm, sleeve);
    pen.fill(circle(hand.x, hand.y, 0.027), skin);
}

void draw_torso(const Pen& pen, const Person& person) {
    const Colour cloth = person.top.colour;
    if (person.dress) {
        pen.fill({smooth({{-0.075, 0.81}, {0.07, 0.81}, {0.065, 0.62}, {0.15, 0.31}, {-0.15, 0.31}, {-0.075, 0.62}})},
                 Gradient{{-0.1, 0.6}, {0.13, 0.6}, lighter(cloth, 0.10), darker(cloth, 0.18)});
        return;
    }
    pen.fill({smooth({{-0.06, 0.845},
                      {0.055, 0.845},
                      {0.095, 0.76},
                      {0.08, 0.60},
                      {0.09, 0.45},
                      {-0.085, 0.45},
                      {-0.085, 0.60},
                      {-0.095, 0.77}})},
             Gradient{{-0.1, 0.6}, {0.11, 0.6}, lighter(cloth, 0.10), darker(cloth, 0.18)});
    pen.fill(rectangle(0.028, 0.47, 0.036, 0.80), with_alpha(hex(0x000000), 0.16));
}

void draw_head(const Pen& pen, const Person& person) {
    const double big = person.child ? 1.28 : 1.0;
    pen.fill(rounded(-0.026, 0.80, 0.030, 0.88, 0.02), darker(person.skin, 0.14));
    const double y = 0.925 + 0.012 * (big - 1);
    if (person.long_hair) {
        pen.fill(smooth({{-0.075 * big, y + 0.04},
                         {0.0, y + 0.086 * big},
                         {0.045, y + 0.03},
                         {-0.01, y - 0.05},
                         {-0.03, y - 0.14},
                         {-0.10, y - 0.13}}),
                 person.hair);
    }
    pen.fill(ellipse(0.006, y, 0.056 * big, 0.068 * big), person.skin);
    pen.fill(circle(0.062 * big, y - 0.008, 0.012), person.skin);  // the nose
    pen.fill(smooth({{0.045 * big, y + 0.036 * big},
                     {0.025 * big, y + 0.078 * big},
                     {-0.04 * big, y + 0.076 * big},
                     {-0.068 * big, y + 0.01},
                     {-0.045 * big, y - 0.03},
                     {-0.022 * big, y + 0.022 * big}}),
             person.hair);
    if (pen.pixels_per_m() > 60) {
        pen.fill(circle(0.036 * big, y + 0.008, 0.0075), hex(0x221A16));
        pen.line({{0.036 * big, y - 0.034}, {0.052 * big, y - 0.032}}, 0.006, darker(person.skin, 0.4));
    }
}

void draw_dog(const Pen& pen) {
    const Colour fur = hex(0x9A6A3C);
    for (const double x : {-0.21, -0.13, 0.13, 0.21}) {
        pen.fill(tapered({x, 0.28}, {x + (x > 0 ? 0.04 : -0.04), 0.03}, 0.075, 0.05),
                 darker(fur, x == -0.13 || x == 0.13 ? 0.22 : 0.0));
    }
    pen.fill(smooth({{-0.28, 0.42}, {-0.05, 0.43}, {0.24, 0.46}, {0.28, 0.32}, {0.05, 0.23}, {-0.26, 0.27}}), fur);
    pen.fill(tapered({-0.27, 0.38}, {-0.42, 0.54}, 0.06, 0.03), fur);
    pen.fill(tapered({0.24, 0.42}, {0.34, 0.52}, 0.14, 0.12), fur);
    pen.fill(smooth({{0.28, 0.60}, {0.40, 0.60}, {0.50, 0.52}, {0.49, 0.47}, {0.33, 0.46}}), fur);
    pen.fill(smooth({{0.30, 0.60}, {0.35, 0.57}, {0.31, 0.42}, {0.25, 0.48}}), darker(fur, 0.35));
    pen.fill(circle(0.49, 0.52, 0.022), hex(0x201A18));
    pen.fill(circle(0.405, 0.555, 0.013), hex(0x201A18));
    pen.fill(rectangle(0.255, 0.40, 0.29, 0.52), hex(0xC8352F));
}

void draw_pram(const Pen& pen, Colour cloth) {
    pen.line({{-0.38, 1.02}, {-0.15, 0.72}, {0.30, 0.25}}, 0.035, hex(0x54575D));
    pen.line({{0.28, 0.72}, {-0.22, 0.25}}, 0.035, hex(0x54575D));
    pen.fill({smooth({{-0.20, 0.82}, {0.50, 0.82}, {0.44, 0.52}, {-0.10, 0.50}})},
             Gradient{{0, 0.85}, {0, 0.5}, cloth, darker(cloth, 0.25)});
    Contour hood = arc(0.18, 0.80, 0.34, 0.36, 0.0, 0.30);
    hood.push_back({0.18, 0.80});
    pen.fill(hood, darker(cloth, 0.12));
    for (const double x : {-0.22, 0.34}) {
        pen.fill(circle(x, 0.16, 0.16), hex(0x26272B));
        pen.fill(circle(x, 0.16, 0.11), hex(0xC7CACD));
        pen.fill(circle(x, 0.16, 0.035), hex(0x44474C));
    }
}

void draw_balloon(const Pen& pen, Colour colour) {
    pen.line({{0.06, 0.62}, {0.10, 1.1}, {0.16, 1.62}}, 0.012, hex(0xE9E4D8));
    pen.fill({smooth({{0.16, 1.62}, {0.34, 1.86}, {0.30, 2.12}, {0.16, 2.20}, {0.02, 2.12}, {-0.02, 1.86}})},
             Gradient{{0.08, 2.05}, {0.42, 1.7}, lighter(colour, 0.22), darker(colour, 0.15), true});
    pen.fill(smooth({{0.05, 2.02}, {0.09, 2.12}, {0.13, 2.10}, {0.08, 1.98}}), with_alpha(hex(0xFFFFFF), 0.55));
}

void draw_umbrella(const Pen& pen, Colour colour) {
    pen.line({{0.14, 1.05}, {0.14, 2.05}}, 0.024, hex(0x3B3B40));
    Contour canopy = arc(0.14, 1.92, 0.62, 0.36, 0.0, 0.5);
    for (int i = 0; i < 4; ++i) {
        const double x = -0.48 + 0.31 * i;
        for (const Point p : {Point{x + 0.08, 1.975}, {x + 0.155, 1.99}, {x + 0.23, 1.975}, {x + 0.31, 1.92}}) {
            canopy.push_back(p);
        }
    }
    pen.fill({oriented(canopy)}, Gradient{{-0.4, 2.2}, {0.7, 1.9}, lighter(colour, 0.12), darker(colour, 0.22)});
    pen.line({{0.14, 2.26}, {0.14, 2.36}}, 0.024, hex(0x3B3B40));
    for (const double x : {-0.17, 0.14, 0.45}) {
        pen.line({{0.14, 2.27}, {x, 1.95}}, 0.01, with_alpha(hex(0x000000), 0.22));
    }
}

void draw_wheelchair(const Pen& pen, const Person& person) {
    const Colour frame = hex(0x3B4149);
    const Pen body = pen.scaled(1.7, 1.7).moved(-0.06, -0.20);
    pen.line({{-0.36, 1.0}, {-0.28, 0.95}, {-0.26, 0.55}, {0.22, 0.52}, {0.34, 0.12}, {0.52, 0.10}}, 0.045, frame);
    draw_torso(body, person);
    draw_head(body, person);
    pen.fill(stroke({{-0.10, 0.62}, {0.32, 0.62}, {0.40, 0.22}}, 0.16), person.trousers.colour);
    pen.fill(smooth({{0.34, 0.10}, {0.36, 0.19}, {0.56, 0.13}, {0.55, 0.09}}), kShoe);
    Contour tyre = circle(-0.10, 0.31, 0.31);
    pen.fill({tyre, reversed(circle(-0.10, 0.31, 0.265))}, hex(0x24262A));
    Shape spokes;
    for (int i = 0; i < 8; ++i) {
        const Point p = on_circle(i / 8.0);
        const Shape spoke = stroke({{-0.10, 0.31}, {-0.10 + p.x * 0.27, 0.31 + p.y * 0.27}}, 0.012);
        spokes.insert(spokes.end(), spoke.begin(), spoke.end());
    }
    pen.fill(spokes, hex(0x9CA2A9));
    pen.fill(circle(-0.10, 0.31, 0.05), frame);
    pen.fill({circle(0.36, 0.09, 0.09), reversed(circle(0.36, 0.09, 0.05))}, hex(0x24262A));
    draw_arm(body, 0.9, darker(person.top.colour, 0.10), person.skin, false);
}

void draw_standing(const Pen& pen, const Person& person) {
    const Pen body = pen.scaled(person.height_m, person.height_m);
    const double step = person.walks ? person.step : 0.22;
    const bool pushes = person.carries == Carries::Pram;
    const bool holds = person.carries == Carries::Umbrella || person.carries == Carries::Balloon;
    const Colour sleeve = person.top.colour;
    draw_arm(body.moved(0.02, 0), -step, darker(sleeve, 0.28), darker(person.skin, 0.12), pushes);
    draw_leg(body.moved(0.012, 0), -step, darker(person.trousers.colour, 0.25), darker(person.skin, 0.15),
             person.dress);
    draw_leg(body, step, person.trousers.colour, person.skin, person.dress);
    draw_torso(body, person);
    draw_head(body, person);
    draw_arm(body.moved(-0.01, 0), step, darker(sleeve, 0.10), person.skin, pushes || holds);
}

void draw_carried(const Pen& pen, const Person& person) {
    const double h = person.height_m;
    switch (person.carries) {
        case Carries::Bag:
            pen.line({{-0.02 * h, 0.80 * h}, {-0.10 * h, 0.55 * h}}, 0.03, darker(person.carried.colour, 0.4));
            pen.fill(rounded(-0.27, 0.38 * h, 0.06, 0.54 * h, 0.05), darker(person.carried.colour, 0.15));
            break;
        case Carries::Suitcase:
            pen.line({{-0.16, 0.46 * h}, {-0.36, 0.66}}, 0.03, hex(0x55585E));
            pen.fill({rounded(-0.58, 0.07, -0.22, 0.68, 0.06)},
                     Gradient{{-0.6, 0.4}, {-0.2, 0.4}, person.carried.colour, darker(person.carried.colour, 0.25)});
            pen.fill({rectangle(-0.48, 0.12, -0.46, 0.62), rectangle(-0.35, 0.12, -0.33, 0.62)},
                     with_alpha(hex(0x000000), 0.2));
            pen.fill({circle(-0.52, 0.05, 0.05), circle(-0.28, 0.05, 0.05)}, hex(0x222326));
            break;
        case Carries::Dog:
            pen.line({{0.16, 0.50 * h}, {0.55, 0.62}, {0.92, 0.47}}, 0.014, hex(0xC8352F));
            draw_dog(pen.moved(0.66, 0));
            break;
        case Carries::Pram:
            draw_pram(pen.moved(0.72, 0), person.carried.colour);
            break;
        case Carries::Balloon:
            draw_balloon(pen.moved(0.16, 0), person.carried.colour);
            break;
        case Carries::Umbrella:
            draw_umbrella(pen.moved(0.1, -0.12 + (h - 1.7)), person.carried.colour);
            break;
        default:
            break;
    }
}

void draw_figure(const Pen& pen, const Person& person) {
    const Pen facing = person.faces_right ? pen : pen.scaled(-1, 1);
    if (person.carries == Carries::Wheelchair) {
        draw_wheelchair(facing, person);
        return;
    }
    draw_standing(facing, person);
    draw_carried(facing, person);
}

}  // namespace

void draw_person(const Pen& pen, const Person& person) {
    const bool on_road = std::abs(person.x) < street::kRoad;
    const Vec3 foot{person.x, on_road ? 0.0 : street::kKerb, person.z};
    cast_shadow(pen, foot, [&](const Pen& shadow) { draw_figure(shadow, person); });
    contact_shadow(pen, foot, 0.34, 0.16);
    if (person.carries == Carries::Pram || person.carries == Carries::Dog) {
        contact_shadow(pen, foot + Vec3{person.faces_right ? 0.72 : -0.72, 0, 0}, 0.5, 0.18, 0.8);
    }
    draw_figure(pen.at(foot), person);
}

}  // namespace landauer::scene
