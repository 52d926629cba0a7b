#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>

#include "image/image.h"
#include "picture_bytes.h"
#include "temp_folder.h"

namespace landauer {
namespace {

using namespace landauer::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kFixtures = FIXTURES "/image/";

struct Fixture {
    const char* file;
    const char* format;
    const char* note;  // "": none
    int tolerance;     // of the two colours, after compression
};

class Formats : public ::testing::TestWithParam<Fixture> {};

// 16 x 12 pixels: the left half red, the right half blue.
TEST_P(Formats, AreReadRight) {
    const auto& [file, format, note, tolerance] = GetParam();
    const auto info = inspect_image(kFixtures + file);
    ASSERT_TRUE(info) << info.error().sentence;
    EXPECT_EQ(info->format, format);
    EXPECT_EQ(info->size, (ImageSize{16, 12}));
    if (std::string(note).empty()) {
        EXPECT_THAT(info->notes, IsEmpty());
    } else {
        EXPECT_THAT(info->notes, ElementsAre(HasSubstr(note)));
    }
    const auto image = read_image(kFixtures + file);
    ASSERT_TRUE(image) << image.error().sentence;
    ASSERT_EQ(image->size, (ImageSize{16, 12}));
    for (const auto& [x, colour] : {std::pair{2, std::array{220, 30, 30}}, std::pair{13, std::array{30, 60, 200}}}) {
        for (std::size_t c = 0; c < 3; ++c) {
            const auto at = static_cast<std::size_t>((6 * 16 + x) * 3) + c;
            EXPECT_NEAR(image->rgb[at], colour[c], tolerance) << file << " at " << x;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Each, Formats,
                         ::testing::Values(Fixture{"plain.bmp", "BMP", "", 0}, Fixture{"plain.ppm", "PPM", "", 0},
                                           Fixture{"plain.tga", "TGA", "", 0}, Fixture{"still.gif", "GIF", "", 2},
                                           Fixture{"animated.gif", "GIF", "first frame", 2},
                                           Fixture{"animated.png", "PNG", "first frame", 0},
                                           Fixture{"progressive.jpg", "JPEG", "", 6},
                                           Fixture{"cmyk.jpg", "JPEG", "CMYK", 6}),
                         [](const auto& named) {
                             std::string name = named.param.file;
                             name[name.find('.')] = '_';
                             return name;
                         });

TEST(ReadImage, CutsSixteenBitsToEight) {
    const auto info = inspect_image(kFixtures + "grey16.png");
    ASSERT_TRUE(info);
    EXPECT_THAT(info->notes, ElementsAre(HasSubstr("16 bits")));
    const auto image = read_image(kFixtures + "grey16.png");
    ASSERT_TRUE(image);
    EXPECT_EQ(image->rgb[100 * 3], 30000 >> 8);  // pixel i holds 300 i
}

TEST(ReadImage, GivesBackWhatPngWasGiven) {
    const TempFolder folder;
    for (const ImageSize size : {ImageSize{1, 1}, {1, 10000}, {10000, 1}, {13, 7}}) {
        const RgbImage image = numbered_image(size.width, size.height);
        const auto file = folder.write("a.png", text_of(encode_png(image)));
        const auto info = inspect_image(file);
        ASSERT_TRUE(info) << info.error().sentence;
        EXPECT_EQ(info->size, size);
        const auto read = read_image(file);
        ASSERT_TRUE(read) << read.error().sentence;
        EXPECT_EQ(*read, image);
    }
}

TEST(ReadImage, LaysTransparentPartsOnWhite) {
    // 2 x 1 pixels of 32-bit TGA: red at 0 % and at 60 % (blue, green, red, alpha).
    const FileBytes file{0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 32, 8, 0, 0, 255, 0, 0, 0, 255, 153};
    const auto image = decode_image(file, "a.tga");
    ASSERT_TRUE(image) << image.error().sentence;
    EXPECT_THAT(image->rgb, ElementsAre(255, 255, 255, 255, 102, 102));
}

// Where the stored pixel 0 (first row, first column) must be found in the upright picture of 3 x 2 or 2 x 3.
TEST(ReadImage, TurnsAllEightOrientationsUpright) {
    struct Turn {
        ImageSize size;
        std::array<std::uint8_t, 6> numbers;  // of the stored pixels, row by row
    };
    const std::array<Turn, 8> turns{Turn{{3, 2}, {0, 1, 2, 3, 4, 5}}, Turn{{3, 2}, {2, 1, 0, 5, 4, 3}},
                                    Turn{{3, 2}, {5, 4, 3, 2, 1, 0}}, Turn{{3, 2}, {3, 4, 5, 0, 1, 2}},
                                    Turn{{2, 3}, {0, 3, 1, 4, 2, 5}}, Turn{{2, 3}, {3, 0, 4, 1, 5, 2}},
                                    Turn{{2, 3}, {5, 2, 4, 1, 3, 0}}, Turn{{2, 3}, {2, 5, 1, 4, 0, 3}}};
    const FileBytes png = encode_png(numbered_image(3, 2));
    for (std::uint32_t orientation = 1; orientation <= 8; ++orientation) {
        for (const bool big_endian : {false, true}) {
            const auto file = png_with_chunk(png, "eXIf", tiff_with_orientation(orientation, big_endian));
            const auto image = decode_image(file, "a.png");
            ASSERT_TRUE(image) << image.error().sentence;
            EXPECT_EQ(image->size, turns[orientation - 1].size) << orientation;
            for (std::size_t i = 0; i < 6; ++i) {
                EXPECT_EQ(image->rgb[i * 3], turns[orientation - 1].numbers[i]) << orientation << ", pixel " << i;
            }
        }
    }
}

TEST(ReadImage, InspectsJpegUpright) {
    const TempFolder folder;
    const FileBytes jpeg = encode_jpeg(numbered_image(40, 20), 90);
    for (const std::uint32_t orientation : {1U, 3U, 6U, 8U}) {
        const auto file =
            folder.write("a.jpg", text_of(jpeg_with_exif(jpeg, tiff_with_orientation(orientation, true))));
        const auto info = inspect_image(file);
        ASSERT_TRUE(info) << info.error().sentence;
        EXPECT_EQ(info->size, (orientation < 5 ? ImageSize{40, 20} : ImageSize{20, 40}));
        EXPECT_EQ(read_image(file)->size, info->size);
    }
}

// Profiles of many segments may fill more than the part that is looked at first.
TEST(ReadImage, FindsAFrameBehindLongSegments) {
    const TempFolder folder;
    const FileBytes jpeg = encode_jpeg(numbered_image(40, 20), 90);
    FileBytes file(jpeg.begin(), jpeg.begin() + 2);
    for (int i = 0; i < 8; ++i) {
        put_big(file, 0xFFE2, 2);
        put_big(file, 0xFFFF, 2);
        file.insert(file.end(), 0xFFFD, 0);
    }
    file.insert(file.end(), jpeg.begin() + 2, jpeg.end());
    const auto info = inspect_image(folder.write("a.jpg", text_of(file)));
    ASSERT_TRUE(info) << info.error().sentence;
    EXPECT_EQ(info->size, (ImageSize{40, 20}));
}

}  // namespace
}  // namespace landauer
