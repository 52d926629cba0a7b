// What an image costs before anything is run: the preprocessor's arithmetic, from the header of the
// multimodal projector (mmproj) alone.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/image.h"
#include "gguf/summary.h"

namespace landauer {

enum class Preprocessing : std::uint8_t {
    dynamic,  // the image keeps its aspect and, within limits, its size (Qwen2-VL, ...)
    sliced,   // cut into pieces of one size, with or without an overview (MiniCPM-V, Idefics3, ...)
    fixed,    // one size for all (LLaVA 1.5, Gemma 3, ...)
    unknown,  // not predicted here: ask libmtmd
};

// A projector, as far as its preprocessor goes. Numbers that do not apply are 0.
struct VisionModel {
    std::filesystem::path path;
    std::string projector;     // clip.projector_type: "qwen2vl_merger"
    std::int32_t version = 0;  // clip.minicpmv_version
    std::string name;          // general.name, else the file's stem
    Preprocessing preprocessing = Preprocessing::unknown;
    bool takes_limits = false;  // --image-min-tokens, --image-max-tokens
    std::int32_t patch_size = 0;
    std::int32_t merge = 1;       // patches a token, along a side
    std::int32_t image_size = 0;  // side of the overview, or the fixed side
    std::int32_t tile_size = 0;   // side of a slice
    std::int32_t longest_edge = 0;
    std::int64_t min_px = 0;  // of the family, before the user's limits
    std::int64_t max_px = 0;
    std::int64_t min_tokens = 0;  // the same in tokens
    std::int64_t max_tokens = 0;
    std::int32_t min_slices = 0;  // the overview not counted
    std::int32_t max_slices = 0;
    std::int32_t tokens_per_slice = 0;  // where that is one number
    std::vector<ImageSize> canvases;    // what may be cut into slices, where the family has a list
    std::int32_t n_embd_out = 0;        // width that must be the language model's
    std::uint64_t tensor_bytes = 0;
};

// Header only; milliseconds. Errors as inspect_gguf(); Invalid as well: no vision projector, and one that
// lacks a key or tensor that its family needs (stock llama.cpp crashes on some and silently computes
// something cheaper on others), naming it.
[[nodiscard]] Result<VisionModel> read_vision_model(const std::filesystem::path& mmproj);

// Invalid, with both widths, when the projector belongs to another language model.
[[nodiscard]] Result<void> check_pair(const VisionModel& vision, const GgufSummary& language_model);

// --image-min-tokens and --image-max-tokens; 0: the family's own.
struct ImageLimits {
    std::int32_t min_tokens = 0;
    std::int32_t max_tokens = 0;
    friend bool operator==(const ImageLimits&, const ImageLimits&) = default;
};
// Invalid: negative, min > max, a clamp below what the family can do. A family that has no limits
// (sliced, fixed) refuses them.
[[nodiscard]] Result<void> check_limits(const VisionModel& vision, const ImageLimits& limits);
// The paper's way of stating a clamp, "1024x720", as tokens: the most that such a picture may cost.
[[nodiscard]] Result<std::int32_t> max_tokens_of(const VisionModel& vision, ImageSize most);

// One image, once: what the preprocessor makes of it.
struct ImageCost {
    std::int64_t n_tokens = 0;         // embeddings that enter the language model
    std::int64_t n_marker_tokens = 0;  // text tokens round and between them (start, end, rows)
    std::int64_t n_patches = 0;        // what the encoder works on, all slices
    std::int64_t effective_px = 0;     // pixels that are encoded, all slices
    ImageSize resized;                 // of the whole image (of the overview, when sliced)
    std::int32_t n_slices = 1;         // encoded pictures, the overview among them
    friend bool operator==(const ImageCost&, const ImageCost&) = default;
};
// Exact: what libmtmd counts for a bitmap without pixels. Nothing for Preprocessing::unknown.
// `size` has sides of at least 1 and at most 2^28 pixels.
[[nodiscard]] std::optional<ImageCost> predict_image(const VisionModel& vision, const ImageLimits& limits,
                                                     ImageSize size);

// Where the cost stops growing along images of one aspect.
struct Knee {
    double pixels = 0.0;    // nominal pixels at which the clamp first binds
    ImageSize size;         // an image of that many pixels and the aspect
    std::int64_t n_tokens;  // on the plateau, at most
};
// Nothing: the family has no knee (a flat line, or steps of slices), or is unknown.
[[nodiscard]] std::optional<Knee> predict_knee(const VisionModel& vision, const ImageLimits& limits,
                                               double aspect_width_over_height);

// `n` sizes of one aspect, growing geometrically in pixels, a third of them within a factor of 2 of the knee,
// from knee / 16 to knee * 4 (without a knee: from 0.05 to 4 megapixels). All different. Invalid: n < 3.
[[nodiscard]] Result<std::vector<ImageSize>> resolution_ladder(const std::optional<Knee>& knee, double aspect, int n);
// "640x480,1280x720" or heights as "480p" with the aspect. Invalid: names the item.
[[nodiscard]] Result<std::vector<ImageSize>> parse_resolutions(std::string_view text, double aspect);

}  // namespace landauer
