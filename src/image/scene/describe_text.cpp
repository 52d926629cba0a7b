#include <fmt/format.h>

#include <algorithm>

#include "image/scene/describe.h"
#include "image/scene/visibility.h"
#include "image/scene/words.h"

namespace landauer::scene {
namespace {

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
        phrase += (person.carries == Carries::Wheelchair ? " in " : " with ") + with_words(person);
    }
    return phrase;
}

template <class List, class Wanted, class Phrase>
std::string phrases(const List& list, Wanted wanted, Phrase phrase) {
    std::vector<std::string> found;
    for (const auto& thing : list) {
        if (wanted(thing)) {
            found.push_back(phrase(thing));
        }
    }
    return joined(found);
}

bool drives_across(const Vehicle& v) { return v.heading == Heading::Left || v.heading == Heading::Right; }

std::string rider_phrase(const Rider& rider) {
    return fmt::format("a rider in {} {} jacket on {} {} {}", article(rider.jacket.name), rider.jacket.name,
                       article(rider.paint.name), rider.paint.name, name(rider.ride));
}

std::string sentence(std::string_view begin, const std::string& list) {
    return list.empty() ? "" : fmt::format("{} {}.\n", begin, list);
}

std::string traffic_sentences(const Model& model) {
    const std::vector<Vehicle> seen = told(model, model.vehicles);
    const auto towards = [](const Vehicle& v) { return v.heading == Heading::Towards; };
    const auto away = [](const Vehicle& v) { return v.heading == Heading::Away; };
    const auto any = [](const Rider&) { return true; };
    const bool red = model.main_is_red;
    return sentence(red ? "Driving along the crossing street:" : "Waiting on the crossing street:",
                    phrases(seen, drives_across, vehicle_phrase)) +
           sentence(red ? "Waiting behind the far stop line:" : "Coming towards the viewer:",
                    phrases(seen, towards, vehicle_phrase)) +
           sentence("Driving away from the viewer:", phrases(seen, away, vehicle_phrase)) +
           sentence("Also on the road:", phrases(told(model, model.riders), any, rider_phrase));
}

std::string people_sentences(const Model& model) {
    const std::vector<Person> seen = told(model, model.people);
    const auto crosses = [](const Person& p) { return p.crosses; };
    const auto waits = [](const Person& p) { return !p.crosses && p.z < 12.5; };
    const auto beyond = std::count_if(seen.begin(), seen.end(), [](const Person& p) { return p.z > 12.5; });
    std::string text = sentence("Walking over the zebra crossing in front:", phrases(seen, crosses, person_phrase));
    text += sentence("Waiting at the corners of the near pavement:", phrases(seen, waits, person_phrase));
    if (beyond > 0) {
        text += fmt::format("On the far pavements are about {} more people.\n", beyond);
    }
    return text;
}

std::string sign_phrase(const Sign& sign) {
    std::string phrase = fmt::format("{} {}", article(name(sign.kind)), name(sign.kind));
    if (sign.kind == SignKind::SpeedLimit) {
        phrase += fmt::format(" of {}", sign.text);
    } else if (sign.kind == SignKind::Directions) {
        phrase += fmt::format(" to {}", in_title_case(text_of(sign)));
    }
    return phrase;
}

std::string sign_sentence(const Model& model) {
    return sentence("The road signs:",
                    phrases(told(model, model.signs), [](const Sign&) { return true; }, sign_phrase));
}

std::string building_sentence(const Model& model, bool left) {
    const House& house = left ? model.front_left.front() : model.front_right.front();
    std::string text = fmt::format("On the {} corner stands {} {} building", left ? "left" : "right",
                                   article(house.wall.name), house.wall.name);
    if (is_seen(model, box_of_shop_name(house, left))) {
        text += fmt::format(" with the shop \"{}\"", house.shop);
    }
    return text + ".\n";
}

}  // namespace

std::string as_sentences(const Model& model) {
    const Lighting& light = model.lighting;
    std::string text =
        fmt::format("The picture shows a junction in a city, in the {}, {}.\n", light.time, light.weather);
    if (is_seen(model, box_of_clock())) {
        text += fmt::format("The street clock shows {}.\n", clock_words(light));
    }
    text += fmt::format("The traffic light that faces the viewer is {}.\n", model.main_is_red ? "red" : "green");
    text += traffic_sentences(model);
    text += people_sentences(model);
    text += sign_sentence(model);
    text += building_sentence(model, true);
    text += building_sentence(model, false);
    text +=
        "Tram rails run down the middle of a long avenue lined with trees, lamp posts and old houses, towards a "
        "distant skyline.\n";
    return text;
}

}  // namespace landauer::scene
