#include <algorithm>
#include <limits>

#include "image/byte_order.h"
#include "image/header.h"

namespace landauer {
namespace {

bool begins_with(Bytes bytes, std::string_view text) {
    return bytes.size() >= text.size() &&
           std::equal(text.begin(), text.end(), bytes.begin(),
                      [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

std::size_t colour_table_bytes(std::uint8_t flags) { return (flags & 0x80U) != 0 ? std::size_t{6} << (flags & 7U) : 0; }

// The place behind a chain of sub-blocks; beyond the end where it is cut off.
std::size_t behind_sub_blocks(Bytes bytes, std::size_t at) {
    while (at < bytes.size() && bytes[at] != 0) {
        at += 1U + bytes[at];
    }
    return at + 1;
}

// One plain number of a PNM header, behind blanks and comments; 0 where there is none or it is too large.
std::int64_t next_number(Bytes bytes, std::size_t& at) {
    const auto is_blank = [](std::uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
    while (at < bytes.size() && (is_blank(bytes[at]) || bytes[at] == '#')) {
        if (bytes[at] == '#') {
            while (at < bytes.size() && bytes[at] != '\n' && bytes[at] != '\r') {
                ++at;
            }
        } else {
            ++at;
        }
    }
    std::int64_t value = 0;
    for (; at < bytes.size() && bytes[at] >= '0' && bytes[at] <= '9'; ++at) {
        value = std::min<std::int64_t>(value * 10 + (bytes[at] - '0'), std::numeric_limits<std::int32_t>::max());
    }
    return value;
}

}  // namespace

PictureHeader read_gif_header(Bytes bytes) {
    PictureHeader header;
    if (!begins_with(bytes, "GIF87a") && !begins_with(bytes, "GIF89a")) {
        return header;
    }
    header.format = "GIF";
    header.state = PictureHeader::State::CutOff;
    header.has_alpha = true;  // what no frame covers is transparent
    if (bytes.size() < 13) {
        return header;
    }
    header.stored = {static_cast<std::int32_t>(little16(bytes, 6).value_or(0)),
                     static_cast<std::int32_t>(little16(bytes, 8).value_or(0))};
    std::size_t at = 13 + colour_table_bytes(bytes[10]);
    int frames = 0;
    while (at < bytes.size()) {
        const std::uint8_t block = bytes[at];
        if (block == 0x3B || (block == 0x2C && frames == 1)) {
            header.state = frames == 0 ? PictureHeader::State::Damaged : PictureHeader::State::Whole;
            header.problem = frames == 0 ? "it holds no frame" : "";
            if (block == 0x2C) {
                header.notes.emplace_back(kFirstFrame);
            }
            return header;
        }
        if (block == 0x2C) {
            ++frames;
            const std::size_t flags = at + 9;
            at = flags < bytes.size() ? behind_sub_blocks(bytes, flags + 2 + colour_table_bytes(bytes[flags]))
                                      : bytes.size();
        } else if (block == 0x21) {
            at = behind_sub_blocks(bytes, at + 2);
        } else {
            header.state = PictureHeader::State::Damaged;
            header.problem = "a block of an unknown kind follows its header";
            return header;
        }
    }
    return header;
}

PictureHeader read_bmp_header(Bytes bytes, std::uint64_t file_bytes) {
    PictureHeader header;
    if (!begins_with(bytes, "BM")) {
        return header;
    }
    header.format = "BMP";
    header.state = PictureHeader::State::CutOff;
    const auto header_bytes = little32(bytes, 14);
    if (bytes.size() < 26 || !header_bytes) {
        return header;
    }
    std::uint64_t bits = 0;
    if (*header_bytes == 12) {
        header.stored = {static_cast<std::int32_t>(little16(bytes, 18).value_or(0)),
                         static_cast<std::int32_t>(little16(bytes, 20).value_or(0))};
        bits = little16(bytes, 24).value_or(0);
    } else {
        const auto height = static_cast<std::int32_t>(little32(bytes, 22).value_or(0));  // below 0: from the top
        header.stored = {std::max(static_cast<std::int32_t>(little32(bytes, 18).value_or(0)), 0),
                         height == std::numeric_limits<std::int32_t>::min() ? 0 : std::max(height, -height)};
        bits = little16(bytes, 28).value_or(0);
        if (const auto compression = little32(bytes, 30).value_or(0); compression != 0 && compression != 3) {
            header.state = PictureHeader::State::Foreign;
            header.problem = "BMP with compressed pixels";
            return header;
        }
    }
    header.has_alpha = bits == 32;
    header.state = PictureHeader::State::Whole;
    const auto wide = static_cast<std::uint64_t>(std::max(header.stored.width, 0));
    const std::uint64_t row_bytes = (wide * bits + 31) / 32 * 4;
    const auto high = static_cast<std::uint64_t>(header.stored.height);
    const std::uint64_t pixels_at = little32(bytes, 10).value_or(0);
    if (row_bytes != 0 && (file_bytes - std::min(file_bytes, pixels_at)) / row_bytes < high) {
        header.state = PictureHeader::State::CutOff;
    }
    return header;
}

PictureHeader read_pnm_header(Bytes bytes, std::uint64_t file_bytes) {
    PictureHeader header;
    if (!begins_with(bytes, "P5") && !begins_with(bytes, "P6")) {
        return header;
    }
    header.format = bytes[1] == '5' ? "PGM" : "PPM";
    std::size_t at = 2;
    const std::int64_t width = next_number(bytes, at);
    const std::int64_t height = next_number(bytes, at);
    const std::int64_t most = next_number(bytes, at);
    header.stored = {static_cast<std::int32_t>(width), static_cast<std::int32_t>(height)};
    if (at >= bytes.size()) {
        header.state = PictureHeader::State::CutOff;
        return header;
    }
    if (most < 1 || most > 65535) {
        header.state = PictureHeader::State::Damaged;
        header.problem = "its largest value is not one of 1 to 65535";
        return header;
    }
    if (most > 255) {
        header.notes.emplace_back(kSixteenBits);
    }
    const std::uint64_t pixel_bytes = std::uint64_t{bytes[1] == '5' ? 1U : 3U} * (most > 255 ? 2U : 1U);
    const std::uint64_t row_bytes = static_cast<std::uint64_t>(width) * pixel_bytes;
    const bool cut = row_bytes != 0 && (file_bytes - at) / row_bytes < static_cast<std::uint64_t>(height);
    header.state = cut ? PictureHeader::State::CutOff : PictureHeader::State::Whole;
    return header;
}

}  // namespace landauer
