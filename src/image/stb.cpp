#include "image/stb.h"

// Static: libmtmd carries a copy of its own, and two with the same names would be one at random.
#define STB_IMAGE_STATIC
#define STB_IMAGE_RESIZE_STATIC
#define STB_IMAGE_WRITE_STATIC
#ifndef __clang_analyzer__  // whose findings within stb are not ours to mend
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_RESIZE_IMPLEMENTATION
#define STB_IMAGE_WRITE_IMPLEMENTATION
#endif
#define STBI_NO_STDIO
#define STBI_FAILURE_USERMSG
#include "stb_image.h"
#include "stb_image_resize.h"
#define STBI_WRITE_NO_STDIO
#include "stb_image_write.h"

namespace landauer {
namespace {

void append(void* into, void* data, int size) {
    const auto* const bytes = static_cast<const std::uint8_t*>(data);
    auto& file = *static_cast<std::vector<std::uint8_t>*>(into);
    file.insert(file.end(), bytes, bytes + size);
}

}  // namespace

void FreeStbPixels::operator()(std::uint8_t* pixels) const { stbi_image_free(pixels); }

StbPixels stb_decode(std::span<const std::uint8_t> file, int channels) {
    StbPixels decoded;
    int channels_in_file = 0;
    decoded.pixels.reset(stbi_load_from_memory(file.data(), static_cast<int>(file.size()), &decoded.size.width,
                                               &decoded.size.height, &channels_in_file, channels));
    if (!decoded.pixels) {
        decoded.problem = stbi_failure_reason();
    }
    return decoded;
}

std::optional<StbHeader> stb_header(std::span<const std::uint8_t> file) {
    StbHeader header;
    const int bytes = static_cast<int>(file.size());
    if (stbi_info_from_memory(file.data(), bytes, &header.size.width, &header.size.height, &header.channels) == 0) {
        return std::nullopt;
    }
    header.is_16_bit = stbi_is_16_bit_from_memory(file.data(), bytes) != 0;
    return header;
}

std::vector<std::uint8_t> stb_resize(const RgbImage& image, ImageSize size) {
    // Mitchell does not ring where detail is lost; Catmull-Rom keeps edges crisp where none is.
    const bool grows = size.width >= image.size.width && size.height >= image.size.height;
    const stbir_filter filter = grows ? STBIR_FILTER_CATMULLROM : STBIR_FILTER_MITCHELL;
    std::vector<std::uint8_t> resized(static_cast<std::size_t>(size.pixels()) * 3);
    const int done = stbir_resize_uint8_generic(image.rgb.data(), image.size.width, image.size.height, 0,
                                                resized.data(), size.width, size.height, 0, 3, STBIR_ALPHA_CHANNEL_NONE,
                                                0, STBIR_EDGE_CLAMP, filter, STBIR_COLORSPACE_SRGB, nullptr);
    if (done == 0) {
        resized.clear();
    }
    return resized;
}

std::vector<std::uint8_t> stb_encode_png(const RgbImage& image) {
    std::vector<std::uint8_t> file;
    stbi_write_png_to_func(append, &file, image.size.width, image.size.height, 3, image.rgb.data(), 0);
    return file;
}

std::vector<std::uint8_t> stb_encode_jpeg(const RgbImage& image, int quality) {
    std::vector<std::uint8_t> file;
    stbi_write_jpg_to_func(append, &file, image.size.width, image.size.height, 3, image.rgb.data(), quality);
    return file;
}

}  // namespace landauer
