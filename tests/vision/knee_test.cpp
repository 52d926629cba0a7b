#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "temp_folder.h"
#include "vision/tiny_models.h"

namespace landauer {
namespace {

VisionModel read(std::string_view projector) {
    const testing::TempFolder folder;
    testing::tiny_projector(*find_family(projector, 0)).write(folder / "mmproj.gguf");
    auto vision = read_vision_model(folder / "mmproj.gguf");
    EXPECT_TRUE(vision);
    return vision.value_or(VisionModel{});
}

Knee knee_of(const VisionModel& vision, const ImageLimits& limits, double aspect) {
    const auto knee = predict_knee(vision, limits, aspect);
    EXPECT_TRUE(knee) << vision.projector << " " << aspect;
    return knee.value_or(Knee{});
}

ImageCost cost_of(const VisionModel& vision, const ImageLimits& limits, ImageSize size) {
    return predict_image(vision, limits, size).value_or(ImageCost{});
}

ImageSize at(std::int32_t longer, double aspect) {
    const auto other = static_cast<std::int32_t>(std::lround(aspect >= 1.0 ? longer / aspect : longer * aspect));
    return aspect >= 1.0 ? ImageSize{longer, other} : ImageSize{other, longer};
}

TEST(Knee, QwensSquareAndWideImages) {
    const VisionModel qwen = read("qwen2vl_merger");
    const Knee square = knee_of(qwen, {}, 1.0);
    EXPECT_EQ(square.size, (ImageSize{1806, 1806}));
    EXPECT_EQ(square.pixels, 1806.0 * 1806.0);
    EXPECT_EQ(square.n_tokens, 4096);
    const Knee clamped = knee_of(qwen, {0, 1024}, 1.0);
    EXPECT_EQ(clamped.size, (ImageSize{910, 910}));
    EXPECT_EQ(clamped.n_tokens, 1024);
    const Knee wide = knee_of(qwen, {}, 16.0 / 9.0);
    EXPECT_NEAR(wide.size.width, 2394, 2);
}

// Scanned size by size: below the knee a larger limit changes nothing, from it on it does, and the plateau's
// most is reached and not exceeded.
TEST(Knee, IsWhereAScanFindsIt) {
    for (const char* projector : {"qwen2vl_merger", "pixtral", "glm5v", "muse-glimmer", "youtuvl", "gemma4v"}) {
        const VisionModel vision = read(projector);
        for (const double aspect : {1.0, 16.0 / 9.0, 0.5, 3.3}) {
            const ImageLimits limits{0, 300};
            const Knee knee = knee_of(vision, limits, aspect);
            const ImageLimits wider{0, 20000};
            const std::int32_t side = std::max(knee.size.width, knee.size.height);
            std::int64_t most = 0;
            for (std::int32_t longer = std::max(1, side / 2); longer <= 2 * side; ++longer) {
                const ImageCost cost = cost_of(vision, limits, at(longer, aspect));
                const ImageCost free = cost_of(vision, wider, at(longer, aspect));
                ASSERT_EQ(cost != free, longer >= side) << projector << " " << aspect << " at " << longer;
                if (longer >= side) most = std::max(most, cost.n_tokens);
            }
            EXPECT_EQ(knee.n_tokens, most) << projector << " " << aspect;
        }
    }
}

TEST(Knee, FamiliesThatHaveNone) {
    for (const char* projector : {"idefics3", "lightonocr", "mlp", "gemma3", "resampler", "internvl", "lfm2"}) {
        EXPECT_FALSE(predict_knee(read(projector), {}, 1.5)) << projector;
    }
    const VisionModel qwen = read("qwen2vl_merger");
    EXPECT_FALSE(predict_knee(qwen, {}, 0.0));
    EXPECT_FALSE(predict_knee(qwen, {}, -1.0));
    EXPECT_FALSE(predict_knee(qwen, {}, std::nan("")));
}

// SmolVLM always scales to one edge: every size of one aspect costs the same.
TEST(Knee, AFlatLineIsFlat) {
    const VisionModel smolvlm = read("idefics3");
    const ImageCost first = cost_of(smolvlm, {}, {32, 24});
    for (std::int32_t side = 64; side < 6000; side += 32) {
        EXPECT_EQ(cost_of(smolvlm, {}, {side, side / 4 * 3}).n_tokens, first.n_tokens) << side;
    }
}

TEST(Ladder, SpansTheKneeAndIsDenseRoundIt) {
    const Knee knee{1'000'000.0, {1333, 750}, 900};
    for (const int n : {3, 5, 8, 20, 41}) {
        const auto sizes = resolution_ladder(knee, 16.0 / 9.0, n);
        ASSERT_TRUE(sizes);
        ASSERT_EQ(sizes->size(), static_cast<std::size_t>(n));
        EXPECT_NEAR(static_cast<double>(sizes->front().pixels()), knee.pixels / 16, 0.03 * knee.pixels / 16);
        EXPECT_NEAR(static_cast<double>(sizes->back().pixels()), knee.pixels * 4, 0.01 * knee.pixels * 4);
        std::int64_t last = 0;
        int dense = 0;
        for (const ImageSize size : *sizes) {
            EXPECT_EQ(size.width % 2 + size.height % 2, 0);
            EXPECT_NEAR(static_cast<double>(size.width) / size.height, 16.0 / 9.0, 0.02);
            EXPECT_GT(size.pixels(), last);
            last = size.pixels();
            const double ratio = static_cast<double>(size.pixels()) / knee.pixels;
            if (ratio > 0.49 && ratio < 2.04) ++dense;
        }
        EXPECT_GE(3 * dense, n - 2) << n;
    }
}

TEST(Ladder, TinyKneesStillGiveDifferentSizes) {
    for (const double pixels : {1.0, 300.0, 784.0, 6000.0}) {
        const auto sizes = resolution_ladder(Knee{pixels, {28, 28}, 1}, 0.6, 20);
        ASSERT_TRUE(sizes);
        std::set<std::int64_t> different;
        for (const ImageSize size : *sizes) different.insert(size.pixels());
        EXPECT_EQ(different.size(), 20U) << pixels;
    }
}

TEST(Ladder, WithoutAKneeItSpansWhatPeopleSend) {
    const auto sizes = resolution_ladder(std::nullopt, 1.5, 20);
    ASSERT_TRUE(sizes);
    EXPECT_NEAR(static_cast<double>(sizes->front().pixels()), 0.05e6, 0.002e6);
    EXPECT_NEAR(static_cast<double>(sizes->back().pixels()), 4e6, 0.02e6);
}

TEST(Ladder, BadAsksAreRefused) {
    for (const int n : {-1, 0, 2}) {
        const auto sizes = resolution_ladder(std::nullopt, 1.5, n);
        ASSERT_FALSE(sizes);
        EXPECT_EQ(sizes.error().kind, ErrorKind::Invalid);
    }
    EXPECT_FALSE(resolution_ladder(std::nullopt, 0.0, 20));
}

TEST(Resolutions, SizesAndHeights) {
    const auto sizes = parse_resolutions("640x480,720p,1x1", 16.0 / 9.0);
    ASSERT_TRUE(sizes);
    EXPECT_THAT(*sizes, ::testing::ElementsAre(ImageSize{640, 480}, ImageSize{1280, 720}, ImageSize{1, 1}));
    EXPECT_TRUE(parse_resolutions("12000x9000", 1.0));
}

TEST(Resolutions, WhatIsNoSizeIsNamed) {
    for (const char* text : {"", "0x5", "5x0", "-3x4", "640", "640x", "x480", "640x480x3", "640*480", "ap", "p", "0p",
                             "99999999999x2", "640x480,", "20000x20000", "2147483647p"}) {
        const auto sizes = parse_resolutions(text, 16.0 / 9.0);
        ASSERT_FALSE(sizes) << text;
        EXPECT_EQ(sizes.error().kind, ErrorKind::Invalid);
        EXPECT_FALSE(sizes.error().remedy.empty());
    }
    EXPECT_THAT(parse_resolutions("640x480,abc", 1.0).error().sentence, ::testing::HasSubstr("\"abc\""));
}

}  // namespace
}  // namespace landauer
