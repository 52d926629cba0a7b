// What stands in a scene and where: made from the seed alone, drawn at any size, and described in words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "image/raster.h"
#include "image/scene/lighting.h"

namespace landauer::scene {

// Metres; the viewer stands at x = 0, z = 0 and looks along z down the main road, over a crossing street.
namespace street {
constexpr double kRoad = 6.0;         // half the width of the main road
constexpr double kCross_near = 12.5;  // kerbs of the crossing street
constexpr double kCross_far = 22.5;
constexpr double kFront = 27.5;      // house fronts beyond it
constexpr double kSide = 10.5;       // house fronts along the main road
constexpr double kEnd = 150.0;       // of the main road
constexpr double kKerb = 0.14;       // height of the pavement
constexpr Point kClock{-8.1, 24.2};  // where the street clock stands: x, z
}  // namespace street

struct Paint {
    std::string_view name;
    Colour colour;
};

enum class Heading : std::uint8_t { Left, Right, Towards, Away };
enum class Body : std::uint8_t { Hatchback, Saloon, Estate, Suv, Taxi, Police, Van, Lorry, Bus, Tram };

struct Vehicle {
    Body body = Body::Saloon;
    Paint paint;
    Heading heading = Heading::Right;
    double x = 0.0;  // the middle
    double z = 0.0;
    bool moves = true;
    bool parked = false;
    std::string text;    // on a van or lorry; the destination of a bus or tram
    std::string number;  // of a line; else the number plate
};

enum class Ride : std::uint8_t { Bicycle, Motorbike };
struct Rider {
    Ride ride = Ride::Bicycle;
    Paint paint;
    Paint jacket;
    Heading heading = Heading::Right;
    double x = 0.0;
    double z = 0.0;
};

enum class Carries : std::uint8_t { Nothing, Bag, Balloon, Dog, Pram, Wheelchair, Umbrella, Suitcase };
struct Person {
    Paint top;
    Paint trousers;
    Colour skin;
    Colour hair;
    bool dress = false;
    bool long_hair = false;
    bool child = false;
    bool walks = true;
    bool crosses = false;  // on the crossing before the viewer
    bool faces_right = true;
    Carries carries = Carries::Nothing;
    Paint carried;
    double x = 0.0;
    double z = 0.0;
    double height_m = 1.72;
    double step = 0.0;  // of a walk, -1 to 1
};

enum class SignKind : std::uint8_t { Stop, SpeedLimit, OneWay, Crossing, Parking, Directions, NoEntry };
struct Sign {
    SignKind kind = SignKind::Stop;
    std::string text;
    double x = 0.0;
    double z = 0.0;
};

struct Signal {
    double x = 0.0;
    double z = 0.0;
    bool red = true;
    double height_m = 3.5;
};

enum class Windows : std::uint8_t { Plain, Arched, Wide, French };
struct House {
    double width = 9.0;
    int floors = 3;
    Paint wall;
    Colour trim;
    Colour roof;
    Windows windows = Windows::Plain;
    bool balconies = false;
    bool bricks = false;
    bool pitched = true;
    std::string shop;  // "" for a doorway alone
    Paint awning;
    Colour front;              // of the shop
    std::uint32_t detail = 0;  // seed of its small things
};

struct Tree {
    double x = 0.0;
    double z = 0.0;
    double height_m = 6.5;
    std::uint32_t detail = 0;
};

struct Model {
    std::uint32_t seed = 1;
    Lighting lighting;
    bool main_is_red = true;        // the viewer's direction waits, the crossing street drives
    std::vector<House> front_left;  // from the corner outwards
    std::vector<House> front_right;
    std::vector<House> side_left;  // from the corner away
    std::vector<House> side_right;
    std::vector<Vehicle> vehicles;
    std::vector<Rider> riders;
    std::vector<Person> people;
    std::vector<Sign> signs;
    std::vector<Signal> signals;
    std::vector<Tree> trees;
};

[[nodiscard]] Model make_model(std::uint32_t seed);

}  // namespace landauer::scene
