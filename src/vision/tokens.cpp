#include "vision/tokens.h"

#include <cmath>

namespace landauer {
namespace {

constexpr std::int64_t kSamMerge = 4;  // patches a token along a side, after DeepSeek-OCR's two convolutions

std::int64_t patches(const VisionModel& vision, ImageSize encoded) {
    return std::int64_t{encoded.width / vision.patch_size} * (encoded.height / vision.patch_size);
}

std::int64_t up(std::int64_t n, std::int64_t unit) { return (n + unit - 1) / unit; }

}  // namespace

std::int64_t patch_tokens(const VisionModel& vision, ImageSize encoded, bool /*is_overview*/) {
    return patches(vision, encoded);
}

std::int64_t merged_tokens(const VisionModel& vision, ImageSize encoded, bool /*is_overview*/) {
    return patches(vision, encoded) / (std::int64_t{vision.merge} * vision.merge);
}

std::int64_t merged_up_tokens(const VisionModel& vision, ImageSize encoded, bool /*is_overview*/) {
    return up(patches(vision, encoded), std::int64_t{vision.merge} * vision.merge);
}

std::int64_t grid_tokens(const VisionModel& vision, ImageSize encoded, bool /*is_overview*/) {
    const std::int64_t unit = std::int64_t{vision.patch_size} * vision.merge;
    return encoded.width / unit * (encoded.height / unit);
}

std::int64_t grid_up_tokens(const VisionModel& vision, ImageSize encoded, bool /*is_overview*/) {
    const std::int64_t unit = std::int64_t{vision.patch_size} * vision.merge;
    return up(encoded.width, unit) * up(encoded.height, unit);
}

std::int64_t pair_tokens(const VisionModel& vision, ImageSize encoded, bool /*is_overview*/) {
    const std::int64_t unit = std::int64_t{vision.patch_size} * 2;
    return encoded.width / unit * (encoded.height / unit);
}

std::int64_t query_tokens(const VisionModel& vision, ImageSize /*encoded*/, bool /*is_overview*/) {
    return vision.tokens_per_slice;
}

std::int64_t broken_row_tokens(const VisionModel& vision, ImageSize encoded, bool is_overview) {
    const std::int64_t rows = encoded.height / (std::int64_t{vision.patch_size} * vision.merge);
    return grid_tokens(vision, encoded, is_overview) + rows - 1;
}

std::int64_t newline_tokens(const VisionModel& vision, ImageSize encoded, bool is_overview) {
    const std::int64_t rows = encoded.height / (std::int64_t{vision.patch_size} * vision.merge);
    return grid_tokens(vision, encoded, is_overview) + rows + 2;
}

std::int64_t quarter_tokens(const VisionModel& vision, ImageSize encoded, bool /*is_overview*/) {
    return patches(vision, encoded) / 4;
}

std::int64_t bounded_quarter_tokens(const VisionModel& vision, ImageSize encoded, bool /*is_overview*/) {
    return patches(vision, encoded) / 4 + 2;
}

std::int64_t bounded_patch_tokens(const VisionModel& vision, ImageSize encoded, bool /*is_overview*/) {
    return patches(vision, encoded) + 2;
}

std::int64_t deepseek_ocr_tokens(const VisionModel& vision, ImageSize encoded, bool is_overview) {
    const std::int64_t width = encoded.width / (vision.patch_size * kSamMerge);
    const std::int64_t height = encoded.height / (vision.patch_size * kSamMerge);
    // A fused row of tiles is a stack: its height holds the columns.
    return is_overview ? height * (width + 1) + 1 : width * (height + 1);
}

std::int64_t deepseek_ocr2_tokens(const VisionModel& vision, ImageSize encoded, bool is_overview) {
    return patches(vision, encoded) / (kSamMerge * kSamMerge) + (is_overview ? 1 : 0);
}

}  // namespace landauer
