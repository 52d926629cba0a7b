#include "image/scene/layout.h"

#include <array>
#include <utility>

#include "image/scene/draws.h"

namespace landauer::scene {
namespace {

constexpr std::array kWalls{
    Paint{"cream", hex(0xEFDDB8)},     Paint{"terracotta", hex(0xC9704F)}, Paint{"pale blue", hex(0xA9C3D2)},
    Paint{"ochre", hex(0xDDA64F)},     Paint{"sage green", hex(0xA8B898)}, Paint{"rose", hex(0xD9A195)},
    Paint{"brick red", hex(0xA8523F)}, Paint{"white", hex(0xEDE9E0)},      Paint{"grey", hex(0xB4B3AE)}};
constexpr std::array kAwnings{Paint{"red", hex(0xC8413B)}, Paint{"green", hex(0x2F7D5B)}, Paint{"blue", hex(0x2E6AA0)},
                              Paint{"orange", hex(0xE08A2E)}, Paint{"burgundy", hex(0x7C2F3F)}};
constexpr std::array<std::string_view, 18> kShops{"BAKERY",   "CAFE ROMA", "BOOKS",  "PHARMACY", "FLOWERS", "CINEMA",
                                                  "OPTICIAN", "BISTRO",    "HOTEL",  "MUSIC",    "TAILOR",  "GROCERY",
                                                  "TOYS",     "SHOES",     "GELATO", "BANK",     "CYCLES",  "TEA ROOM"};
constexpr std::array kTrims{hex(0xF6EEDF), hex(0xEAE3D3), hex(0xFFFFFF), hex(0xD8CBB2)};
constexpr std::array kRoofs{hex(0x8C4A3A), hex(0x5B5F6B), hex(0x6E4B42), hex(0x4C5A66)};
constexpr std::array kFronts{hex(0x23443F), hex(0x4A2F2B), hex(0x22344C), hex(0x6B2B2B), hex(0x2E2E33), hex(0x56633F)};

// Chosen so that seed 1, the picture that people see first, is a good one.
constexpr std::uint64_t kSalt = 1009;

// Shops in an order that repeats none.
class Shops {
   public:
    explicit Shops(Draws& draws) : names_(kShops) {
        for (std::size_t i = names_.size() - 1; i > 0; --i) {
            std::swap(names_[i], names_[draws.below(i + 1)]);
        }
    }
    std::string next() { return std::string(names_[at_++ % names_.size()]); }

   private:
    std::array<std::string_view, kShops.size()> names_;
    std::size_t at_ = 0;
};

House make_house(Draws& draws, Shops& shops, const House* neighbour) {
    House house;
    do {
        house.wall = draws.one_of(kWalls);
    } while (neighbour != nullptr && neighbour->wall.name == house.wall.name);
    house.width = draws.uniform(7.6, 11.0);
    house.floors = 3 + static_cast<int>(draws.below(2));
    house.trim = draws.one_of(kTrims);
    house.roof = draws.one_of(kRoofs);
    house.windows = static_cast<Windows>(draws.below(4));
    house.balconies = draws.chance(0.45);
    house.bricks = house.wall.name == "brick red" || house.wall.name == "terracotta";
    house.pitched = draws.chance(0.65);
    house.shop = shops.next();
    house.awning = draws.one_of(kAwnings);
    house.front = draws.one_of(kFronts);
    house.detail = static_cast<std::uint32_t>(draws.next());
    return house;
}

std::vector<House> make_row(Draws& draws, Shops& shops, double length) {
    std::vector<House> row;
    for (double at = 0.0; at < length; at += row.back().width) {
        row.push_back(make_house(draws, shops, row.empty() ? nullptr : &row.back()));
    }
    return row;
}

// The house at a corner has two faces.
void join_corner(const House& front, House& side) {
    const double width = side.width;
    side = front;
    side.width = width;
    side.detail += 1;
}

void place_signs(Draws& draws, Model& model) {
    using street::kRoad;
    constexpr std::array<std::string_view, 4> kLimits{"30", "50", "40", "20"};
    constexpr std::array<std::string_view, 6> kPlaces{"CENTRE", "HARBOUR", "AIRPORT", "MUSEUM", "STATION", "OLD TOWN"};
    const std::size_t first = draws.below(kPlaces.size());
    const std::string board = std::string("^ ") + std::string(kPlaces[first]) + "\n> " +
                              std::string(kPlaces[(first + 1) % 6]) + "\n< " + std::string(kPlaces[(first + 2) % 6]);
    model.signs = {{SignKind::Directions, board, kRoad + 2.7, 24.6},
                   {SignKind::Stop, "STOP", kRoad + 3.25, 11.7},
                   {SignKind::OneWay, "ONE WAY", -kRoad - 1.0, 24.0},
                   {SignKind::SpeedLimit, std::string(draws.one_of(kLimits)), kRoad + 0.8, 23.6},
                   {SignKind::Crossing, "", -kRoad - 2.9, 11.9},
                   {SignKind::Parking, "P", kRoad + 7.5, 23.4},
                   {SignKind::NoEntry, "", -kRoad - 6.0, 23.5}};
    model.signals = {{kRoad + 0.45, 9.3, model.main_is_red, 3.45},
                     {-kRoad - 0.5, 23.3, model.main_is_red, 3.4},
                     {kRoad + 0.5, 27.0, model.main_is_red, 3.4}};
}

void place_trees(Draws& draws, Model& model) {
    const auto plant = [&](double x, double z, double low, double high) {
        model.trees.push_back({x, z, draws.uniform(low, high), static_cast<std::uint32_t>(draws.next())});
    };
    for (double z = 38; z < 130; z += 13) {
        plant(-8.4, z + draws.uniform(-1, 1), 6.0, 7.6);
        plant(8.4, z + draws.uniform(-1, 1), 6.0, 7.6);
    }
    // Where two houses meet, as the viewer sees it, so that no tree hides the name of a shop.
    for (const bool left : {true, false}) {
        double x = street::kSide;
        for (const House& house : left ? model.front_left : model.front_right) {
            x += house.width;
            plant((left ? -x : x) * 24.4 / street::kFront, 24.4, 5.0, 5.8);
        }
    }
    plant(-12.4, 10.3, 6.4, 7.0);
    plant(12.6, 10.6, 6.0, 6.8);
}

}  // namespace

Model make_model(std::uint32_t seed) {
    Draws draws(kSalt + seed);
    Model model;
    model.seed = seed;
    model.lighting = draws.one_of(lighting_table());
    model.main_is_red = draws.chance(0.65);
    Shops shops(draws);
    model.front_left = make_row(draws, shops, 110);
    model.front_right = make_row(draws, shops, 110);
    model.side_left = make_row(draws, shops, street::kEnd - street::kFront);
    model.side_right = make_row(draws, shops, street::kEnd - street::kFront);
    join_corner(model.front_left.front(), model.side_left.front());
    join_corner(model.front_right.front(), model.side_right.front());
    place_signs(draws, model);
    place_trees(draws, model);
    place_vehicles(draws, model);
    place_people(draws, model);
    return model;
}

}  // namespace landauer::scene
