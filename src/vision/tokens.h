// How many embeddings the projector makes of one encoded picture.
#pragma once

#include <cstdint>

#include "core/image.h"
#include "vision/vision.h"

namespace landauer {

using TokenRule = std::int64_t (*)(const VisionModel& vision, ImageSize encoded, bool is_overview);

// A token for each patch.
[[nodiscard]] std::int64_t patch_tokens(const VisionModel& vision, ImageSize encoded, bool is_overview);
// For merge x merge patches; `patches / merge^2` rounded down, up, or side by side.
[[nodiscard]] std::int64_t merged_tokens(const VisionModel& vision, ImageSize encoded, bool is_overview);
[[nodiscard]] std::int64_t merged_up_tokens(const VisionModel& vision, ImageSize encoded, bool is_overview);
[[nodiscard]] std::int64_t grid_tokens(const VisionModel& vision, ImageSize encoded, bool is_overview);
[[nodiscard]] std::int64_t grid_up_tokens(const VisionModel& vision, ImageSize encoded, bool is_overview);
// Of 2 x 2 patches, whatever the header's merge says: libmtmd has the 2 built in.
[[nodiscard]] std::int64_t pair_tokens(const VisionModel& vision, ImageSize encoded, bool is_overview);
// A number that the model fixes: `tokens_per_slice`.
[[nodiscard]] std::int64_t query_tokens(const VisionModel& vision, ImageSize encoded, bool is_overview);
// Pixtral: a break after every row but the last.
[[nodiscard]] std::int64_t broken_row_tokens(const VisionModel& vision, ImageSize encoded, bool is_overview);
// HunyuanVL: a newline after every row, a beginning and an end.
[[nodiscard]] std::int64_t newline_tokens(const VisionModel& vision, ImageSize encoded, bool is_overview);
// MobileVLM: a quarter of the patches; GLM-Edge: and two bounds.
[[nodiscard]] std::int64_t quarter_tokens(const VisionModel& vision, ImageSize encoded, bool is_overview);
[[nodiscard]] std::int64_t bounded_quarter_tokens(const VisionModel& vision, ImageSize encoded, bool is_overview);
// CogVLM: every patch and two bounds.
[[nodiscard]] std::int64_t bounded_patch_tokens(const VisionModel& vision, ImageSize encoded, bool is_overview);
// DeepSeek-OCR: newlines after the rows and a separator after the global view; 2: the separator alone.
[[nodiscard]] std::int64_t deepseek_ocr_tokens(const VisionModel& vision, ImageSize encoded, bool is_overview);
[[nodiscard]] std::int64_t deepseek_ocr2_tokens(const VisionModel& vision, ImageSize encoded, bool is_overview);

}  // namespace landauer
