// Predicted tokens against libmtmd's own count over bitmaps without pixels, for every family and many sizes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "engine/engine.h"
#include "temp_folder.h"
#include "vision/tiny_models.h"

namespace landauer {
namespace {

using testing::TempFolder;
using testing::Variant;

// Log-uniform sides, and the extremes that break sums: one pixel, long strips, 100 megapixels.
std::vector<ImageSize> sizes_of(const Variant& variant, std::uint32_t seed) {
    std::vector<ImageSize> sizes = {{1, 1},        {1, 10000},   {10000, 1},   {2, 3},        {28, 28},
                                    {336, 336},    {337, 336},   {448, 448},   {449, 100},    {640, 480},
                                    {1280, 720},   {1920, 1080}, {1805, 1805}, {1806, 1806},  {1778, 1778},
                                    {2394, 1347},  {4000, 3000}, {3000, 4000}, {12000, 9000}, {9000, 12000},
                                    {16000, 6250}, {31, 200},    {512, 512},   {1024, 1024}};
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> megapixels(std::log(64.0), std::log(2e7));
    std::normal_distribution<double> log_aspect(0.0, 0.8);
    std::erase_if(sizes, [&variant](ImageSize s) { return std::max(s.width, s.height) > variant.longest_side; });
    while (std::ssize(sizes) < variant.n_sizes) {
        const double px = std::exp(megapixels(random));
        const double aspect = std::exp(log_aspect(random));
        sizes.push_back({std::clamp(static_cast<int>(std::sqrt(px * aspect)), 1, variant.longest_side),
                         std::clamp(static_cast<int>(std::sqrt(px / aspect)), 1, variant.longest_side)});
    }
    return sizes;
}

// None, clamps of the paper's three sizes, a low one, a minimum, and both.
std::vector<ImageLimits> limits_of(const VisionModel& vision) {
    std::vector<ImageLimits> limits = {{}};
    if (!vision.takes_limits) return limits;
    for (const ImageSize most : {ImageSize{1024, 720}, ImageSize{854, 594}, ImageSize{714, 496}}) {
        if (const auto tokens = max_tokens_of(vision, most)) limits.push_back({0, *tokens});
    }
    for (const ImageLimits& more :
         {ImageLimits{0, 96}, ImageLimits{300, 0}, ImageLimits{40, 200}, ImageLimits{1, 1}, ImageLimits{0, 2000}}) {
        limits.push_back(more);
    }
    std::erase_if(limits, [&vision](const ImageLimits& l) { return !check_limits(vision, l); });
    return limits;
}

class Parity : public ::testing::TestWithParam<Variant> {};

TEST_P(Parity, EqualsLibmtmdsOwnCount) {
    const TempFolder folder;
    const auto mmproj = folder / "mmproj.gguf";
    const auto model = folder / "model.gguf";
    GetParam().projector.write(mmproj);
    const auto vision = read_vision_model(mmproj);
    ASSERT_TRUE(vision) << vision.error().sentence;
    testing::write_tiny_vocabulary(model, vision->preprocessing == Preprocessing::dynamic ? "qwen2vl" : "llama",
                                   vision->projector == "idefics3" || vision->projector == "lfm2" ? 800 : 0);
    std::uint32_t seed = 1;
    for (const ImageLimits& limits : limits_of(*vision)) {
        SCOPED_TRACE(::testing::Message() << limits.min_tokens << " to " << limits.max_tokens << " tokens");
        const std::vector<ImageSize> sizes = sizes_of(GetParam(), seed++);
        const auto counted = count_image_tokens(model, mmproj, limits, sizes);
        ASSERT_TRUE(counted) << counted.error().sentence;
        for (std::size_t i = 0; i < sizes.size(); ++i) {
            const ImageCost predicted = predict_image(*vision, limits, sizes[i]).value_or(ImageCost{});
            ASSERT_THAT(
                (std::vector<std::int64_t>{predicted.n_tokens, predicted.n_marker_tokens, predicted.n_slices}),
                ::testing::ElementsAre((*counted)[i].n_tokens, (*counted)[i].n_marker_tokens, (*counted)[i].n_slices))
                << sizes[i].width << "x" << sizes[i].height;
        }
    }
}

std::string name_of(const ::testing::TestParamInfo<Variant>& info) {
    std::string name = info.param.name;
    for (char& c : name) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
    }
    return name;
}

INSTANTIATE_TEST_SUITE_P(Families, Parity, ::testing::ValuesIn(testing::tiny_variants()), name_of);

}  // namespace
}  // namespace landauer
