#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "image/image.h"
#include "image/scene/compose.h"
#include "image/scene/visibility.h"

namespace landauer {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
constexpr std::uint32_t kSeeds = 30;

std::uint64_t fnv1a(const std::vector<std::uint8_t>& bytes) {
    std::uint64_t hash = 0xCBF29CE484222325U;
    for (const std::uint8_t byte : bytes) {
        hash = (hash ^ byte) * 0x100000001B3U;
    }
    return hash;
}

RgbImage scene_of(std::uint32_t seed, ImageSize size) {
    const auto image = draw_traffic_scene(seed, size);
    EXPECT_TRUE(image);
    return *image;
}

// No tolerance: the drawing uses IEEE doubles without fused operations and nothing of the mathematical library but
// square roots, which are exact to the last bit. A change of the art changes this number.
TEST(TrafficScene, IsTheSameOnEveryMachine) { EXPECT_EQ(fnv1a(scene_of(1, {640, 480}).rgb), 9211971390501235353U); }

TEST(TrafficScene, OtherSeedsAreOtherScenes) {
    std::set<std::uint64_t> pictures;
    std::set<std::string> truths;
    for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
        pictures.insert(fnv1a(scene_of(seed, {96, 72}).rgb));
        truths.insert(traffic_scene_description(seed));
    }
    EXPECT_EQ(pictures.size(), kSeeds);
    EXPECT_EQ(truths.size(), kSeeds);
}

// A detailed picture is neither flat nor noise at any seed and aspect.
TEST(TrafficScene, HasManyColoursAndEdgesEverywhere) {
    for (std::uint32_t seed = 1; seed <= 8; ++seed) {
        for (const ImageSize size : {ImageSize{320, 240}, {480, 160}, {180, 320}}) {
            const RgbImage image = scene_of(seed, size);
            std::set<std::uint32_t> colours;
            for (std::size_t i = 0; i < image.rgb.size(); i += 3) {
                colours.insert(std::uint32_t{image.rgb[i]} << 16U | std::uint32_t{image.rgb[i + 1]} << 8U |
                               image.rgb[i + 2]);
            }
            EXPECT_GT(colours.size(), 5000U) << seed;
        }
    }
}

// Drawn at the size, and not enlarged: the large picture, made small, is the small one; the small one, made large,
// lacks the large one's detail.
double mean_difference(const RgbImage& a, const RgbImage& b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.rgb.size(); ++i) {
        sum += std::abs(int{a.rgb[i]} - int{b.rgb[i]});
    }
    return sum / static_cast<double>(a.rgb.size());
}

TEST(TrafficScene, MorePixelsShowMore) {
    const RgbImage small = scene_of(1, {400, 300});
    const RgbImage large = scene_of(1, {1600, 1200});
    EXPECT_LT(mean_difference(small, *resize_image(large, small.size)), 9.0);
    EXPECT_GT(mean_difference(large, *resize_image(small, large.size)), 4.0);
}

TEST(TrafficScene, TakesAnySize) {
    for (const ImageSize size : {ImageSize{1, 1}, {1, 400}, {400, 1}, {7, 5}, {1000, 20}, {20, 1000}}) {
        EXPECT_EQ(scene_of(2, size).size, size);
    }
    for (const ImageSize size : {ImageSize{0, 5}, {5, -1}, {100'000, 100'000}}) {
        const auto image = draw_traffic_scene(1, size);
        ASSERT_FALSE(image);
        EXPECT_EQ(image.error().kind, ErrorKind::Invalid);
        EXPECT_FALSE(image.error().remedy.empty());
    }
}

constexpr std::int32_t kWide = 240;
constexpr std::int32_t kTall = 180;

RgbImage drawn(const scene::Model& model) {
    Canvas canvas({kWide, kTall});
    scene::draw_scene(canvas, model);
    return canvas.take();
}

// The part of a box in which two pictures differ.
double changed_part(const RgbImage& a, const RgbImage& b, const scene::Box& box) {
    int changed = 0;
    int all = 0;
    for (auto y = static_cast<std::int32_t>(box.top * kTall); y < static_cast<std::int32_t>(box.bottom * kTall) + 1;
         ++y) {
        for (auto x = static_cast<std::int32_t>(box.left * kWide); x < static_cast<std::int32_t>(box.right * kWide) + 1;
             ++x) {
            if (x >= 0 && y >= 0 && x < kWide && y < kTall) {
                const auto at = static_cast<std::size_t>((y * kWide + x) * 3);
                const bool same =
                    a.rgb[at] == b.rgb[at] && a.rgb[at + 1] == b.rgb[at + 1] && a.rgb[at + 2] == b.rgb[at + 2];
                changed += same ? 0 : 1;
                ++all;
            }
        }
    }
    return all == 0 ? 0.0 : static_cast<double>(changed) / all;
}

// The picture without the thing differs where the truth says that it is seen, and hardly where it is hidden.
template <class List>
void expect_seen_as_told(const scene::Model& model, List scene::Model::* list) {
    const RgbImage whole = drawn(model);
    for (std::size_t i = 0; i < (model.*list).size(); ++i) {
        const scene::Box box = scene::box_of((model.*list)[i]);
        if (box.z > 55 || !scene::is_seen(model, box)) {
            continue;
        }
        scene::Model without = model;
        (without.*list).erase((without.*list).begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_GT(changed_part(whole, drawn(without), box), 0.12) << "seed " << model.seed << ", number " << i;
    }
}

TEST(TrafficScene, WhatTheTruthNamesIsInThePicture) {
    for (const std::uint32_t seed : {1U, 2U}) {
        const scene::Model model = scene::make_model(seed);
        expect_seen_as_told(model, &scene::Model::vehicles);
        expect_seen_as_told(model, &scene::Model::riders);
        expect_seen_as_told(model, &scene::Model::people);
        expect_seen_as_told(model, &scene::Model::signs);
        expect_seen_as_told(model, &scene::Model::signals);
    }
}

// The lamp of the signal before the viewer, looked up in the picture itself.
TEST(TrafficScene, TheSignalShowsWhatTheTruthSays) {
    int reds = 0;
    for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
        const scene::Model model = scene::make_model(seed);
        const RgbImage image = scene_of(seed, {400, 300});
        const scene::Box box = scene::box_of(model.signals.front());
        int red = 0;
        int green = 0;
        for (auto y = static_cast<std::int32_t>(box.top * 300); y < static_cast<std::int32_t>(box.bottom * 300); ++y) {
            for (auto x = static_cast<std::int32_t>(box.left * 400); x < static_cast<std::int32_t>(box.right * 400);
                 ++x) {
                const std::uint8_t* const pixel = image.rgb.data() + (y * 400 + x) * 3;
                red += pixel[0] > 200 && pixel[1] < 110 ? 1 : 0;
                green += pixel[1] > 170 && pixel[0] < 110 ? 1 : 0;
            }
        }
        EXPECT_EQ(model.main_is_red, red > green) << seed << ": " << red << " red pixels, " << green << " green";
        EXPECT_THAT(traffic_scene_description(seed),
                    HasSubstr(model.main_is_red ? "faces the viewer is red" : "faces the viewer is green"));
        reds += model.main_is_red ? 1 : 0;
    }
    EXPECT_GT(reds, 5);
    EXPECT_LT(reds, 28);
}

// Nobody crosses before moving traffic, and nobody drives through red.
TEST(TrafficScene, TrafficObeysItsSignals) {
    for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
        const json scene = json::parse(traffic_scene_json(seed));
        const bool red = scene.at("objects").at(0).at("state") == "red";
        for (const json& object : scene.at("objects")) {
            const std::string heading = object.value("heading", "");
            if (heading == "left" || heading == "right") {
                EXPECT_EQ(object.value("state", red ? "driving" : "waiting"), red ? "driving" : "waiting") << seed;
            }
            EXPECT_TRUE(red || object.value("state", "") != "crossing") << seed;
        }
    }
}

TEST(TrafficScene, TruthIsRichAtEverySeed) {
    std::set<std::string> kinds;
    std::set<std::string> hours;
    for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
        const json scene = json::parse(traffic_scene_json(seed));
        EXPECT_GE(scene.at("objects").size(), 18U) << seed;
        hours.insert(scene.at("time").get<std::string>());
        for (const json& object : scene.at("objects")) {
            kinds.insert(object.at("kind").get<std::string>());
            EXPECT_EQ(object.at("where").size(), 2U);
        }
        const std::string text = traffic_scene_description(seed);
        const auto sentences = std::count(text.begin(), text.end(), '\n');
        EXPECT_GE(sentences, 8) << text;
        EXPECT_LE(sentences, 15) << text;
    }
    EXPECT_EQ(hours.size(), 5U);
    for (const char* const kind : {"bus", "tram", "taxi", "van", "lorry", "bicycle", "motorbike", "person", "child",
                                   "stop sign", "speed limit", "direction board", "traffic light", "building"}) {
        EXPECT_TRUE(kinds.contains(kind)) << kind;
    }
}

}  // namespace
}  // namespace landauer
