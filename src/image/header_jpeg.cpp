#include <algorithm>
#include <array>
#include <string_view>

#include "image/byte_order.h"
#include "image/header.h"

namespace landauer {
namespace {

constexpr std::array<std::uint8_t, 6> kExif{'E', 'x', 'i', 'f', 0, 0};

bool is_frame(std::uint8_t marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

std::string_view foreign_coding(std::uint8_t marker, std::uint8_t bits) {
    if (marker == 0xC3 || marker == 0xC7 || marker == 0xCB || marker == 0xCF) {
        return "lossless JPEG";
    }
    if (marker > 0xC8) {
        return "JPEG with arithmetic coding";
    }
    if (marker > 0xC3) {
        return "hierarchical JPEG";
    }
    return bits == 8 ? "" : "JPEG of 12 bits a channel";
}

// Precision, height, width, number of components.
void read_frame(std::uint8_t marker, Bytes frame, PictureHeader& header) {
    if (frame.size() < 6) {
        header.state = PictureHeader::State::Damaged;
        header.problem = "its frame header is too short";
        return;
    }
    header.stored = {static_cast<std::int32_t>(big16(frame, 3).value_or(0)),
                     static_cast<std::int32_t>(big16(frame, 1).value_or(0))};
    if (frame[5] == 4) {
        header.notes.emplace_back("CMYK is turned into RGB without its colour profile");
    }
    header.problem = foreign_coding(marker, frame[0]);
    header.state = header.problem.empty() ? PictureHeader::State::Whole : PictureHeader::State::Foreign;
}

// segment: one or more tables, each of a class, 16 counts and as many codes as these say.
bool tables_fit(Bytes segment) {
    constexpr std::size_t kCounts = 16;
    while (segment.size() > kCounts) {
        std::size_t codes = 0;
        for (const std::uint8_t count : segment.subspan(1, kCounts)) {
            codes += count;
        }
        if (codes > 256) {
            return false;
        }
        segment = segment.subspan(std::min(segment.size(), 1 + kCounts + codes));
    }
    return true;
}

}  // namespace

PictureHeader read_jpeg_header(Bytes bytes) {
    PictureHeader header;
    if (bytes.size() < 3 || bytes[0] != 0xFF || bytes[1] != 0xD8 || bytes[2] != 0xFF) {
        return header;
    }
    header.format = "JPEG";
    header.state = PictureHeader::State::CutOff;
    std::size_t at = 2;
    while (at + 4 <= bytes.size()) {
        if (bytes[at] != 0xFF) {
            header.state = PictureHeader::State::Damaged;
            header.problem = "a marker is missing between its segments";
            return header;
        }
        const std::uint8_t marker = bytes[at + 1];
        if (marker == 0xFF) {  // fill before a marker
            ++at;
            continue;
        }
        const std::size_t length = big16(bytes, at + 2).value_or(0);
        if (marker == 0xDA || marker == 0xD9 || length < 2) {
            header.state = PictureHeader::State::Damaged;
            header.problem = "it has no frame header";
            return header;
        }
        if (bytes.size() - at - 2 < length) {
            return header;
        }
        const Bytes segment = bytes.subspan(at + 4, length - 2);
        if (marker == 0xE1 && segment.size() >= kExif.size() &&
            std::equal(kExif.begin(), kExif.end(), segment.begin())) {
            header.orientation = exif_orientation(segment.subspan(kExif.size()));
        }
        if (is_frame(marker)) {
            read_frame(marker, segment, header);
            return header;
        }
        at += 2 + length;
    }
    return header;
}

bool jpeg_tables_fit(Bytes bytes) {
    bool in_scans = false;  // where lengths no longer lead from segment to segment
    for (std::size_t at = 2; at + 4 <= bytes.size();) {
        const std::uint8_t marker = bytes[at + 1];
        const bool is_marker = bytes[at] == 0xFF && marker != 0xFF && marker != 0;
        const std::size_t length = big16(bytes, at + 2).value_or(0);
        if (is_marker && marker == 0xC4 && length >= 2) {
            const Bytes rest = bytes.subspan(at + 4);
            if (!tables_fit(rest.first(std::min(rest.size(), length - 2)))) {
                return false;
            }
        }
        in_scans = in_scans || !is_marker || marker == 0xDA;
        at += in_scans ? 1 : 2 + length;
    }
    return true;
}

}  // namespace landauer
