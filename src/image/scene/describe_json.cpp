#include <nlohmann/json.hpp>
#include <utility>

#include "image/scene/describe.h"
#include "image/scene/visibility.h"
#include "image/scene/words.h"

namespace landauer::scene {
namespace {

using Json = nlohmann::ordered_json;

std::string_view side_of(double middle) { return middle < 0.36 ? "left" : middle > 0.64 ? "right" : "centre"; }
std::string_view depth_of(double z) { return z < 12.5 ? "near" : z < 27.5 ? "middle distance" : "far"; }

Json placed(std::string_view kind, const Box& box) {
    Json object;
    object["kind"] = kind;
    object["where"].push_back(side_of(box.middle()));
    object["where"].push_back(depth_of(box.z));
    return object;
}

Json vehicle_json(const Vehicle& vehicle) {
    Json object = placed(name(vehicle.body), box_of(vehicle));
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
    Json object = placed(name(rider.ride), box_of(rider));
    object["colour"] = rider.paint.name;
    object["rider"]["jacket"] = rider.jacket.name;
    object["heading"] = name(rider.heading);
    return object;
}

Json person_json(const Person& person) {
    Json object = placed(person.child ? "child" : "person", box_of(person));
    object["clothes"][person.dress ? "dress" : "top"] = person.top.name;
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
    Json object = placed(name(sign.kind), box_of(sign));
    if (!sign.text.empty()) {
        object["text"] = text_of(sign);
    }
    return object;
}

Json building_json(const Model& model, bool left) {
    const House& house = left ? model.front_left.front() : model.front_right.front();
    Json object;
    object["kind"] = "building";
    object["where"].push_back(left ? "left" : "right");
    object["where"].push_back("middle distance");
    object["colour"] = house.wall.name;
    object["storeys"] = house.floors + 1;
    if (is_seen(model, box_of_shop_name(house, left))) {
        object["text"] = house.shop;
    }
    return object;
}

}  // namespace

std::string as_json(const Model& model) {
    Json objects = Json::array();
    for (const Signal& signal : told(model, model.signals)) {
        Json object = placed("traffic light", box_of(signal));
        object["state"] = signal.red ? "red" : "green";
        objects.push_back(object);
    }
    for (const Vehicle& vehicle : told(model, model.vehicles)) {
        objects.push_back(vehicle_json(vehicle));
    }
    for (const Rider& rider : told(model, model.riders)) {
        objects.push_back(rider_json(rider));
    }
    for (const Person& person : told(model, model.people)) {
        objects.push_back(person_json(person));
    }
    for (const Sign& sign : told(model, model.signs)) {
        objects.push_back(sign_json(sign));
    }
    objects.push_back(building_json(model, true));
    objects.push_back(building_json(model, false));
    if (is_seen(model, box_of_clock())) {
        Json clock = placed("street clock", box_of_clock());
        clock["text"] = clock_words(model.lighting);
        objects.push_back(clock);
    }
    Json scene;
    scene["seed"] = model.seed;
    scene["place"] = "a city junction";
    scene["time"] = model.lighting.time;
    scene["weather"] = model.lighting.weather;
    scene["objects"] = std::move(objects);
    return scene.dump(2);
}

}  // namespace landauer::scene
