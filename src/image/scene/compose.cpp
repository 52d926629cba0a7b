#include "image/scene/compose.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "image/scene/draws.h"
#include "image/scene/parts.h"

namespace landauer::scene {
namespace {

struct Item {
    double z;
    std::function<void(const Pen&)> draw;
};

std::vector<Item> upright_things(const Model& model) {
    std::vector<Item> items;
    const auto add = [&](double z, std::function<void(const Pen&)> draw) { items.push_back({z, std::move(draw)}); };
    for (const Vehicle& v : model.vehicles) {
        add(v.z, [&v](const Pen& pen) { draw_vehicle(pen, v); });
    }
    for (const Rider& r : model.riders) {
        add(r.z, [&r](const Pen& pen) { draw_rider(pen, r); });
    }
    for (const Person& p : model.people) {
        add(p.z, [&p](const Pen& pen) { draw_person(pen, p); });
    }
    for (const Sign& s : model.signs) {
        add(s.z, [&s](const Pen& pen) { draw_sign(pen, s); });
    }
    for (const Signal& s : model.signals) {
        add(s.z, [&s](const Pen& pen) { draw_signal(pen, s); });
    }
    for (const Tree& t : model.trees) {
        add(t.z, [&t](const Pen& pen) { draw_tree(pen, t); });
    }
    for (double z = 30; z < 120; z += 15) {
        add(z, [z](const Pen& pen) { draw_lamp_post(pen, -6.7, z); });
        add(z, [z](const Pen& pen) { draw_lamp_post(pen, 6.7, z); });
    }
    for (const double x : {-17.8, -27.0, 20.4, 30.0}) {
        add(23.2, [x](const Pen& pen) { draw_lamp_post(pen, x, 23.2); });
    }
    add(street::kClock.y, [](const Pen& pen) { draw_street_clock(pen, street::kClock.x, street::kClock.y); });
    for (const double side : {-1.0, 1.0}) {
        for (double at = 10.6; at < 13; at += 1.2) {
            add(12.15, [=](const Pen& pen) { draw_bollard(pen, side * at, 12.15); });
        }
        add(10.9, [=](const Pen& pen) { draw_bench(pen, side * 11.4, 10.9); });
        add(11.0, [=](const Pen& pen) { draw_bin(pen, side * 12.9, 11.0); });
        add(9.4, [=](const Pen& pen) { draw_planter(pen, side * 10.4, 9.4); });
        for (double at = 12; at < 40; at += 6.5) {
            add(26.4, [=](const Pen& pen) { draw_cafe_table(pen, side * at, 26.4); });
        }
    }
    add(26.9, [](const Pen& pen) { draw_tram_wires(pen); });
    std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.z > b.z; });
    return items;
}

void draw_rain(const Pen& pen, const Model& model) {
    if (!model.lighting.rain) {
        return;
    }
    Draws draws(model.seed * 13ULL + 1);
    const ImageSize size = pen.canvas().size();
    const double unit = pen.camera().focal_px / 0.8;
    Shape drops;
    for (int i = 0; i < 520; ++i) {
        const double x = pen.camera().centre_px + draws.uniform(-1.2, 1.2) * unit;
        const double y = pen.camera().horizon_px + draws.uniform(-0.8, 0.7) * unit;
        const double length = draws.uniform(0.012, 0.03) * unit;
        if (x > -unit && x < size.width + unit) {
            drops.push_back({{x, y},
                             {x + 0.0012 * unit, y},
                             {x - length * 0.25 + 0.0012 * unit, y + length},
                             {x - length * 0.25, y + length}});
        }
    }
    pen.canvas().fill(drops, with_alpha(hex(0xE8EEF4), 0.35));
}

}  // namespace

Camera camera_for(ImageSize size) {
    constexpr double kFocal = 0.8;  // in parts of the essential height
    constexpr double kEssentialWidth = 1.3333;
    constexpr double kHorizon = 0.43;  // from the top of the essential part
    const double height = size.height;
    const double unit = std::min(height, size.width / kEssentialWidth);
    const double spare = height - unit;
    return {kFocal * unit, size.width / 2.0, spare * 0.62 + kHorizon * unit, 4.6};
}

void draw_scene(Canvas& canvas, const Model& model) {
    const Camera camera = camera_for(canvas.size());
    const Pen pen(canvas, camera, model.lighting);
    draw_sky(pen, model);
    draw_street(pen, model);
    draw_avenue(pen, model);
    const std::vector<Item> items = upright_things(model);
    bool fronts = false;
    for (const Item& item : items) {
        if (!fronts && item.z < street::kFront) {
            draw_fronts(pen, model);
            fronts = true;
        }
        item.draw(pen);
    }
    draw_rain(pen, model);
}

}  // namespace landauer::scene
