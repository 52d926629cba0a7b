// Pictures in and out: files of any common format, sizes, and the ones that landauer draws itself.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/image.h"

namespace landauer {

struct ImageInfo {
    ImageSize size;      // upright: after the orientation that EXIF states
    std::string format;  // "PNG", "JPEG", ...
    std::vector<std::string>
        notes;  // what is lost on the way to 8-bit RGB: "16 bits a channel are cut to 8", "first frame of an animation"
};

// From the file's header alone. Invalid: missing, empty, a folder, no picture, a format that is known but
// not read, damaged, zero-sized. Denied: may not be read.
[[nodiscard]] Result<ImageInfo> inspect_image(const std::filesystem::path& file);

// Upright 8-bit RGB; transparent parts lie on white. Errors as above; Invalid beyond 2^28 pixels.
[[nodiscard]] Result<RgbImage> read_image(const std::filesystem::path& file);
[[nodiscard]] Result<RgbImage> decode_image(std::span<const std::uint8_t> bytes, std::string_view name);

// Resampled in linear light; the aspect is the caller's business. Invalid: a side of 0.
[[nodiscard]] Result<RgbImage> resize_image(const RgbImage& image, ImageSize size);

[[nodiscard]] std::vector<std::uint8_t> encode_png(const RgbImage& image);
[[nodiscard]] std::vector<std::uint8_t> encode_jpeg(const RgbImage& image, int quality);

// A detailed street scene, the same for a seed on every machine, drawn sharp at any size and aspect.
[[nodiscard]] Result<RgbImage> draw_traffic_scene(std::uint32_t seed, ImageSize size);
// What is in it: JSON for programs ("objects": kind, colour, where, what it does, text), and sentences that
// an ideal answer to "Describe the scene" would hold.
[[nodiscard]] std::string traffic_scene_json(std::uint32_t seed);
[[nodiscard]] std::string traffic_scene_description(std::uint32_t seed);

}  // namespace landauer
