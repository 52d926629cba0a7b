#include "image/header.h"

#include <algorithm>

#include "image/byte_order.h"
#include "image/known_formats.h"
#include "image/stb.h"

namespace landauer {
namespace {

constexpr std::uint32_t kPsd = 0x38425053U;
constexpr std::uint32_t kPic = 0x5380F634U;

// TGA has no mark of its own, so each field must make sense.
PictureHeader read_tga_header(Bytes bytes, std::uint64_t file_bytes) {
    constexpr std::uint64_t kHeader = 18;
    PictureHeader header;
    if (bytes.size() < kHeader || bytes[1] > 1) {
        return header;
    }
    const unsigned type = bytes[2] & 7U;  // 1: palette, 2: colours, 3: grey
    const bool has_runs = bytes[2] >= 9;
    const unsigned bits = bytes[16];
    const bool is_known = (bytes[2] & ~11U) == 0 && type >= 1 && type <= 3 && (type == 1) == (bytes[1] == 1);
    if (!is_known || (bits != 8 && bits != 15 && bits != 16 && bits != 24 && bits != 32)) {
        return header;
    }
    header.format = "TGA";
    header.stored = {static_cast<std::int32_t>(little16(bytes, 12).value_or(0)),
                     static_cast<std::int32_t>(little16(bytes, 14).value_or(0))};
    header.has_alpha = bits == 32 || (type == 3 && bits == 16) || (type == 1 && bytes[7] == 32);
    const std::uint64_t pixel_bytes = (bits + 7U) / 8U;
    const auto pixels = static_cast<std::uint64_t>(header.stored.pixels());
    // A run holds 128 pixels at most.
    const std::uint64_t least = has_runs ? (pixels + 127) / 128 * (1 + pixel_bytes) : pixels * pixel_bytes;
    header.state = file_bytes < kHeader + bytes[0] + least ? PictureHeader::State::CutOff : PictureHeader::State::Whole;
    return header;
}

// Formats that are rare enough to be left to stb_image.
PictureHeader read_rare_header(Bytes bytes) {
    PictureHeader header;
    const auto magic = big32(bytes, 0).value_or(0);
    const bool is_hdr = magic == 0x233F5241U || magic == 0x233F5247U;  // "#?RADIANCE", "#?RGBE"
    if (!is_hdr && magic != kPsd && magic != kPic) {
        return header;
    }
    header.format = is_hdr ? "Radiance HDR" : magic == kPsd ? "PSD" : "PIC";
    const auto found = stb_header(bytes);
    if (!found) {
        header.state = PictureHeader::State::Damaged;
        header.problem = "its header is damaged or of a kind that is not read";
        return header;
    }
    header.state = PictureHeader::State::Whole;
    header.stored = {std::max(found->size.width, 0), std::max(found->size.height, 0)};  // PSD's are cut to 32 bits
    header.has_alpha = found->channels == 2 || found->channels == 4;
    if (found->is_16_bit) {
        header.notes.emplace_back(kSixteenBits);
    }
    if (is_hdr) {
        header.notes.emplace_back("values above white are cut");
    }
    return header;
}

}  // namespace

PictureHeader read_header(Bytes bytes, std::uint64_t file_bytes) {
    for (const PictureHeader& header :
         {read_png_header(bytes), read_jpeg_header(bytes), read_gif_header(bytes), read_bmp_header(bytes, file_bytes),
          read_pnm_header(bytes, file_bytes), read_rare_header(bytes)}) {
        if (header.state != PictureHeader::State::Unknown) {
            return header;
        }
    }
    return foreign_format(bytes).what.empty() ? read_tga_header(bytes, file_bytes) : PictureHeader{};
}

}  // namespace landauer
