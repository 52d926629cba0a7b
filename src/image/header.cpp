#include "image/header.h"

#include "image/byte_order.h"
#include "image/known_formats.h"
#include "image/stb.h"

namespace landauer {
namespace {

constexpr std::uint32_t kPsd = 0x38425053U;
constexpr std::uint32_t kPic = 0x5380F634U;

// Runs of a run-length TGA hold 128 pixels at most.
std::uint64_t least_tga_bytes(Bytes bytes, ImageSize size) {
    constexpr std::uint64_t kHeader = 18;
    const std::uint64_t pixel_bytes = (bytes[16] + 7U) / 8U;
    const auto pixels = static_cast<std::uint64_t>(size.pixels());
    const bool has_runs = bytes[2] >= 8;
    return kHeader + bytes[0] + (has_runs ? (pixels + 127) / 128 * (1 + pixel_bytes) : pixels * pixel_bytes);
}

// Formats that are rare enough to be left to stb_image altogether.
PictureHeader read_rare_header(Bytes bytes, std::uint64_t file_bytes) {
    PictureHeader header;
    const auto magic = big32(bytes, 0).value_or(0);
    const bool is_hdr = magic == 0x233F5241U || magic == 0x233F5247U;  // "#?RADIANCE", "#?RGBE"
    const auto found = stb_header(bytes);
    if (!found) {
        if (is_hdr || magic == kPsd) {
            header.state = PictureHeader::State::Damaged;
            header.format = is_hdr ? "Radiance HDR" : "PSD";
            header.problem = "its header is damaged or of a kind that is not read";
        }
        return header;
    }
    header.state = PictureHeader::State::Whole;
    if (!is_hdr && magic != kPsd && magic != kPic && file_bytes < least_tga_bytes(bytes, found->size)) {
        header.state = PictureHeader::State::CutOff;
    }
    header.format = is_hdr ? "Radiance HDR" : magic == kPsd ? "PSD" : magic == kPic ? "PIC" : "TGA";
    header.stored = found->size;
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
    for (const PictureHeader& header : {read_png_header(bytes), read_jpeg_header(bytes), read_gif_header(bytes),
                                        read_bmp_header(bytes, file_bytes), read_pnm_header(bytes, file_bytes)}) {
        if (header.state != PictureHeader::State::Unknown) {
            return header;
        }
    }
    return foreign_format(bytes).what.empty() ? read_rare_header(bytes, file_bytes) : PictureHeader{};
}

}  // namespace landauer
