// Into which pictures a preprocessor turns an image: libmtmd's arithmetic, operation for operation, because
// its float32 rounding decides where the counts step.
#pragma once

#include <cstdint>

#include "core/image.h"
#include "vision/vision.h"

namespace landauer {

// One picture (the whole image, or an overview of it) and a grid of equal slices.
struct Layout {
    ImageSize whole;
    bool is_overview = false;  // among slices, or where slices might have been
    ImageSize slice;
    std::int32_t columns = 0;
    std::int32_t rows = 0;
    [[nodiscard]] std::int32_t n_slices() const { return columns * rows; }
    friend bool operator==(const Layout&, const Layout&) = default;
};

// In pixels after resizing; at most 0: none.
struct PixelLimits {
    std::int64_t min_px = 0;
    std::int64_t max_px = 0;
};

using LayoutRule = Layout (*)(const VisionModel& vision, const PixelLimits& limits, ImageSize image);

// One size for all.
[[nodiscard]] Layout fixed_layout(const VisionModel& vision, const PixelLimits& limits, ImageSize image);
// Sides to the nearest multiple of patch and merge, then into the limits ("smart resize").
[[nodiscard]] Layout dynamic_layout(const VisionModel& vision, const PixelLimits& limits, ImageSize image);
// The same after scaling the longer side to `longest_edge`, small images too.
[[nodiscard]] Layout longest_edge_layout(const VisionModel& vision, const PixelLimits& limits, ImageSize image);
// GLM-5-V: sides up to the next multiple; too large: the largest height that fits.
[[nodiscard]] Layout ceil_layout(const VisionModel& vision, const PixelLimits& limits, ImageSize image);
// Youtu-VL: the scale goes down in steps of 0.02 until the patches fit.
[[nodiscard]] Layout stepped_layout(const VisionModel& vision, const PixelLimits& limits, ImageSize image);
// Muse Glimmer: the grid under the cap whose aspect is nearest.
[[nodiscard]] Layout nearest_grid_layout(const VisionModel& vision, const PixelLimits& limits, ImageSize image);

// LLaVA-UHD: an overview and, for images beyond a slice, a grid of slices: from `canvases` where there are
// any (LLaVA 1.6, InternVL, Llama 4), else of at most 9 (MiniCPM-V).
[[nodiscard]] Layout uhd_layout(const VisionModel& vision, const PixelLimits& limits, ImageSize image);
// MiniCPM-V 4.6: as above, but small images keep their aspect when the merge is 2.
[[nodiscard]] Layout minicpmv46_layout(const VisionModel& vision, const PixelLimits& limits, ImageSize image);
// Idefics3, SmolVLM: always scaled to the longest edge and cut.
[[nodiscard]] Layout idefics3_layout(const VisionModel& vision, const PixelLimits& limits, ImageSize image);
// LFM2-VL: dynamic up to twice the limit, tiles of 512 beyond.
[[nodiscard]] Layout lfm2_layout(const VisionModel& vision, const PixelLimits& limits, ImageSize image);
// DeepSeek-OCR 2: a global view and tiles whose grid is nearest in aspect.
[[nodiscard]] Layout deepseek_ocr2_layout(const VisionModel& vision, const PixelLimits& limits, ImageSize image);
// DeepSeek-OCR: the tiles of a row are one picture, stacked.
[[nodiscard]] Layout deepseek_ocr_layout(const VisionModel& vision, const PixelLimits& limits, ImageSize image);
// Step3-VL: an overview and windows of 504.
[[nodiscard]] Layout step3_layout(const VisionModel& vision, const PixelLimits& limits, ImageSize image);

// The rule most others build on. `longest_edge` of 0: the image's own size.
[[nodiscard]] ImageSize smart_resize(ImageSize image, std::int32_t align, const PixelLimits& limits,
                                     std::int32_t longest_edge);

}  // namespace landauer
