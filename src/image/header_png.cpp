#include <algorithm>
#include <array>

#include "image/byte_order.h"
#include "image/header.h"

namespace landauer {
namespace {

constexpr std::array<std::uint8_t, 8> kSignature{0x89, 'P', 'N', 'G', 0x0D, 0x0A, 0x1A, 0x0A};
constexpr std::size_t kFirstChunk = kSignature.size();
constexpr std::size_t kFrame = 12;  // length, name and checksum round a chunk's data

constexpr std::uint32_t chunk_name(const char (&text)[5]) {
    std::uint32_t name = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        name = name << 8U | static_cast<std::uint8_t>(text[i]);
    }
    return name;
}

// IHDR: width, height, bits, colour type, ...
void read_first_chunk(Bytes bytes, PictureHeader& header) {
    header.stored = {static_cast<std::int32_t>(big32(bytes, kFirstChunk + 8).value_or(0) & 0x7FFFFFFFU),
                     static_cast<std::int32_t>(big32(bytes, kFirstChunk + 12).value_or(0) & 0x7FFFFFFFU)};
    if (bytes[kFirstChunk + 16] == 16) {
        header.notes.emplace_back(kSixteenBits);
    }
    header.has_alpha = (bytes[kFirstChunk + 17] & 4U) != 0;
}

}  // namespace

PictureHeader read_png_header(Bytes bytes) {
    PictureHeader header;
    if (!std::equal(kSignature.begin(), kSignature.end(), bytes.begin(),
                    bytes.begin() + static_cast<std::ptrdiff_t>(std::min(bytes.size(), kSignature.size())))) {
        return header;
    }
    header.format = "PNG";
    header.state = PictureHeader::State::CutOff;
    if (bytes.size() < kFirstChunk + 8 + 13) {
        return header;
    }
    if (big32(bytes, kFirstChunk) != 13U || big32(bytes, kFirstChunk + 4) != chunk_name("IHDR")) {
        header.state = PictureHeader::State::Damaged;
        header.problem = "its first chunk is not IHDR";
        return header;
    }
    read_first_chunk(bytes, header);
    std::size_t at = kFirstChunk;
    while (const auto name = big32(bytes, at + 4)) {
        const std::size_t length = big32(bytes, at).value_or(0);
        if (*name == chunk_name("IDAT") || *name == chunk_name("IEND")) {
            header.state = PictureHeader::State::Whole;
            return header;
        }
        const Bytes rest = bytes.subspan(at + 8);
        if (*name == chunk_name("eXIf") && length <= rest.size()) {
            header.orientation = exif_orientation(rest.first(length));
        }
        header.has_alpha = header.has_alpha || *name == chunk_name("tRNS");
        if (*name == chunk_name("acTL")) {
            header.notes.emplace_back(kFirstFrame);
        }
        at += kFrame + length;
    }
    return header;
}

}  // namespace landauer
