#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "image/scene/layout.h"

namespace landauer::scene {
namespace {

constexpr std::array kCarPaints{
    Paint{"red", hex(0xC93A32)},    Paint{"blue", hex(0x2C6DB0)},   Paint{"white", hex(0xF0EFEA)},
    Paint{"silver", hex(0xB9BEC2)}, Paint{"black", hex(0x33363B)},  Paint{"burgundy", hex(0x8A3040)},
    Paint{"green", hex(0x3F7F62)},  Paint{"orange", hex(0xDF7A34)}, Paint{"turquoise", hex(0x3D9CA2)}};
constexpr std::array kBusPaints{Paint{"red", hex(0xC5352F)}, Paint{"green", hex(0x2F8565)},
                                Paint{"blue", hex(0x2C68A8)}, Paint{"yellow", hex(0xE9AE2E)}};
constexpr std::array kTramPaints{Paint{"yellow", hex(0xF0B62C)}, Paint{"red", hex(0xBF3A34)},
                                 Paint{"green", hex(0x3B8A63)}};
constexpr std::array<std::string_view, 5> kFirms{"FRESH BREAD", "PARCELS", "FLOWERS", "PLUMBER", "LAUNDRY"};
constexpr std::array<std::string_view, 4> kHauliers{"NORTH FREIGHT", "CITY MOVERS", "ORCHARD", "COLD CHAIN"};
constexpr std::array<std::string_view, 5> kEnds{"CENTRAL", "HARBOUR", "AIRPORT", "PARK", "MUSEUM"};
constexpr std::array kCars{Body::Hatchback, Body::Saloon, Body::Estate, Body::Suv};
constexpr std::string_view kLetters = "ABCDEHKLMNPRSTVX";

std::string plate(Draws& draws) {
    std::string text;
    for (int i = 0; i < 2; ++i) {
        text += kLetters[draws.below(kLetters.size())];
    }
    text += ' ';
    for (int i = 0; i < 4; ++i) {
        text += static_cast<char>('0' + draws.below(10));
    }
    return text;
}

Vehicle make_vehicle(Draws& draws, Body body) {
    Vehicle vehicle;
    vehicle.body = body;
    vehicle.paint = draws.one_of(kCarPaints);
    vehicle.number = plate(draws);
    switch (body) {
        case Body::Taxi:
            vehicle.paint = {"yellow", hex(0xF2BE35)};
            vehicle.text = "TAXI";
            break;
        case Body::Police:
            vehicle.paint = {"white", hex(0xF2F2EE)};
            vehicle.text = "POLICE";
            break;
        case Body::Van:
            vehicle.paint = draws.chance(0.7) ? Paint{"white", hex(0xF4F1E9)} : vehicle.paint;
            vehicle.text = draws.one_of(kFirms);
            break;
        case Body::Lorry:
            vehicle.text = draws.one_of(kHauliers);
            break;
        case Body::Bus:
            vehicle.paint = draws.one_of(kBusPaints);
            vehicle.text = draws.one_of(kEnds);
            vehicle.number = std::to_string(10 + draws.below(89));
            break;
        case Body::Tram:
            vehicle.paint = draws.one_of(kTramPaints);
            vehicle.text = draws.one_of(kEnds);
            vehicle.number = std::to_string(1 + draws.below(9));
            break;
        default:
            break;
    }
    return vehicle;
}

void put(Draws& draws, Model& model, Body body, Heading heading, double x, double z, bool moves) {
    Vehicle vehicle = make_vehicle(draws, body);
    vehicle.heading = heading;
    vehicle.x = x;
    vehicle.z = z;
    vehicle.moves = moves;
    // Neighbours of one colour would read as a fleet.
    const auto is_taken = [&] {
        const auto first = model.vehicles.end() - std::min<std::ptrdiff_t>(3, std::ssize(model.vehicles));
        return std::any_of(first, model.vehicles.end(),
                           [&](const Vehicle& other) { return other.paint.name == vehicle.paint.name; });
    };
    while (body <= Body::Suv && is_taken()) {
        vehicle.paint = draws.one_of(kCarPaints);
    }
    model.vehicles.push_back(vehicle);
}

// One behind another along a lane of the crossing street, the first beginning at x.
void fill_lane(Draws& draws, Model& model, Heading heading, double z, double first_x, double until_x, bool moves,
               std::vector<Body> bodies) {
    double front = first_x;
    const double sign = first_x < until_x ? 1.0 : -1.0;
    for (std::size_t i = 0; (until_x - front) * sign > 0; ++i) {
        const Body body = i < bodies.size() ? bodies[i] : draws.one_of(kCars);
        put(draws, model, body, heading, front + sign * length_m(body) / 2, z + draws.uniform(-0.12, 0.12), moves);
        front += sign * (length_m(body) + (moves ? draws.uniform(2.8, 4.6) : draws.uniform(1.2, 1.8)));
        if (i >= bodies.size() && moves) {
            front += sign * draws.uniform(2, 14);
        }
    }
}

constexpr double kNearLane = 15.7;
constexpr double kFarLane = 20.0;

void add_rider(Draws& draws, Model& model, Ride ride, Heading heading, double x, double z) {
    model.riders.push_back({ride, draws.one_of(kCarPaints), draws.one_of(kCarPaints), heading, x, z});
}

void drive_across(Draws& draws, Model& model) {
    constexpr std::array kSpecials{Body::Van, Body::Taxi, Body::Police, Body::Van};
    const Body second = draws.chance(0.5) ? Body::Saloon : Body::Taxi;
    const Body third = draws.one_of(kSpecials);
    fill_lane(draws, model, Heading::Right, kNearLane, -10.4, 55, true, {draws.one_of(kCars), second, third});
    fill_lane(draws, model, Heading::Right, kNearLane, -14.5, -60, true, {draws.one_of(kCars)});
    const bool bus_first = draws.chance(0.6);
    fill_lane(draws, model, Heading::Left, kFarLane, -15.4, 9.5, true,
              bus_first ? std::vector{Body::Bus, draws.one_of(kCars)}
                        : std::vector{draws.one_of(kCars), draws.one_of(kCars), Body::Bus});
    fill_lane(draws, model, Heading::Left, kFarLane, 18.5, 60, true, {Body::Lorry});
    fill_lane(draws, model, Heading::Left, kFarLane, -20.0, -60, true, {});
    if (bus_first) {
        add_rider(draws, model, Ride::Motorbike, Heading::Left, draws.uniform(7.0, 8.0), kFarLane);
    }
    const double x = draws.uniform(-4.0, -2.0);
    add_rider(draws, model, Ride::Bicycle, Heading::Right, x, 13.1);
    if (draws.chance(0.6)) {
        add_rider(draws, model, Ride::Bicycle, Heading::Right, x + 6.6, 13.2);
    }
    // The main road waits behind its stop line.
    put(draws, model, Body::Tram, Heading::Towards, -1.6, 28.6 + length_m(Body::Tram) / 2, false);
    put(draws, model, draws.one_of(kCars), Heading::Towards, -4.6, 28.4 + 2.2, false);
    put(draws, model, draws.one_of(kCars), Heading::Towards, -4.6, 35.6 + 2.2, false);
    put(draws, model, Body::Lorry, Heading::Away, 4.5, 47, true);
}

void drive_along(Draws& draws, Model& model) {
    constexpr double kStop = 10.9;
    fill_lane(draws, model, Heading::Right, kNearLane, -kStop, -60, false,
              {draws.one_of(kCars), draws.chance(0.5) ? Body::Van : Body::Taxi, draws.one_of(kCars)});
    fill_lane(draws, model, Heading::Left, kFarLane, kStop, 60, false, {draws.one_of(kCars), Body::Bus});
    add_rider(draws, model, Ride::Bicycle, Heading::Right, -11.0, 13.1);
    const Body away = draws.one_of(kCars);
    put(draws, model, away, Heading::Away, 4.6, draws.uniform(16.0, 19.0), true);
    put(draws, model, Body::Van, Heading::Away, 4.6, draws.uniform(28, 34), true);
    put(draws, model, Body::Tram, Heading::Towards, -1.6, draws.uniform(20, 27) + length_m(Body::Tram) / 2, true);
    const Body first = draws.one_of(kCars);
    put(draws, model, first, Heading::Towards, -4.6, draws.uniform(15.5, 18.0), true);
    const Body second = draws.chance(0.5) ? Body::Taxi : Body::Police;
    put(draws, model, second, Heading::Towards, -4.6, draws.uniform(29, 34), true);
}

}  // namespace

double length_m(Body body) {
    switch (body) {
        case Body::Hatchback:
            return 3.9;
        case Body::Saloon:
        case Body::Police:
        case Body::Taxi:
            return 4.6;
        case Body::Estate:
            return 4.7;
        case Body::Suv:
            return 4.5;
        case Body::Van:
            return 5.4;
        case Body::Lorry:
            return 8.2;
        case Body::Bus:
            return 11.6;
        case Body::Tram:
            return 18.0;
    }
    return 4.5;
}

void place_vehicles(Draws& draws, Model& model) {
    if (model.main_is_red) {
        drive_across(draws, model);
    } else {
        drive_along(draws, model);
    }
    for (double z = 56; z < 120; z += draws.uniform(7, 11)) {
        put(draws, model, draws.one_of(kCars), Heading::Away, 5.0, z, true);
        put(draws, model, draws.one_of(kCars), Heading::Towards, -5.0, z + 3, true);
    }
}

}  // namespace landauer::scene
