#include "vision/families.h"

namespace landauer {

const Family* find_family(std::string_view projector, std::int32_t version) {
    for (const auto families : {dynamic_families(), sliced_families(), fixed_families()}) {
        for (const Family& family : families) {
            if (family.projector == projector && (family.version == 0 || family.version == version)) return &family;
        }
    }
    return nullptr;
}

const Family* family_of(const VisionModel& vision) {
    return vision.preprocessing == Preprocessing::unknown ? nullptr : find_family(vision.projector, vision.version);
}

Layout layout_of(const Family& family, const VisionModel& vision, const PixelLimits& limits, ImageSize image) {
    const bool slices = family.may_slice && vision.preprocessing == Preprocessing::sliced;
    return slices ? uhd_layout(vision, limits, image) : family.layout(vision, limits, image);
}

PixelLimits pixel_limits(const VisionModel& vision, const ImageLimits& limits) {
    PixelLimits out{vision.min_px, vision.max_px};
    if (!vision.takes_limits) return out;
    const std::int64_t unit = std::int64_t{vision.patch_size} * vision.merge;
    if (limits.min_tokens > 0) out.min_px = limits.min_tokens * unit * unit;
    if (limits.max_tokens > 0) out.max_px = limits.max_tokens * unit * unit;
    return out;
}

}  // namespace landauer
