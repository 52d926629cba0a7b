// The stb libraries behind plain functions: their code is compiled once, in stb.cpp, and stays private to it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/image.h"

namespace landauer {

struct FreeStbPixels {
    void operator()(std::uint8_t* pixels) const;
};

// Interleaved 8-bit channels; pixels is empty where the file could not be decoded, and problem says why.
struct StbPixels {
    std::unique_ptr<std::uint8_t, FreeStbPixels> pixels;
    ImageSize size;
    std::string problem;
};

// channels: 3 for RGB, 4 for RGB and alpha.
[[nodiscard]] StbPixels stb_decode(std::span<const std::uint8_t> file, int channels);

struct StbHeader {
    ImageSize size;
    int channels = 0;  // of the file: 2 and 4 have alpha
    bool is_16_bit = false;
};
// nullopt: not a format that stb_image reads, or a header that is cut off.
[[nodiscard]] std::optional<StbHeader> stb_header(std::span<const std::uint8_t> file);

// Empty where the memory ran out.
[[nodiscard]] std::vector<std::uint8_t> stb_resize(const RgbImage& image, ImageSize size);

[[nodiscard]] std::vector<std::uint8_t> stb_encode_png(const RgbImage& image);
[[nodiscard]] std::vector<std::uint8_t> stb_encode_jpeg(const RgbImage& image, int quality);

}  // namespace landauer
