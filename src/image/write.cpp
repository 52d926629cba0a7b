#include <fmt/format.h>

#include <algorithm>

#include "image/image.h"
#include "image/stb.h"

namespace landauer {

Result<RgbImage> resize_image(const RgbImage& image, ImageSize size) {
    for (const ImageSize side : {image.size, size}) {
        if (side.width <= 0 || side.height <= 0) {
            return fail(ErrorKind::Invalid,
                        fmt::format("A picture of {} x {} pixels cannot be resized to {} x {}.", image.size.width,
                                    image.size.height, size.width, size.height),
                        "Ask for at least one pixel on each side.");
        }
    }
    if (image.size == size) {
        return image;
    }
    RgbImage resized{size, stb_resize(image, size)};
    if (resized.rgb.empty()) {
        return fail(ErrorKind::Failed,
                    fmt::format("There is no memory to resize a picture to {} x {}.", size.width, size.height),
                    "Ask for a smaller picture.");
    }
    return resized;
}

std::vector<std::uint8_t> encode_png(const RgbImage& image) { return stb_encode_png(image); }

std::vector<std::uint8_t> encode_jpeg(const RgbImage& image, int quality) {
    return stb_encode_jpeg(image, std::clamp(quality, 1, 100));
}

}  // namespace landauer
