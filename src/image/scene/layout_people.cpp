#include <array>

#include "image/scene/layout.h"

namespace landauer::scene {
namespace {

constexpr std::array kTops{Paint{"red", hex(0xC9423C)},     Paint{"blue", hex(0x2F6FB2)},
                           Paint{"mustard", hex(0xDFA532)}, Paint{"teal", hex(0x2E8A87)},
                           Paint{"white", hex(0xF1EEE6)},   Paint{"green", hex(0x4B8B57)},
                           Paint{"purple", hex(0x7A5194)},  Paint{"orange", hex(0xE07F3A)},
                           Paint{"navy", hex(0x2B3A5E)},    Paint{"pink", hex(0xDF8C9C)}};
constexpr std::array kTrousers{Paint{"dark blue", hex(0x2C3E5C)}, Paint{"black", hex(0x2C2C31)},
                               Paint{"beige", hex(0xBFA67C)}, Paint{"grey", hex(0x6F747A)},
                               Paint{"brown", hex(0x6A4A35)}};
constexpr std::array kSkins{hex(0xF2C9A5), hex(0xE0A983), hex(0xB97F56), hex(0x8A5A3C), hex(0x5F3C28)};
constexpr std::array kHairs{hex(0x2A1F1A), hex(0x5A3A22), hex(0xA8743C), hex(0xD9B566), hex(0x9A9A9A), hex(0x7A2F1D)};

Person make_person(Draws& draws, double x, double z) {
    Person person;
    person.top = draws.one_of(kTops);
    person.trousers = draws.one_of(kTrousers);
    person.skin = draws.one_of(kSkins);
    person.hair = draws.one_of(kHairs);
    person.long_hair = draws.chance(0.5);
    person.dress = person.long_hair && draws.chance(0.45);
    person.height_m = draws.uniform(1.62, 1.84);
    person.faces_right = draws.chance(0.5);
    person.step = draws.uniform(0.55, 1.0);
    person.step = draws.chance(0.5) ? person.step : -person.step;
    person.carried = draws.one_of(kTops);
    person.x = x;
    person.z = z;
    return person;
}

void add(Model& model, Person person, Carries carries, bool walks) {
    person.carries = carries;
    person.walks = walks;
    model.people.push_back(person);
}

// On the crossing before the viewer, or waiting at its ends.
void place_near(Draws& draws, Model& model) {
    const bool crosses = model.main_is_red;
    const double side = draws.chance(0.5) ? 1.0 : -1.0;
    const Carries rain_gear = model.lighting.rain ? Carries::Umbrella : Carries::Bag;
    std::vector<double> places{-4.4, -2.3, 0.9, 3.5};
    if (!crosses) {
        places = {-7.9, -8.6, 7.3, 8.9};
    }
    const std::array<Carries, 4> what{Carries::Dog, rain_gear, Carries::Pram,
                                      model.lighting.rain ? Carries::Umbrella : Carries::Suitcase};
    for (std::size_t i = 0; i < places.size(); ++i) {
        const double x = places[i] + draws.uniform(-0.25, 0.25);
        const double z = 9.0 + draws.uniform(0, 1.9);
        Person person = make_person(draws, x, z);
        person.crosses = crosses;
        person.faces_right = crosses ? (i % 2 == 0) == (side > 0) : places[i] < 0;
        if (!crosses) {
            person.z = 11.3 + 0.25 * static_cast<double>(i % 2);
        }
        while (i > 0 && person.top.name == model.people.back().top.name) {
            person.top = draws.one_of(kTops);
        }
        add(model, person, what[i], crosses);
    }
    // A child with a balloon and its parent wait on the right, somebody on wheels on the left.
    Person parent = make_person(draws, 7.55, 10.7);
    Person child = make_person(draws, 8.15, 10.5);
    child.child = true;
    child.height_m = 1.18;
    child.carried = {"red", hex(0xD8352F)};
    parent.faces_right = child.faces_right = false;
    add(model, parent, Carries::Nothing, false);
    add(model, child, Carries::Balloon, false);
    Person seated = make_person(draws, -7.0, 9.8);
    seated.faces_right = true;
    seated.dress = false;
    add(model, seated, Carries::Wheelchair, false);
}

void place_far(Draws& draws, Model& model) {
    const auto count = 9 + draws.below(6);
    for (std::size_t i = 0; i < count; ++i) {
        const double side = i % 2 == 0 ? 1.0 : -1.0;
        const double x = side * draws.uniform(7.2, 23.0);
        const double z = draws.uniform(24.8, 26.6);
        Person person = make_person(draws, x, z);
        const Carries carries = model.lighting.rain && draws.chance(0.7) ? Carries::Umbrella
                                : draws.chance(0.4)                      ? Carries::Bag
                                                                         : Carries::Nothing;
        const bool walks = draws.chance(0.75);
        add(model, person, carries, walks);
    }
    for (int i = 0; i < 8; ++i) {
        const double side = i % 2 == 0 ? 1.0 : -1.0;
        const double x = side * draws.uniform(7.0, 9.6);
        const double z = draws.uniform(30, 75);
        add(model, make_person(draws, x, z), Carries::Nothing, true);
    }
}

}  // namespace

void place_people(Draws& draws, Model& model) {
    place_near(draws, model);
    place_far(draws, model);
}

}  // namespace landauer::scene
