// What a picture's header says, without its pixels.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/image.h"
#include "image/exif.h"

namespace landauer {

struct PictureHeader {
    enum class State : std::uint8_t {
        Whole,
        CutOff,   // the bytes end before the header does: more of the file may help
        Damaged,  // problem says how
        Foreign,  // a kind of this format that is not read; problem names it
        Unknown,  // not a picture of any format that is read
    };
    State state = State::Unknown;
    std::string_view format;
    ImageSize stored;  // before the orientation
    Orientation orientation = Orientation::Upright;
    bool has_alpha = false;
    std::vector<std::string> notes;  // as in ImageInfo
    std::string problem;
};

// bytes: the beginning of a file; file_bytes: how long the whole is.
[[nodiscard]] PictureHeader read_header(std::span<const std::uint8_t> bytes, std::uint64_t file_bytes);

// One format each; state Unknown where the bytes begin otherwise.
[[nodiscard]] PictureHeader read_png_header(std::span<const std::uint8_t> bytes);
[[nodiscard]] PictureHeader read_jpeg_header(std::span<const std::uint8_t> bytes);
[[nodiscard]] PictureHeader read_gif_header(std::span<const std::uint8_t> bytes);
[[nodiscard]] PictureHeader read_bmp_header(std::span<const std::uint8_t> bytes, std::uint64_t file_bytes);
[[nodiscard]] PictureHeader read_pnm_header(std::span<const std::uint8_t> bytes, std::uint64_t file_bytes);

// Whether every Huffman table of a JPEG fits the 256 codes that a table may have: older versions of stb_image write
// what does not over their own memory.
[[nodiscard]] bool jpeg_tables_fit(std::span<const std::uint8_t> bytes);

constexpr std::string_view kFirstFrame = "of an animation, the first frame";
constexpr std::string_view kSixteenBits = "16 bits a channel are cut to 8";

}  // namespace landauer
