// Pictures as plain data.
#pragma once

#include <cstdint>
#include <vector>

namespace landauer {

struct ImageSize {
    std::int32_t width = 0;  // pixels
    std::int32_t height = 0;
    [[nodiscard]] std::int64_t pixels() const { return std::int64_t{width} * height; }
    friend bool operator==(const ImageSize&, const ImageSize&) = default;
};

// Rows from the top, three bytes (red, green, blue; sRGB) a pixel.
struct RgbImage {
    ImageSize size;
    std::vector<std::uint8_t> rgb;
    friend bool operator==(const RgbImage&, const RgbImage&) = default;
};

}  // namespace landauer
