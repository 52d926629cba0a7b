#include "image/scene/describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "image/scene/compose.h"
#include "image/scene/layout.h"
#include "image/scene/words.h"

namespace landauer::scene {
namespace {

using Json = nlohmann::ordered_json;

// Parts of the essential picture, 0 to 1 from the left, that a thing of a width covers.
struct Extent {
    double left = 0.0;
    double right = 0.0;
    [[nodiscard]] double middle() const { return (left + right) / 2; }
    [[nodiscard]] bool is_seen() const { return left > -0.12 * (right - left) && right < 1 + 0.12 * (right - left); }
};

Extent extent_of(double x, double z, double width) {
    constexpr ImageSize kEssential{4000, 3000};
    const Camera camera = camera_for(kEssential);
    const auto part = [&](double at) { return camera.project({at, 0, z}).x / kEssential.width; };
    return {part(x - width / 2), part(x + width / 2)};
}

std::string_view side_of(double middle) { return middle < 0.36 ? "left" : middle > 0.64 ? "right" : "centre"; }
std::string_view depth_of(double z) { return z < 12.5 ? "near" : z < 27.5 ? "middle distance" : "far"; }

Json placed(std::string_view kind, double x, double z, double width) {
    Json object;
    object["kind"] = kind;
    object["where"] = {side_of(extent_of(x, z, width).middle()), depth_of(z)};
    return object;
}

double width_seen(const Vehicle& vehicle) {
    const bool across = vehicle.heading == Heading::Left || vehicle.heading == Heading::Right;
    return across ? length_m(vehicle.body) : 2.2;
}

// Of the far traffic, only the first that wait or drive can be told from one another.
bool is_told(const Vehicle& vehicle) {
    return vehicle.z < 50 && extent_of(vehicle.x, vehicle.z, width_seen(vehicle)).is_seen();
}
bool is_told(const Person& person) { return person.z < 27 && extent_of(person.x, person.z, 0.6).is_seen(); }

Json vehicle_json(const Vehicle& vehicle) {
    Json object = placed(name(vehicle.body), vehicle.x, vehicle.z, width_seen(vehicle));
    object["colour"] = vehicle.paint.name;
    object["heading"] = name(vehicle.heading);
    object["state"] = vehicle.moves ? "driving" : "waiting";
    if (!vehicle.text.empty()) {
        object["text"] = vehicle.text;
    }
    object[vehicle.body == Body::Bus || vehicle.body == Body::Tram ? "line" : "plate"] = vehicle.number;
    return object;
}

Json rider_json(const Rider& rider) {
    Json object = placed(name(rider.ride), rider.x, rider.z, 1.8);
    object["colour"] = rider.paint.name;
    object["rider"] = {{"jacket", rider.jacket.name}};
    object["heading"] = name(rider.heading);
    return object;
}

Json person_json(const Person& person) {
    Json object = placed(person.child ? "child" : "person", person.x, person.z, 0.6);
    object["clothes"] = {{person.dress ? "dress" : "top", person.top.name}};
    if (!person.dress) {
        object["clothes"]["trousers"] = person.trousers.name;
    }
    if (person.carries != Carries::Nothing) {
        object["with"] = with_words(person);
    }
    object["state"] = person.crosses ? "crossing" : person.walks ? "walking" : "waiting";
    return object;
}

Json sign_json(const Sign& sign) {
    Json object = placed(name(sign.kind), sign.x, sign.z, 0.8);
    if (!sign.text.empty()) {
        object["text"] = text_of(sign);
    }
    return object;
}

Json shop_json(const House& house, std::string_view side) {
    return {{"kind", "building"},        {"where", {side, "middle distance"}},
            {"colour", house.wall.name}, {"storeys", house.floors + 1},
            {"text", house.shop},        {"awning", house.awning.name}};
}

std::string vehicle_phrase(const Vehicle& vehicle) {
    std::string phrase = fmt::format("{} {} {}", article(vehicle.paint.name), vehicle.paint.name, name(vehicle.body));
    if (vehicle.body == Body::Bus || vehicle.body == Body::Tram) {
        phrase += fmt::format(" of line {} to {}", vehicle.number, in_title_case(vehicle.text));
    } else if (vehicle.body == Body::Van || vehicle.body == Body::Lorry) {
        phrase += fmt::format(" that says \"{}\"", vehicle.text);
    }
    return phrase;
}

std::string person_phrase(const Person& person) {
    std::string phrase =
        fmt::format("{} in {} {}", person.child ? "a child" : "a person", article(person.top.name), person.top.name);
    phrase += person.dress ? " dress" : " top";
    if (person.carries != Carries::Nothing) {
        phrase += " with " + with_words(person);
    }
    return phrase;
}

template <class List, class Wanted, class Phrase>
std::string phrases(const List& list, Wanted wanted, Phrase phrase) {
    std::vector<std::string> found;
    for (const auto& thing : list) {
        if (is_told(thing) && wanted(thing)) {
            found.push_back(phrase(thing));
        }
    }
    return joined(found);
}

bool drives_across(const Vehicle& v) { return v.heading == Heading::Left || v.heading == Heading::Right; }

std::string traffic_sentences(const Model& model) {
    std::string text;
    const auto add = [&](std::string_view begin, const std::string& list, std::string_view end) {
        if (!list.empty()) {
            text += fmt::format("{} {}{}.\n", begin, list, end);
        }
    };
    const std::string_view does = model.main_is_red ? "On the crossing street drive" : "On the crossing street wait";
    add(does, phrases(model.vehicles, drives_across, vehicle_phrase), "");
    const auto towards = [](const Vehicle& v) { return v.heading == Heading::Towards; };
    add(model.main_is_red ? "Behind the far stop line wait" : "Towards the viewer come",
        phrases(model.vehicles, towards, vehicle_phrase), "");
    const auto away = [](const Vehicle& v) { return v.heading == Heading::Away; };
    add("Away from the viewer drives", phrases(model.vehicles, away, vehicle_phrase), "");
    std::vector<std::string> riders;
    for (const Rider& rider : model.riders) {
        riders.push_back(fmt::format("a rider in {} {} jacket on {} {} {}", article(rider.jacket.name),
                                     rider.jacket.name, article(rider.paint.name), rider.paint.name, name(rider.ride)));
    }
    add("There is", joined(riders), "");
    return text;
}

std::string people_sentences(const Model& model) {
    const auto crosses = [](const Person& p) { return p.crosses; };
    const auto waits = [](const Person& p) { return !p.crosses && p.z < 12.5; };
    std::string text;
    if (const auto list = phrases(model.people, crosses, person_phrase); !list.empty()) {
        text += fmt::format("On the zebra crossing before the viewer walk {}.\n", list);
    }
    text += fmt::format("At the corners of the near pavement wait {}.\n", phrases(model.people, waits, person_phrase));
    return text;
}

std::string sign_sentence(const Model& model) {
    std::vector<std::string> signs;
    for (const Sign& sign : model.signs) {
        if (!extent_of(sign.x, sign.z, 0.8).is_seen()) {
            continue;
        }
        std::string words = fmt::format("{} {}", article(name(sign.kind)), name(sign.kind));
        if (sign.kind == SignKind::SpeedLimit) {
            words += fmt::format(" of {}", sign.text);
        } else if (sign.kind == SignKind::Directions) {
            words += fmt::format(" to {}", in_title_case(text_of(sign)));
        }
        signs.push_back(words);
    }
    return fmt::format("The road signs are {}.\n", joined(signs));
}

}  // namespace

std::string as_json(const Model& model) {
    Json objects = Json::array();
    for (const Signal& signal : model.signals) {
        Json object = placed("traffic light", signal.x, signal.z, 0.5);
        object["state"] = signal.red ? "red" : "green";
        objects.push_back(object);
    }
    for (const Vehicle& vehicle : model.vehicles) {
        if (is_told(vehicle)) {
            objects.push_back(vehicle_json(vehicle));
        }
    }
    for (const Rider& rider : model.riders) {
        objects.push_back(rider_json(rider));
    }
    for (const Person& person : model.people) {
        if (is_told(person)) {
            objects.push_back(person_json(person));
        }
    }
    for (const Sign& sign : model.signs) {
        if (extent_of(sign.x, sign.z, 0.8).is_seen()) {
            objects.push_back(sign_json(sign));
        }
    }
    objects.push_back(shop_json(model.front_left.front(), "left"));
    objects.push_back(shop_json(model.front_right.front(), "right"));
    Json clock = placed("street clock", street::kClock.x, street::kClock.y, 1.0);
    clock["text"] = clock_words(model.lighting);
    objects.push_back(clock);
    const Json scene{{"seed", model.seed},
                     {"place", "a city junction"},
                     {"time", model.lighting.time},
                     {"weather", model.lighting.weather},
                     {"objects", objects}};
    return scene.dump(2);
}

std::string as_sentences(const Model& model) {
    const Lighting& light = model.lighting;
    std::string text =
        fmt::format("The picture shows a junction in a city, in the {}, with {}.\n", light.time, light.weather);
    text += fmt::format("The street clock shows {}.\n", clock_words(light));
    text += fmt::format("The traffic light that faces the viewer is {}.\n", model.main_is_red ? "red" : "green");
    text += traffic_sentences(model);
    text += people_sentences(model);
    text += sign_sentence(model);
    const House& left = model.front_left.front();
    const House& right = model.front_right.front();
    text += fmt::format("On the left corner stands {} {} building with the shop \"{}\".\n", article(left.wall.name),
                        left.wall.name, left.shop);
    text += fmt::format("On the right corner stands {} {} building with the shop \"{}\".\n", article(right.wall.name),
                        right.wall.name, right.shop);
    text +=
        "Tram rails run down the middle of a long avenue lined with trees, lamp posts and old houses, towards a "
        "distant skyline.\n";
    return text;
}

}  // namespace landauer::scene
