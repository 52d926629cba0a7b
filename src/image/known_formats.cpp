#include "image/known_formats.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace landauer {
namespace {

constexpr std::string_view kConvert = "Convert it to PNG first, for example with `magick IN out.png`.";
constexpr std::string_view kHeif = "Convert it to PNG first, for example with `heif-convert IN out.png`.";
constexpr std::string_view kRender = "Render the page you mean to PNG, for example with `pdftoppm -png -r 150 IN out`.";
constexpr std::string_view kFrame = "Save one frame as PNG, for example with `ffmpeg -i IN -frames:v 1 out.png`.";
constexpr std::string_view kUnpack = "Unpack it and give the picture inside.";
constexpr std::string_view kNotPicture = "Give a PNG or JPEG file.";

struct Beginning {
    std::size_t at;
    std::string_view bytes;
    ForeignFormat format;
};

// The first that fits counts.
constexpr std::array kBeginnings{
    Beginning{8, "WEBP", {"a WebP picture", kConvert}},
    Beginning{8, "AVI ", {"an AVI video", kFrame}},
    Beginning{8, "WAVE", {"a WAV recording", kNotPicture}},
    Beginning{4, "ftypavif", {"an AVIF picture", kHeif}},
    Beginning{4, "ftypavis", {"an AVIF animation", kHeif}},
    Beginning{4, "ftyphe", {"a HEIC picture", kHeif}},
    Beginning{4, "ftypmif1", {"a HEIF picture", kHeif}},
    Beginning{4, "ftypmsf1", {"a HEIF animation", kHeif}},
    Beginning{4, "ftypcrx", {"a camera raw file", kConvert}},
    Beginning{4, "ftyp", {"a video", kFrame}},
    Beginning{0, {"\x1A\x45\xDF\xA3", 4}, {"a Matroska or WebM video", kFrame}},
    Beginning{0, {"II*\0", 4}, {"a TIFF picture or a camera raw file", kConvert}},
    Beginning{0, {"MM\0*", 4}, {"a TIFF picture or a camera raw file", kConvert}},
    Beginning{0, {"II+\0", 4}, {"a BigTIFF picture", kConvert}},
    Beginning{0, {"MM\0+", 4}, {"a BigTIFF picture", kConvert}},
    Beginning{0, {"\0\0\0\x0CjP  ", 8}, {"a JPEG 2000 picture", kConvert}},
    Beginning{0, {"\xFF\x4F\xFF\x51", 4}, {"a JPEG 2000 picture", kConvert}},
    Beginning{0, {"\0\0\0\x0CJXL ", 8}, {"a JPEG XL picture", kConvert}},
    Beginning{0, "\xFF\x0A", {"a JPEG XL picture", kConvert}},
    Beginning{0, {"\0\0\1\0", 4}, {"a Windows icon", kConvert}},
    Beginning{0, {"v/1\1", 4}, {"an OpenEXR picture", kConvert}},
    Beginning{0, "qoif", {"a QOI picture", kConvert}},
    Beginning{0, "DDS ", {"a DDS texture", kConvert}},
    Beginning{0, "gimp xcf", {"a GIMP picture", "Export it from GIMP as PNG."}},
    Beginning{0, "%PDF", {"a PDF document", kRender}},
    Beginning{0, "%!PS", {"a PostScript document", kRender}},
    Beginning{0, "PK\3\4", {"a ZIP archive", kUnpack}},
    Beginning{0, "\x1F\x8B", {"a gzip archive", kUnpack}},
    Beginning{0, "GGUF", {"a GGUF model", "Give a picture to --image and the model to -m."}},
    Beginning{0, "P1", {"a PBM bitmap", kConvert}},
    Beginning{0, "P2", {"a PGM picture in text form", kConvert}},
    Beginning{0, "P3", {"a PPM picture in text form", kConvert}},
    Beginning{0, "P4", {"a PBM bitmap", kConvert}},
    Beginning{0, "P7", {"a PAM picture", kConvert}},
};

bool names_a_tag(std::string_view text, std::string_view tag) {
    const auto found = std::search(text.begin(), text.end(), tag.begin(), tag.end(),
                                   [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
    return found != text.end();
}

}  // namespace

ForeignFormat foreign_format(std::span<const std::uint8_t> head) {
    const std::string text(head.begin(),
                           head.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(head.size(), 512)));
    const std::string_view view(text);
    for (const Beginning& beginning : kBeginnings) {
        if (view.size() > beginning.at && view.substr(beginning.at).starts_with(beginning.bytes)) {
            return beginning.format;
        }
    }
    const auto first = view.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    if (first == std::string_view::npos || view[first] != '<') {
        return {};
    }
    if (names_a_tag(view, "<svg")) {
        return {"an SVG drawing", "Render it to PNG first, for example with `rsvg-convert IN -o out.png`."};
    }
    if (names_a_tag(view, "<html") || names_a_tag(view, "<!doctype html")) {
        return {"an HTML page", "Download the picture itself, not the page that shows it."};
    }
    return {};
}

}  // namespace landauer
