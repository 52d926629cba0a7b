// Preprocessors that encode the image as one picture.
#include <algorithm>
#include <cmath>

#include "vision/layout.h"

namespace landauer {
namespace {

std::int32_t unit_of(const VisionModel& vision) { return vision.patch_size * vision.merge; }

std::int32_t whole_multiple(float steps, std::int32_t unit) { return static_cast<std::int32_t>(steps) * unit; }

Layout single(ImageSize size) {
    Layout layout;
    layout.whole = size;
    return layout;
}

}  // namespace

ImageSize smart_resize(ImageSize image, std::int32_t align, const PixelLimits& limits, std::int32_t longest_edge) {
    const auto unit = static_cast<float>(align);
    const auto width = static_cast<float>(image.width);
    const auto height = static_cast<float>(image.height);
    ImageSize out;
    if (longest_edge > 0) {
        const auto edge = static_cast<float>(longest_edge);
        const float scale = std::min(edge / width, edge / height);
        out.width = whole_multiple(std::ceil(width * scale / unit), align);
        out.height = whole_multiple(std::ceil(height * scale / unit), align);
    } else {
        out.width = std::max(align, whole_multiple(std::round(width / unit), align));
        out.height = std::max(align, whole_multiple(std::round(height / unit), align));
    }
    if (limits.max_px > 0 && out.pixels() > limits.max_px) {
        const float shrink = std::sqrt(height * width / static_cast<float>(limits.max_px));
        out.width = std::max(align, whole_multiple(std::floor(width / shrink / unit), align));
        out.height = std::max(align, whole_multiple(std::floor(height / shrink / unit), align));
    } else if (limits.min_px > 0 && out.pixels() < limits.min_px) {
        const float grow = std::sqrt(static_cast<float>(limits.min_px) / (height * width));
        out.width = whole_multiple(std::ceil(width * grow / unit), align);
        out.height = whole_multiple(std::ceil(height * grow / unit), align);
    }
    return out;
}

Layout fixed_layout(const VisionModel& vision, const PixelLimits& /*limits*/, ImageSize /*image*/) {
    return single({vision.image_size, vision.image_size});
}

Layout dynamic_layout(const VisionModel& vision, const PixelLimits& limits, ImageSize image) {
    return single(smart_resize(image, unit_of(vision), limits, 0));
}

Layout longest_edge_layout(const VisionModel& vision, const PixelLimits& limits, ImageSize image) {
    return single(smart_resize(image, unit_of(vision), limits, vision.longest_edge));
}

Layout ceil_layout(const VisionModel& vision, const PixelLimits& limits, ImageSize image) {
    const std::int64_t unit = unit_of(vision);
    const auto up = [unit](std::int64_t side) { return (side + unit - 1) / unit * unit; };
    const std::int64_t width = image.width;
    const std::int64_t height = image.height;
    std::int64_t out_h = up(height);
    std::int64_t out_w = up(width);
    if (out_h * out_w < limits.min_px) {
        const double grow = std::sqrt(static_cast<double>(limits.min_px) / static_cast<double>(height * width));
        out_h = up(static_cast<std::int64_t>(std::ceil(static_cast<double>(height) * grow)));
        out_w = up(static_cast<std::int64_t>(std::ceil(static_cast<double>(width) * grow)));
    }
    if (out_h * out_w > limits.max_px) {
        out_h = out_w = unit;
        for (std::int64_t low = 1, high = height; low <= high;) {
            const std::int64_t middle = (low + high) / 2;
            const std::int64_t try_h = up(middle);
            const std::int64_t try_w = up(std::max<std::int64_t>(1, width * middle / height));
            if (try_h * try_w <= limits.max_px) {
                out_h = try_h;
                out_w = try_w;
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
    }
    return single({static_cast<std::int32_t>(out_w), static_cast<std::int32_t>(out_h)});
}

Layout stepped_layout(const VisionModel& vision, const PixelLimits& limits, ImageSize image) {
    const std::int32_t unit = unit_of(vision);
    const std::int64_t most = limits.max_px / (std::int64_t{vision.patch_size} * vision.patch_size);
    const auto scaled = [unit](float scale, std::int32_t side) {
        const float steps = std::ceil(static_cast<float>(side) * scale / static_cast<float>(unit));
        return std::max(unit, whole_multiple(steps, unit));
    };
    ImageSize out = image;
    for (float scale = 1.0F; scale > 0.0F; scale -= 0.02F) {
        out = {scaled(scale, image.width), scaled(scale, image.height)};
        if (std::int64_t{out.width / vision.patch_size} * (out.height / vision.patch_size) <= most) break;
    }
    return single(out);
}

Layout nearest_grid_layout(const VisionModel& vision, const PixelLimits& limits, ImageSize image) {
    const std::int32_t unit = unit_of(vision);
    const std::int64_t most = limits.max_px / (std::int64_t{unit} * unit);
    double rows = static_cast<double>(image.height) / unit;
    double columns = static_cast<double>(image.width) / unit;
    const double ratio = rows > 0.0 ? columns / rows : 1.0;
    if (rows * columns > static_cast<double>(most)) {
        rows = std::sqrt(static_cast<double>(most) / ratio);
        columns = rows * ratio;
    }
    const double aspect = static_cast<double>(image.height) / static_cast<double>(image.width);
    std::int64_t best_rows = -1;
    std::int64_t best_columns = -1;
    double best = 0.0;
    for (const double y : {std::floor(rows), std::ceil(rows)}) {
        for (const double x : {std::floor(columns), std::ceil(columns)}) {
            if (y < 1.0 || x < 1.0 || y * x > static_cast<double>(most)) continue;
            const double distance = std::fabs(y / x - aspect);
            const bool larger = y * x > static_cast<double>(best_rows * best_columns);
            if (best_rows < 0 || distance < best || (distance == best && larger)) {
                best_rows = static_cast<std::int64_t>(y);
                best_columns = static_cast<std::int64_t>(x);
                best = distance;
            }
        }
    }
    if (best_rows < 0) {
        best_rows = std::max<std::int64_t>(1, std::lround(rows));
        best_columns = std::max<std::int64_t>(1, std::lround(columns));
    }
    return single({static_cast<std::int32_t>(best_columns * unit), static_cast<std::int32_t>(best_rows * unit)});
}

}  // namespace landauer
