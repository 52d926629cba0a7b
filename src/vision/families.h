// What is known of each projector: one row a family.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "vision/layout.h"
#include "vision/tokens.h"
#include "vision/vision.h"

namespace landauer {

// Text tokens that libmtmd writes round images; each is one token of the model's own vocabulary.
struct Markers {
    std::uint8_t image = 0;     // round the whole
    std::uint8_t overview = 0;  // round the overview
    std::uint8_t slices = 0;    // round all slices
    std::uint8_t slice = 0;     // round each
    std::uint8_t row = 0;       // between rows of slices
};

// Where a family's limits come from, and whether the user's replace them.
enum class LimitSource : std::uint8_t {
    none,        // no limits, and none are taken
    built_in,    // the numbers in the row; the user's replace them
    user,        // none but the user's
    keys,        // image_min_pixels and image_max_pixels, required; the user's are ignored
    keys_user,   // the same; the user's replace them
    keys_first,  // those keys where both are there, and then the user's are ignored; else as built_in
};

// Whether a projector's transformer blocks are v.blk.N.*, and how many there may be.
enum class Blocks : std::uint8_t {
    exact,     // block_count of them, all with the same tensors
    at_least,  // old converters left more in the file
    mixed,     // as many, of several kinds
    other,     // not of this naming
};

struct Family {
    std::string_view projector = {};
    std::int32_t version = 0;  // clip.minicpmv_version; 0: any
    Preprocessing preprocessing = Preprocessing::dynamic;
    LayoutRule layout = dynamic_layout;
    TokenRule tokens = grid_tokens;
    Markers markers = {};
    LimitSource limits = LimitSource::none;
    std::int32_t min_tokens = 0;  // built_in
    std::int32_t max_tokens = 0;
    std::string_view merge_key = {};  // empty: the merge is built in
    std::int32_t merge = 1;           // without the key
    bool may_slice = false;           // slices when the header lists image_grid_pinpoints
    Blocks blocks = Blocks::exact;
    std::string_view block_tensors = {};  // of each block, separated by spaces
    std::string_view tensors = {};        // of the rest
    std::string_view widths = {};         // tensors of which the first that is there has the output's width...
    std::size_t width_axis = 1;           // ... as this dimension (0 for a bias)
    std::string_view keys = {};           // needed beyond everyone's: u32, or of the type after a colon
};

// Keys of the merge, one or the other.
inline constexpr std::string_view kScaleKey = "clip.vision.projector.scale_factor";
inline constexpr std::string_view kMergeKey = "clip.vision.spatial_merge_size";

// Of each block. Norms that are missing are left out of the graph without a word, as are biases.
inline constexpr std::string_view kBlock = "ln1.weight ln2.weight attn_out.weight ffn_up.weight ffn_down.weight";
inline constexpr std::string_view kBiasedBlock =
    "ln1.weight ln1.bias ln2.weight ln2.bias attn_out.weight attn_out.bias ffn_up.weight ffn_up.bias "
    "ffn_down.weight ffn_down.bias";

// libmtmd's own facts, as of the version that cmake/Llama.cmake pins: clip.cpp has limits, merges and tensors,
// mtmd.cpp preprocessors and markers.
[[nodiscard]] std::span<const Family> dynamic_families();
[[nodiscard]] std::span<const Family> sliced_families();
[[nodiscard]] std::span<const Family> fixed_families();

// Null: unknown here.
[[nodiscard]] const Family* find_family(std::string_view projector, std::int32_t version);
[[nodiscard]] const Family* family_of(const VisionModel& vision);

// The row's layout, or slices from a list of canvases where the header has one.
[[nodiscard]] Layout layout_of(const Family& family, const VisionModel& vision, const PixelLimits& limits,
                               ImageSize image);

// The family's limits or the user's, in pixels.
[[nodiscard]] PixelLimits pixel_limits(const VisionModel& vision, const ImageLimits& limits);

}  // namespace landauer
