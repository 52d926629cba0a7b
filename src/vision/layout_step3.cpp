// Step3-VL: an overview, and windows over an image that is only made smaller.
#include <algorithm>
#include <cmath>

#include "vision/layout.h"

namespace landauer {
namespace {

constexpr std::int32_t kThin = 32;  // pixels; thinner ones of a wide aspect are padded to squares
constexpr float kSmallAspect = 1.5F;
constexpr float kWideAspect = 4.0F;
constexpr float kRoundUpFrom = 0.2F;

float aspect_of(ImageSize size) { return static_cast<float>(size.width) / static_cast<float>(size.height); }

ImageSize prepared(const VisionModel& vision, ImageSize image) {
    const float aspect = aspect_of(image);
    const bool is_extreme = aspect > kWideAspect || aspect < 1.0F / kWideAspect;
    if (std::min(image.width, image.height) < kThin && is_extreme) {
        const std::int32_t side = std::max(image.width, image.height);
        image = {side, side};
    }
    const std::int32_t longer = std::max(image.width, image.height);
    if (longer <= vision.longest_edge) return image;
    const float scale = static_cast<float>(vision.longest_edge) / static_cast<float>(longer);
    const auto scaled = [scale](std::int32_t side) {
        return std::max(1, static_cast<std::int32_t>(std::floor(static_cast<float>(side) * scale)));
    };
    return {scaled(image.width), scaled(image.height)};
}

// Side of the windows; 0: none.
std::int32_t window_of(const VisionModel& vision, ImageSize image) {
    const std::int32_t longer = std::max(image.width, image.height);
    const std::int32_t shorter = std::min(image.width, image.height);
    const float aspect = static_cast<float>(longer) / static_cast<float>(shorter);
    if (longer <= vision.image_size) return aspect > kSmallAspect ? shorter : 0;
    return aspect > kWideAspect ? std::min(shorter, vision.tile_size) : vision.tile_size;
}

std::int32_t n_windows(std::int32_t side, std::int32_t window) {
    const float ratio = static_cast<float>(side) / static_cast<float>(window);
    std::int32_t extent = side;
    if (ratio >= 1.0F) {
        const float whole = std::floor(ratio);
        extent = window * (static_cast<std::int32_t>(whole) + (ratio - whole > kRoundUpFrom ? 1 : 0));
    }
    if (extent <= window) return 1;
    return static_cast<std::int32_t>(
        std::ceil(static_cast<float>(extent - window) / static_cast<float>(window) + 1.0F));
}

}  // namespace

Layout step3_layout(const VisionModel& vision, const PixelLimits& /*limits*/, ImageSize image) {
    Layout layout;
    layout.whole = {vision.image_size, vision.image_size};
    layout.is_overview = true;
    const ImageSize ready = prepared(vision, image);
    const std::int32_t window = window_of(vision, ready);
    if (window <= 0) return layout;
    layout.slice = {vision.tile_size, vision.tile_size};
    layout.columns = n_windows(ready.width, window);
    layout.rows = n_windows(ready.height, window);
    return layout;
}

}  // namespace landauer
