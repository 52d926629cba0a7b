// Where a clamp first binds, told from the arithmetic alone.
#include <algorithm>
#include <cmath>
#include <limits>

#include "vision/families.h"

namespace landauer {
namespace {

constexpr std::int64_t kMostPx = 1LL << 28;  // of an image, nominal
constexpr double kPlateau = 2.0;             // times the knee's side, how far the plateau is looked over

// Sizes of one aspect, by their longer side.
ImageSize size_of(std::int32_t longer, double aspect) {
    const double shorter = aspect >= 1.0 ? longer / aspect : longer * aspect;
    const auto other = static_cast<std::int32_t>(std::max<std::int64_t>(1, std::llround(shorter)));
    return aspect >= 1.0 ? ImageSize{longer, other} : ImageSize{other, longer};
}

// Whether the largest size that the limits allow changes what becomes of the image.
bool binds(const Family& family, const VisionModel& vision, const PixelLimits& limits, ImageSize size) {
    const PixelLimits free{limits.min_px, std::numeric_limits<std::int64_t>::max()};
    return layout_of(family, vision, limits, size) != layout_of(family, vision, free, size);
}

std::int32_t longest_side(double aspect) {
    std::int32_t low = 1;
    std::int32_t high = 1 << 28;
    while (low < high) {
        const std::int32_t middle = low + (high - low + 1) / 2;
        (size_of(middle, aspect).pixels() <= kMostPx ? low : high) =
            size_of(middle, aspect).pixels() <= kMostPx ? middle : middle - 1;
    }
    return low;
}

}  // namespace

std::optional<Knee> predict_knee(const VisionModel& vision, const ImageLimits& limits,
                                 double aspect_width_over_height) {
    const Family* const family = family_of(vision);
    const PixelLimits px = pixel_limits(vision, limits);
    const double aspect = aspect_width_over_height;
    const bool has_clamp = family != nullptr && vision.preprocessing == Preprocessing::dynamic && px.max_px > 0;
    // Scaled to one edge first, an image's own size does not matter.
    if (!has_clamp || vision.longest_edge > 0 || !(aspect > 0.0) || !std::isfinite(aspect)) return std::nullopt;
    std::int32_t low = 1;
    std::int32_t high = longest_side(aspect);
    const std::int32_t last = high;
    if (!binds(*family, vision, px, size_of(high, aspect))) return std::nullopt;
    while (low < high) {
        const std::int32_t middle = low + (high - low) / 2;
        if (binds(*family, vision, px, size_of(middle, aspect))) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Knee knee{};
    knee.size = size_of(low, aspect);
    knee.pixels = static_cast<double>(knee.size.pixels());
    const auto end = static_cast<std::int32_t>(std::min<double>(last, kPlateau * low));
    for (std::int32_t longer = low; longer <= end; ++longer) {
        const auto cost = predict_image(vision, limits, size_of(longer, aspect));
        knee.n_tokens = std::max(knee.n_tokens, cost ? cost->n_tokens : 0);
    }
    return knee;
}

}  // namespace landauer
