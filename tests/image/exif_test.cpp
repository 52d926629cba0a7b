#include "image/exif.h"

#include <gtest/gtest.h>

#include "picture_bytes.h"

namespace landauer {
namespace {

using testing::FileBytes;
using testing::tiff_with_orientation;

TEST(Exif, ReadsBothByteOrders) {
    for (std::uint32_t orientation = 1; orientation <= 8; ++orientation) {
        for (const bool big_endian : {false, true}) {
            EXPECT_EQ(exif_orientation(tiff_with_orientation(orientation, big_endian)),
                      static_cast<Orientation>(orientation));
        }
    }
}

TEST(Exif, NonsenseIsUpright) {
    for (const std::uint32_t number : {0U, 9U, 200U}) {
        EXPECT_EQ(exif_orientation(tiff_with_orientation(number, true)), Orientation::Upright);
    }
    EXPECT_EQ(exif_orientation({}), Orientation::Upright);
    FileBytes wrong_type = tiff_with_orientation(6, true);
    wrong_type[13] = 4;  // LONG
    EXPECT_EQ(exif_orientation(wrong_type), Orientation::Upright);
    FileBytes far_directory = tiff_with_orientation(6, true);
    far_directory[4] = 0xFF;
    EXPECT_EQ(exif_orientation(far_directory), Orientation::Upright);
    FileBytes other_mark = tiff_with_orientation(6, true);
    other_mark[0] = 'I';
    EXPECT_EQ(exif_orientation(other_mark), Orientation::Upright);
}

TEST(Exif, EveryCutIsSafe) {
    const FileBytes whole = tiff_with_orientation(6, false);
    constexpr std::size_t kValueEnds = 20;
    for (std::size_t kept = 0; kept <= whole.size(); ++kept) {
        const FileBytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(kept));
        EXPECT_EQ(exif_orientation(cut), kept < kValueEnds ? Orientation::Upright : Orientation::QuarterTurn) << kept;
    }
}

}  // namespace
}  // namespace landauer
