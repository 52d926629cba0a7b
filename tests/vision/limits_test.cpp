#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

std::int64_t tokens_of(const VisionModel& vision, const ImageLimits& limits, ImageSize size) {
    return predict_image(vision, limits, size).value_or(ImageCost{}).n_tokens;
}

void expect_refused(const Result<void>& checked, const std::string& named) {
    ASSERT_FALSE(checked) << named;
    EXPECT_EQ(checked.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(checked.error().sentence, ::testing::HasSubstr(named));
    EXPECT_FALSE(checked.error().remedy.empty());
}

TEST(Limits, WhatADynamicFamilyTakes) {
    const VisionModel qwen = read("qwen2vl_merger");
    EXPECT_TRUE(check_limits(qwen, {}));
    EXPECT_TRUE(check_limits(qwen, {0, 8}));
    EXPECT_TRUE(check_limits(qwen, {1, 1}));
    EXPECT_TRUE(check_limits(qwen, {4096, 0}));
    EXPECT_TRUE(check_limits(qwen, {0, 16384}));
}

TEST(Limits, WhatNoFamilyTakes) {
    const VisionModel qwen = read("qwen2vl_merger");
    expect_refused(check_limits(qwen, {0, 1}), "below the least");
    expect_refused(check_limits(qwen, {0, 7}), "8");
    expect_refused(check_limits(qwen, {200, 100}), "--image-min-tokens 200 is more than --image-max-tokens 100");
    expect_refused(check_limits(qwen, {-1, 0}), "negative");
    expect_refused(check_limits(qwen, {0, -5}), "negative");
    expect_refused(check_limits(qwen, {5000, 0}), "4096");
    expect_refused(check_limits(qwen, {0, 2'000'000'000}), "can count");
}

TEST(Limits, FamiliesWithoutLimitsRefuseThem) {
    for (const char* projector : {"mlp", "gemma3", "internvl", "phi4"}) {
        const VisionModel vision = read(projector);
        EXPECT_TRUE(check_limits(vision, {}));
        expect_refused(check_limits(vision, {0, 256}), "ignores");
        EXPECT_FALSE(max_tokens_of(vision, {1024, 720}));
    }
}

TEST(Limits, SlicesCannotBeSmallerThanOne) {
    const VisionModel idefics = read("idefics3");
    ASSERT_GT(idefics.tokens_per_slice, 1);
    EXPECT_TRUE(check_limits(idefics, {0, idefics.tokens_per_slice}));
    expect_refused(check_limits(idefics, {0, idefics.tokens_per_slice - 1}), "below the least");
    // libmtmd holds a lone minimum against a maximum that this family does not have.
    expect_refused(check_limits(idefics, {100, 0}), "states no maximum");
}

TEST(Limits, ThePapersClampsInTokens) {
    const VisionModel qwen = read("qwen2vl_merger");
    EXPECT_EQ(max_tokens_of(qwen, {1024, 720}), 36 * 25);
    EXPECT_EQ(max_tokens_of(qwen, {854, 594}), 30 * 21);
    EXPECT_EQ(max_tokens_of(qwen, {714, 496}), 25 * 17);
    const auto none = max_tokens_of(qwen, {27, 500});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(none.error().sentence, ::testing::HasSubstr("27x500"));
}

// What is stated as the most that a clamp allows is the most; only images so small that they are enlarged to the
// least may round up beyond a clamp that is hardly above it.
TEST(Limits, AClampIsNeverExceeded) {
    const VisionModel qwen = read("qwen2vl_merger");
    EXPECT_EQ(tokens_of(qwen, {0, 8}, {20, 14}), 12);
    for (const std::int32_t most : {96, 425, 900}) {
        for (std::int32_t side = 20; side < 3000; side += 7) {
            EXPECT_LE(tokens_of(qwen, {0, most}, {side, 2 * side / 3 + 1}), most) << side;
        }
    }
}

}  // namespace
}  // namespace landauer
