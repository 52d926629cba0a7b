// Preprocessors that cut the image into slices.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "vision/layout.h"

namespace landauer {
namespace {

constexpr std::int32_t kUhdMostSlices = 9;
constexpr double kLfm2Tolerance = 2.0;  // times the most pixels, before an image is tiled

std::int32_t nearest_multiple(std::int32_t side, std::int32_t unit) {
    const float rounded = std::round(static_cast<float>(side) / static_cast<float>(unit)) * static_cast<float>(unit);
    return std::max(static_cast<std::int32_t>(rounded), unit);
}

// The image's aspect on `slice` squared pixels; unchanged when it is smaller already and may not grow.
ImageSize on_one_slice(ImageSize image, std::int32_t slice, std::int32_t unit, bool may_grow) {
    if (may_grow || image.pixels() > std::int64_t{slice} * slice) {
        const float ratio = static_cast<float>(image.width) / static_cast<float>(image.height);
        image.height = static_cast<std::int32_t>(static_cast<float>(slice) / std::sqrt(ratio));
        image.width = static_cast<std::int32_t>(static_cast<float>(image.height) * ratio);
    }
    return {nearest_multiple(image.width, unit), nearest_multiple(image.height, unit)};
}

// Columns and rows of about `n` slices whose aspect is nearest to the image's, by logarithms.
ImageSize nearest_uhd_grid(std::int32_t n, float log_ratio) {
    ImageSize best{1, 1};
    float least = std::numeric_limits<float>::infinity();
    for (const std::int32_t count : {n - 1, n, n + 1}) {
        if (count == 1 || count > kUhdMostSlices) continue;
        for (std::int32_t columns = 1; columns <= count; ++columns) {
            if (count % columns != 0) continue;
            const std::int32_t rows = count / columns;
            const auto error = static_cast<float>(std::abs(log_ratio - std::log(1.0 * columns / rows)));
            if (error < least) {
                best = {columns, rows};
                least = error;
            }
        }
    }
    return best;
}

// The canvas that keeps most of the image, and of those the one that wastes least.
ImageSize best_canvas(ImageSize image, const std::vector<ImageSize>& canvases) {
    ImageSize best;
    std::int64_t most = 0;
    std::int64_t least_waste = std::numeric_limits<std::int32_t>::max();
    for (const ImageSize& canvas : canvases) {
        const float scale = std::min(static_cast<float>(canvas.width) / static_cast<float>(image.width),
                                     static_cast<float>(canvas.height) / static_cast<float>(image.height));
        const ImageSize fitted{static_cast<std::int32_t>(static_cast<float>(image.width) * scale),
                               static_cast<std::int32_t>(static_cast<float>(image.height) * scale)};
        const std::int64_t kept = std::min(fitted.pixels(), image.pixels());
        const std::int64_t waste = canvas.pixels() - kept;
        if (kept > most || (kept == most && waste < least_waste)) {
            most = kept;
            least_waste = waste;
            best = canvas;
        }
    }
    return best;
}

// Grids (columns x rows) of `least` to `most` tiles, by their number of tiles; libmtmd's own order among
// those of one number decides ties.
std::vector<ImageSize> grids_of(std::int32_t least, std::int32_t most) {
    std::vector<ImageSize> grids;
    for (std::int32_t n = least; n <= most; ++n) {
        for (std::int32_t columns = 1; columns <= n; ++columns) {
            for (std::int32_t rows = 1; rows <= n; ++rows) {
                const ImageSize grid{columns, rows};
                if (grid.pixels() < least || grid.pixels() > most) continue;
                if (std::find(grids.begin(), grids.end(), grid) == grids.end()) grids.push_back(grid);
            }
        }
    }
    std::sort(grids.begin(), grids.end(),
              [](const ImageSize& a, const ImageSize& b) { return a.pixels() < b.pixels(); });
    return grids;
}

ImageSize nearest_aspect_grid(ImageSize image, const VisionModel& vision) {
    const std::int64_t tile = vision.tile_size;
    const float aspect = static_cast<float>(image.width) / static_cast<float>(image.height);
    const auto area = static_cast<float>(image.pixels());
    float least = std::numeric_limits<float>::max();
    ImageSize best{1, 1};
    for (const ImageSize& grid : grids_of(vision.min_slices, vision.max_slices)) {
        const float distance = std::abs(aspect - static_cast<float>(grid.width) / static_cast<float>(grid.height));
        const auto tiled = static_cast<float>(tile * tile * grid.pixels());
        if (distance < least || (distance == least && area > 0.5F * tiled)) best = grid;
        least = std::min(least, distance);
    }
    return best;
}

Layout overview_only(ImageSize size) {
    Layout layout;
    layout.whole = size;
    layout.is_overview = true;
    return layout;
}

}  // namespace

Layout uhd_layout(const VisionModel& vision, const PixelLimits& /*limits*/, ImageSize image) {
    const std::int32_t slice = vision.image_size;
    Layout layout = overview_only({slice, slice});
    if (image.width <= slice && image.height <= slice) return layout;
    if (!vision.canvases.empty()) {
        const ImageSize canvas = best_canvas(image, vision.canvases);
        layout.slice = {slice, slice};
        layout.columns = canvas.width / slice;
        layout.rows = canvas.height / slice;
        return layout;
    }
    const std::int32_t unit = vision.patch_size * vision.merge;
    layout.whole = on_one_slice(image, slice, unit, false);
    const auto ratio = static_cast<float>(image.width) / static_cast<float>(image.height);
    const auto log_ratio = static_cast<float>(std::log(static_cast<double>(ratio)));
    const float slices = static_cast<float>(image.width) * static_cast<float>(image.height) /
                         static_cast<float>(std::int64_t{slice} * slice);
    const auto n = static_cast<std::int32_t>(std::min(std::ceil(slices), static_cast<float>(kUhdMostSlices)));
    const ImageSize grid = nearest_uhd_grid(n, log_ratio);
    const ImageSize part{nearest_multiple(image.width, grid.width) / grid.width,
                         nearest_multiple(image.height, grid.height) / grid.height};
    layout.slice = on_one_slice(part, slice, unit, true);
    layout.columns = grid.width;
    layout.rows = grid.height;
    return layout;
}

Layout minicpmv46_layout(const VisionModel& vision, const PixelLimits& limits, ImageSize image) {
    const std::int32_t slice = vision.image_size;
    const float ratio = static_cast<float>(image.width) * static_cast<float>(image.height) /
                        static_cast<float>(std::int64_t{slice} * slice);
    if (vision.merge == 2 && ratio <= 1.0F) {
        return overview_only(on_one_slice(image, slice, vision.patch_size * vision.merge, true));
    }
    return uhd_layout(vision, limits, image);
}

Layout idefics3_layout(const VisionModel& vision, const PixelLimits& limits, ImageSize image) {
    const std::int32_t tile = vision.image_size;
    Layout layout = overview_only({tile, tile});
    layout.slice = {tile, tile};
    const bool is_clamped = limits.min_px > 0 || limits.max_px > 0;
    if (vision.longest_edge <= 0 || is_clamped) {
        const ImageSize refined = smart_resize(image, tile, limits, vision.longest_edge);
        layout.columns = refined.width / tile;
        layout.rows = refined.height / tile;
        return layout;
    }
    const double aspect = static_cast<double>(image.width) / image.height;
    const std::int32_t edge = vision.longest_edge;
    const auto even = [](double side) {
        const auto whole = static_cast<std::int32_t>(side);
        return whole + whole % 2;
    };
    const bool is_wide = image.width >= image.height;
    const ImageSize resized{is_wide ? edge : even(edge * aspect), is_wide ? even(edge / aspect) : edge};
    layout.columns = (resized.width + tile - 1) / tile;
    layout.rows = (resized.height + tile - 1) / tile;
    return layout;
}

Layout lfm2_layout(const VisionModel& vision, const PixelLimits& limits, ImageSize image) {
    const std::int32_t unit = vision.patch_size * vision.merge;
    Layout layout;
    layout.whole = smart_resize(image, unit, limits, 0);
    const auto side = [&vision, unit](std::int32_t length) {
        const double steps = std::nearbyint(static_cast<double>(static_cast<float>(length)) / unit);
        return std::max(vision.patch_size, static_cast<std::int32_t>(steps) * unit);
    };
    const double area = static_cast<double>(side(image.height)) * static_cast<double>(side(image.width));
    if (area <= static_cast<double>(limits.max_px) * kLfm2Tolerance) return layout;
    const ImageSize grid = nearest_aspect_grid(image, vision);
    layout.is_overview = true;
    layout.slice = {vision.tile_size, vision.tile_size};
    layout.columns = grid.width;
    layout.rows = grid.height;
    return layout;
}

Layout deepseek_ocr2_layout(const VisionModel& vision, const PixelLimits& /*limits*/, ImageSize image) {
    const std::int32_t tile = vision.tile_size;
    Layout layout = overview_only({vision.image_size, vision.image_size});
    if (image.width <= tile && image.height <= tile) return layout;
    const ImageSize grid = nearest_aspect_grid(image, vision);
    layout.slice = {tile, tile};
    layout.columns = grid.width;
    layout.rows = grid.height;
    return layout;
}

Layout deepseek_ocr_layout(const VisionModel& vision, const PixelLimits& limits, ImageSize image) {
    Layout layout = deepseek_ocr2_layout(vision, limits, image);
    if (layout.n_slices() > 0) {
        layout.slice.height *= layout.columns;
        layout.columns = 1;
    }
    return layout;
}

}  // namespace landauer
