#include <gtest/gtest.h>

#include <numeric>

#include "image/image.h"
#include "picture_bytes.h"

namespace landauer {
namespace {

using testing::numbered_image;

RgbImage plain(ImageSize size, std::uint8_t value) {
    return {size, std::vector<std::uint8_t>(static_cast<std::size_t>(size.pixels()) * 3, value)};
}

TEST(ResizeImage, KeepsAPlainColourAtAnySize) {
    for (const ImageSize size : {ImageSize{1, 1}, {7, 90}, {640, 3}, {100, 100}}) {
        const auto resized = resize_image(plain({64, 48}, 90), size);
        ASSERT_TRUE(resized);
        EXPECT_EQ(resized->size, size);
        for (const std::uint8_t value : resized->rgb) {
            ASSERT_NEAR(value, 90, 1);
        }
    }
}

// Black and white stripes seen from afar are half the light, which sRGB writes as 188.
TEST(ResizeImage, AveragesLightAndNotCodeValues) {
    RgbImage stripes = plain({256, 64}, 0);
    for (std::size_t i = 0; i < stripes.rgb.size(); ++i) {
        stripes.rgb[i] = i / 3 % 2 == 0 ? 255 : 0;
    }
    const auto resized = resize_image(stripes, {16, 4});
    ASSERT_TRUE(resized);
    EXPECT_NEAR(resized->rgb[(2 * 16 + 8) * 3], 188, 3);
}

TEST(ResizeImage, TheSameSizeIsTheSamePicture) {
    const RgbImage image = numbered_image(20, 10);
    EXPECT_EQ(*resize_image(image, {20, 10}), image);
}

TEST(ResizeImage, RefusesSidesOfNothing) {
    for (const ImageSize size : {ImageSize{0, 5}, {5, 0}, {-3, 4}}) {
        const auto resized = resize_image(plain({4, 4}, 1), size);
        ASSERT_FALSE(resized);
        EXPECT_EQ(resized.error().kind, ErrorKind::Invalid);
        EXPECT_FALSE(resized.error().remedy.empty());
    }
    EXPECT_FALSE(resize_image({}, {4, 4}));
}

TEST(EncodeJpeg, TakesAnyQuality) {
    const RgbImage image = numbered_image(20, 10);
    for (const int quality : {-5, 1, 50, 100, 900}) {
        EXPECT_TRUE(decode_image(encode_jpeg(image, quality), "a.jpg"));
    }
    EXPECT_LT(encode_jpeg(image, 10).size(), encode_jpeg(image, 95).size());
}

}  // namespace
}  // namespace landauer
