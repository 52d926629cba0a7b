#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "core/utf8.h"
#include "image/header.h"
#include "image/image.h"
#include "image/known_formats.h"
#include "image/picture_file.h"
#include "image/stb.h"

namespace landauer {
namespace {

constexpr std::uint64_t kHead_bytes = std::uint64_t{1}
                                      << 18U;  // holds every common header, with its EXIF and its colour profile
constexpr std::int64_t kMostPixels = std::int64_t{1} << 28U;
constexpr std::string_view kAgain = "Download or export the picture again.";

tl::unexpected<Error> damaged(std::string_view name, std::string_view format, std::string_view how) {
    return fail(ErrorKind::Invalid, fmt::format("The {} picture {} is damaged: {}.", format, name, how),
                std::string(kAgain));
}

tl::unexpected<Error> cut_off(std::string_view name, std::string_view format) {
    return fail(ErrorKind::Invalid, fmt::format("The {} picture {} is cut off.", format, name), std::string(kAgain));
}

tl::unexpected<Error> no_picture(std::string_view name, std::span<const std::uint8_t> bytes) {
    const ForeignFormat foreign = foreign_format(bytes);
    if (!foreign.what.empty()) {
        return fail(ErrorKind::Invalid, fmt::format("{} is {}, which is not read.", name, foreign.what),
                    std::string(foreign.remedy));
    }
    return fail(ErrorKind::Invalid, fmt::format("{} is not a picture of a known format.", name),
                "Give a PNG, JPEG, BMP, GIF, TGA, PSD, HDR, PIC, PPM or PGM file.");
}

Result<void> check_size(std::string_view name, const PictureHeader& header) {
    const ImageSize size = header.stored;
    if (size.width <= 0 || size.height <= 0) {
        return fail(
            ErrorKind::Invalid,
            fmt::format("The {} picture {} says it is {} x {} pixels.", header.format, name, size.width, size.height),
            "Give a picture that has at least one pixel.");
    }
    if (size.pixels() > kMostPixels) {
        return fail(ErrorKind::Invalid,
                    fmt::format("The {} picture {} says it is {} x {} pixels; at most {} pixels are read.",
                                header.format, name, size.width, size.height, kMostPixels),
                    "Save it smaller.");
    }
    return {};
}

Result<PictureHeader> check_header(PictureHeader header, std::string_view name, std::span<const std::uint8_t> bytes) {
    switch (header.state) {
        case PictureHeader::State::Whole:
            break;
        case PictureHeader::State::CutOff:
            return cut_off(name, header.format);
        case PictureHeader::State::Damaged:
            return damaged(name, header.format, header.problem);
        case PictureHeader::State::Foreign:
            return fail(ErrorKind::Invalid, fmt::format("{} is a {}, which is not read.", name, header.problem),
                        "Convert it to PNG first, for example with `magick IN out.png`.");
        case PictureHeader::State::Unknown:
            return no_picture(name, bytes);
    }
    if (auto size = check_size(name, header); !size) {
        return tl::unexpected(size.error());
    }
    return header;
}

// Newer versions of stb_image fill what a JPEG lacks with grey, without a word.
bool jpeg_ends(std::span<const std::uint8_t> bytes) {
    for (std::size_t at = bytes.size(); at >= 2; --at) {
        if (bytes[at - 2] == 0xFF && bytes[at - 1] == 0xD9) {
            return true;
        }
    }
    return false;
}

RgbImage on_white(const StbPixels& decoded) {
    RgbImage image{decoded.size, std::vector<std::uint8_t>(static_cast<std::size_t>(decoded.size.pixels()) * 3)};
    const std::uint8_t* from = decoded.pixels.get();
    for (std::size_t at = 0; at < image.rgb.size(); at += 3, from += 4) {
        const unsigned alpha = from[3];
        for (std::size_t c = 0; c < 3; ++c) {
            image.rgb[at + c] = static_cast<std::uint8_t>((from[c] * alpha + 255U * (255U - alpha) + 127U) / 255U);
        }
    }
    return image;
}

ImageInfo info_of(PictureHeader header) {
    ImageInfo info{header.stored, std::string(header.format), std::move(header.notes)};
    if (swaps_sides(header.orientation)) {
        std::swap(info.size.width, info.size.height);
    }
    return info;
}

}  // namespace

Result<ImageInfo> inspect_image(const std::filesystem::path& file) {
    const auto opened = open_picture(file);
    if (!opened) {
        return tl::unexpected(opened.error());
    }
    auto bytes = read_bytes(*opened, kHead_bytes, file);
    if (!bytes) {
        return tl::unexpected(bytes.error());
    }
    auto header = read_header(*bytes, opened->file_bytes);
    if (header.state == PictureHeader::State::CutOff && bytes->size() < opened->file_bytes) {
        bytes = read_bytes(*opened, opened->file_bytes, file);
        if (!bytes) {
            return tl::unexpected(bytes.error());
        }
        header = read_header(*bytes, opened->file_bytes);
    }
    return check_header(std::move(header), to_valid_utf8(file.string()), *bytes).map(info_of);
}

Result<RgbImage> read_image(const std::filesystem::path& file) {
    const auto opened = open_picture(file);
    if (!opened) {
        return tl::unexpected(opened.error());
    }
    const auto bytes = read_bytes(*opened, opened->file_bytes, file);
    if (!bytes) {
        return tl::unexpected(bytes.error());
    }
    return decode_image(*bytes, to_valid_utf8(file.string()));
}

Result<RgbImage> decode_image(std::span<const std::uint8_t> bytes, std::string_view name) {
    const auto header = check_header(read_header(bytes, bytes.size()), name, bytes);
    if (!header) {
        return tl::unexpected(header.error());
    }
    if (header->format == "JPEG" && !jpeg_ends(bytes)) {
        return cut_off(name, header->format);
    }
    if (header->format == "JPEG" && !jpeg_tables_fit(bytes)) {
        return damaged(name, header->format, "a Huffman table has more than 256 codes");
    }
    const StbPixels decoded = stb_decode(bytes, header->has_alpha ? 4 : 3);
    if (!decoded.pixels) {
        return damaged(name, header->format, decoded.problem);
    }
    if (header->has_alpha) {
        return turn_upright(on_white(decoded), header->orientation);
    }
    const std::uint8_t* const first = decoded.pixels.get();
    return turn_upright({decoded.size, {first, first + decoded.size.pixels() * 3}}, header->orientation);
}

}  // namespace landauer
