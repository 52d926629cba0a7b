#include "image/scene/visibility.h"

#include <algorithm>
#include <vector>

#include "image/scene/compose.h"
#include "image/scene/layout.h"
#include "image/scene/vehicle_shapes.h"

namespace landauer::scene {
namespace {

struct Upright {
    double x;
    double half_width;
    double low;
    double high;
    double z;
};

Box projected(const Upright& thing) {
    constexpr ImageSize kEssential{4000, 3000};
    static const Camera kCamera = camera_for(kEssential);
    const Point low = kCamera.project({thing.x - thing.half_width, thing.low, thing.z});
    const Point high = kCamera.project({thing.x + thing.half_width, thing.high, thing.z});
    return {low.x / kEssential.width, high.y / kEssential.height, high.x / kEssential.width, low.y / kEssential.height,
            thing.z};
}

// Smaller than the thing itself: outlines are round.
Box core(Box box, double part) {
    const double across = (box.right - box.left) * (1 - part) / 2;
    const double down = (box.bottom - box.top) * (1 - part) / 2;
    return {box.left + across, box.top + down, box.right - across, box.bottom - down, box.z};
}

std::vector<Box> covers(const Model& model) {
    std::vector<Box> boxes;
    boxes.reserve(model.vehicles.size() + model.trees.size() + model.people.size() + model.signs.size() +
                  model.signals.size());
    for (const Vehicle& vehicle : model.vehicles) {
        boxes.push_back(core(box_of(vehicle), vehicle.body >= Body::Van ? 0.98 : 0.92));
    }
    for (const Tree& tree : model.trees) {
        const double h = tree.height_m;
        boxes.push_back(core(projected({tree.x, h * 0.3, h * 0.38, h * 0.98, tree.z}), 0.8));
    }
    for (const Person& person : model.people) {
        boxes.push_back(core(box_of(person), 0.55));
    }
    for (const Sign& sign : model.signs) {
        boxes.push_back(core(box_of(sign), 0.9));
    }
    for (const Signal& signal : model.signals) {
        boxes.push_back(box_of(signal));
    }
    return boxes;
}

}  // namespace

Box box_of(const Vehicle& vehicle) {
    const BodyShape& shape = shape_of(vehicle.body);
    const bool across = vehicle.heading == Heading::Left || vehicle.heading == Heading::Right;
    const double half_length = length_m(vehicle.body) / 2;
    const double half_width = shape.width / 2;
    return projected({vehicle.x, across ? half_length : half_width, 0.1, shape.height,
                      vehicle.z - (across ? half_width : half_length)});
}

Box box_of(const Rider& rider) { return projected({rider.x, 0.85, 0.0, 1.7, rider.z}); }

Box box_of(const Person& person) {
    const bool is_seated = person.carries == Carries::Wheelchair;
    return projected({person.x, is_seated ? 0.45 : 0.22, 0.0, is_seated ? 1.4 : person.height_m, person.z});
}

Box box_of(const Sign& sign) {
    const double kerb = street::kKerb;
    if (sign.kind == SignKind::Directions) {
        return projected({sign.x, 1.3, kerb + 2.6, kerb + 4.32, sign.z});
    }
    return projected({sign.x, sign.kind == SignKind::OneWay ? 0.62 : 0.42, kerb + 2.15, kerb + 2.95, sign.z});
}

Box box_of(const Signal& signal) {
    return projected({signal.x, 0.27, signal.height_m - 1.0, signal.height_m + 0.15, signal.z});
}

Box box_of_clock() { return projected({street::kClock.x, 0.5, 3.5, 4.6, street::kClock.y}); }

Box box_of_shop_name(const House& house, bool left) {
    const double x = street::kSide + house.width / 2;
    return projected({left ? -x : x, house.width * 0.3, street::kKerb + 3.2, street::kKerb + 3.75, street::kFront});
}

double visible_part(const Model& model, const Box& box) {
    constexpr int kSamples = 12;  // a side
    const std::vector<Box> nearer = covers(model);
    int seen = 0;
    for (int i = 0; i < kSamples * kSamples; ++i) {
        const int row = i / kSamples;
        const int column = i % kSamples;
        const double x = box.left + (box.right - box.left) * (column + 0.5) / kSamples;
        const double y = box.top + (box.bottom - box.top) * (row + 0.5) / kSamples;
        const bool is_inside = x > 0 && x < 1 && y > 0 && y < 1;
        const bool is_covered = std::any_of(nearer.begin(), nearer.end(), [&](const Box& cover) {
            return cover.z < box.z - 0.01 && x > cover.left && x < cover.right && y > cover.top && y < cover.bottom;
        });
        seen += is_inside && !is_covered ? 1 : 0;
    }
    return static_cast<double>(seen) / (kSamples * kSamples);
}

}  // namespace landauer::scene
