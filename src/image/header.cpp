#include "image/header.h"

#include "image/byte_order.h"
#include "image/known_formats.h"
#include "image/stb.h"

namespace landauer {
namespace {

// Formats that are rare enough to be left to stb_image altogether.
PictureHeader read_rare_header(Bytes bytes) {
    PictureHeader header;
    const auto magic = big32(bytes, 0).value_or(0);
    const bool is_hdr = magic == 0x233F5241U || magic == 0x233F5247U;  // "#?RADIANCE", "#?RGBE"
    const auto found = stb_header(bytes);
    if (!found) {
        if (is_hdr || magic == 0x38425053U) {
            header.state = PictureHeader::State::Damaged;
            header.format = is_hdr ? "Radiance HDR" : "PSD";
            header.problem = "its header is damaged or of a kind that is not read";
        }
        return header;
    }
    header.state = PictureHeader::State::Whole;
    header.format = is_hdr ? "Radiance HDR" : magic == 0x38425053U ? "PSD" : magic == 0x5380F634U ? "PIC" : "TGA";
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
    return foreign_format(bytes).what.empty() ? read_rare_header(bytes) : PictureHeader{};
}

}  // namespace landauer
