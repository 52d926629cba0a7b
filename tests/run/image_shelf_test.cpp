#include "run/image_shelf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "image/image.h"
#include "temp_folder.h"

namespace landauer {
namespace {

const std::vector<ImageSize> kSizes = {{40, 30}, {16, 12}};

TEST(ImageShelf, HoldsAFileAtEverySize) {
    const testing::TempFolder folder;
    RgbImage red{{80, 60}, {}};
    for (int i = 0; i < 80 * 60; ++i) {
        red.rgb.insert(red.rgb.end(), {200, 10, 20});
    }
    const auto png = encode_png(red);
    const auto file = folder.write("red.png", std::string(png.begin(), png.end()));
    const auto shelf = ImageShelf::make({file, 1}, kSizes, {});
    ASSERT_TRUE(shelf) << shelf.error().sentence;
    const auto small = shelf->take({16, 12});
    ASSERT_TRUE(small);
    EXPECT_EQ(**small, resize_image(red, {16, 12}).value());
    EXPECT_EQ(shelf->take({17, 12}).error().kind, ErrorKind::Failed);
}

TEST(ImageShelf, DrawsTheSceneAtEverySize) {
    const auto shelf = ImageShelf::make({{}, 3}, kSizes, {});
    ASSERT_TRUE(shelf);
    EXPECT_EQ(**shelf->take({40, 30}), draw_traffic_scene(3, {40, 30}).value());
}

TEST(ImageShelf, StopsWhenToldAndNamesAFileThatIsNone) {
    EXPECT_EQ(ImageShelf::make({{}, 1}, kSizes, [](double) { return false; }).error().kind, ErrorKind::Interrupted);
    const testing::TempFolder folder;
    EXPECT_EQ(ImageShelf::make({folder / "no.png", 1}, kSizes, {}).error().kind, ErrorKind::Invalid);
}

}  // namespace
}  // namespace landauer
