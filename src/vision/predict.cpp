#include "vision/families.h"

namespace landauer {
namespace {

std::int64_t patches_of(const VisionModel& vision, ImageSize encoded) {
    return std::int64_t{encoded.width / vision.patch_size} * (encoded.height / vision.patch_size);
}

std::int64_t marker_tokens(const Markers& markers, const Layout& layout) {
    std::int64_t n = markers.image;
    if (layout.is_overview) n += markers.overview;
    if (layout.n_slices() > 0) {
        n += markers.slices + std::int64_t{markers.slice} * layout.n_slices();
        n += std::int64_t{markers.row} * (layout.rows - 1);
    }
    return n;
}

}  // namespace

std::optional<ImageCost> predict_image(const VisionModel& vision, const ImageLimits& limits, ImageSize size) {
    const Family* const family = family_of(vision);
    if (family == nullptr) return std::nullopt;
    const Layout layout = layout_of(*family, vision, pixel_limits(vision, limits), size);
    ImageCost cost;
    cost.resized = layout.whole;
    cost.n_slices = 1 + layout.n_slices();
    cost.n_marker_tokens = marker_tokens(family->markers, layout);
    cost.n_tokens = family->tokens(vision, layout.whole, layout.is_overview);
    cost.n_patches = patches_of(vision, layout.whole);
    cost.effective_px = layout.whole.pixels();
    if (layout.n_slices() > 0) {
        cost.n_tokens += family->tokens(vision, layout.slice, false) * layout.n_slices();
        cost.n_patches += patches_of(vision, layout.slice) * layout.n_slices();
        cost.effective_px += layout.slice.pixels() * layout.n_slices();
    }
    return cost;
}

}  // namespace landauer
