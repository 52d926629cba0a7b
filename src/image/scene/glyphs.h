// Letters drawn as strokes of one weight, like those on road signs.
#pragma once

#include <string_view>

#include "image/raster.h"

namespace landauer::scene {

// Capitals, digits and - . : ' & / + ! and space; small letters are drawn as capitals.
// left, bottom: of the first letter; height: of the capitals; weight: of a stroke, as a part of the height.
[[nodiscard]] Shape glyph_shape(std::string_view text, double left, double bottom, double height, double weight);
[[nodiscard]] double text_width(std::string_view text, double height);

}  // namespace landauer::scene
