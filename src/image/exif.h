// The one thing that EXIF says and a picture cannot be shown without: which way is up.
#pragma once

#include <cstdint>
#include <span>

#include "core/image.h"

namespace landauer {

// As EXIF numbers them: where the stored first row and first column belong in the upright picture.
enum class Orientation : std::uint8_t {
    Upright = 1,
    Mirrored,
    HalfTurn,
    Flipped,
    Transposed,
    QuarterTurn,  // turn clockwise to see it upright
    Transverse,
    ThreeQuarterTurn,
};

// Of a TIFF block (what follows "Exif\0\0" in a JPEG's APP1, or a PNG's eXIf chunk). Upright where the block
// states none or is damaged.
[[nodiscard]] Orientation exif_orientation(std::span<const std::uint8_t> tiff);

[[nodiscard]] bool swaps_sides(Orientation orientation);

// The picture as it should be seen.
[[nodiscard]] RgbImage turn_upright(RgbImage stored, Orientation orientation);

}  // namespace landauer
