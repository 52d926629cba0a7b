// From a projector's header to what its preprocessor will do.
#include <fmt/format.h>

#include <algorithm>

#include "vision/check_header.h"
#include "vision/vision.h"

namespace landauer {
namespace {

constexpr std::int32_t kLargestSide = 8192;  // of image_size, in libmtmd
constexpr std::int32_t kLargestMerge = 65535;
constexpr std::string_view kMinPx = "clip.vision.image_min_pixels";
constexpr std::string_view kMaxPx = "clip.vision.image_max_pixels";
constexpr std::string_view kLongestEdge = "clip.vision.preproc_image_size";
constexpr std::string_view kMinTiles = "clip.vision.preproc_min_tiles";
constexpr std::string_view kMaxTiles = "clip.vision.preproc_max_tiles";
constexpr std::string_view kPinpoints = "clip.vision.image_grid_pinpoints";

Result<void> check_kind(const Header& header) {
    const GgufSummary& summary = header.summary();
    if (summary.architecture != "clip") {
        return fail(ErrorKind::Invalid,
                    fmt::format("{} is no vision projector but a model of architecture \"{}\".", summary.path.string(),
                                summary.architecture),
                    "Give the mmproj file that was published beside the model with --mmproj.");
    }
    if (header.text("clip.has_vision_encoder") == "true") return {};
    return fail(ErrorKind::Invalid, fmt::format("{} has no vision encoder.", summary.path.string()),
                "Give the mmproj of a model that sees; this one may be for sound.");
}

// The key that libmtmd looks at first, and its one synonym.
std::string projector_of(const Header& header) {
    std::string projector = header.text("clip.projector_type");
    if (projector.empty()) projector = header.text("clip.vision.projector_type");
    return projector == "qwen2.5o" ? "qwen2.5vl_merger" : projector;
}

Result<std::int32_t> minicpmv_version(const Header& header, std::string_view projector) {
    if (projector != "resampler") return 0;
    if (auto fit = header.check_key("clip.minicpmv_version", "i32", true); !fit) return tl::unexpected(fit.error());
    const std::int32_t version = header.number("clip.minicpmv_version");
    for (const std::int32_t known : {2, 3, 4, 5, 6, 100045}) {
        if (version == known) return version;
    }
    if (version == 0) return 2;
    return header.unfit(fmt::format("is of MiniCPM-V version {}, which llama.cpp does not know", version));
}

// Queries of MiniCPM-V's resampler: 96 in the oldest version, 64 since.
std::int32_t n_queries(const Header& header, std::int32_t version) {
    const std::int32_t stated = header.number("clip.minicpmv_query_num");
    if (stated > 0) return stated;
    return version == 2 ? 96 : 64;
}

Result<void> read_sizes(const Header& header, const Family& family, VisionModel& vision) {
    vision.patch_size = header.number("clip.vision.patch_size");
    vision.image_size = header.number("clip.vision.image_size");
    vision.tile_size = vision.image_size;
    if (!family.merge_key.empty()) {
        if (auto fit = header.check_key(family.merge_key, "u32", family.merge > 0); !fit) return fit;
    }
    vision.merge = family.merge_key.empty() ? family.merge : header.number(family.merge_key, family.merge);
    if (vision.patch_size < 1 || vision.patch_size > kLargestMerge || vision.merge < 1 ||
        vision.merge > kLargestMerge) {
        return header.unfit(fmt::format("has a patch size of {} and a merge of {}; both must be from 1 to {}",
                                        vision.patch_size, vision.merge, kLargestMerge));
    }
    const bool needs_side = family.preprocessing != Preprocessing::dynamic;
    if (vision.image_size > kLargestSide || vision.image_size < (needs_side ? 1 : 0)) {
        return header.unfit(fmt::format("has an image size of {}, which must be from {} to {}", vision.image_size,
                                        needs_side ? 1 : 0, kLargestSide));
    }
    return {};
}

Result<void> read_limits(const Header& header, const Family& family, VisionModel& vision) {
    const std::int64_t unit = std::int64_t{vision.patch_size} * vision.merge;
    const bool required = family.limits == LimitSource::keys || family.limits == LimitSource::keys_user;
    const bool read = required || family.limits == LimitSource::keys_first;
    for (const std::string_view key : {kMinPx, kMaxPx}) {
        if (!read) break;
        if (auto fit = header.check_key(key, "u32", !required); !fit) return fit;
    }
    vision.min_px = family.min_tokens * unit * unit;
    vision.max_px = family.max_tokens * unit * unit;
    vision.takes_limits = family.limits != LimitSource::none && family.limits != LimitSource::keys;
    const std::int32_t min_px = header.number(kMinPx);
    const std::int32_t max_px = header.number(kMaxPx);
    if (required || (read && min_px > 0 && max_px > 0)) {
        vision.min_px = min_px;
        vision.max_px = max_px;
        vision.takes_limits = family.limits == LimitSource::keys_user;
    }
    if (vision.max_px < vision.min_px || (required && vision.min_px < 1)) {
        return header.unfit(fmt::format("limits images to {} to {} pixels", vision.min_px, vision.max_px));
    }
    vision.min_tokens = vision.min_px / (unit * unit);
    vision.max_tokens = vision.max_px / (unit * unit);
    return {};
}

void add_canvases(VisionModel& vision, std::int32_t columns, std::int32_t rows) {
    vision.canvases.push_back({columns * vision.image_size, rows * vision.image_size});
}

// Grids of whole slices: from the header's list, and those that libmtmd adds for some families.
Result<void> read_canvases(const Header& header, const Family& family, VisionModel& vision) {
    const auto listed = header.summary().lists.find(std::string(kPinpoints));
    if (listed != header.summary().lists.end()) {
        const auto& sides = listed->second;
        for (std::size_t i = 0; i + 1 < sides.size(); i += 2) {
            const bool is_whole = sides[i] > 0 && sides[i + 1] > 0 && sides[i] <= 1 << 20 && sides[i + 1] <= 1 << 20 &&
                                  sides[i] % vision.image_size == 0 && sides[i + 1] % vision.image_size == 0;
            if (!is_whole || sides.size() % 2 != 0) {
                return header.unfit(fmt::format("has a list {} that is not of pairs of multiples of {}", kPinpoints,
                                                vision.image_size));
            }
            vision.canvases.push_back({static_cast<std::int32_t>(sides[i]), static_cast<std::int32_t>(sides[i + 1])});
        }
    }
    if (family.projector == "internvl") {
        for (std::int32_t columns = vision.min_slices; columns <= vision.max_slices; ++columns) {
            const std::int32_t least = std::max((vision.min_slices + columns - 1) / columns, vision.min_slices);
            for (std::int32_t rows = least; rows <= vision.max_slices / columns; ++rows) {
                add_canvases(vision, columns, rows);
            }
        }
    }
    for (std::int32_t slice = 2; family.projector == "llama4" && slice <= 9; ++slice) {
        add_canvases(vision, (slice - 1) / 3 + 1, (slice - 1) % 3 + 1);
    }
    return {};
}

struct Slices {
    std::string_view projector;
    std::int32_t least;
    std::int32_t most;
    std::int32_t tile_size;   // 0: image_size
    std::int32_t image_size;  // 0: the header's
    bool from_keys;           // preproc_min_tiles, preproc_max_tiles
};
constexpr Slices kSlices[] = {
    {"internvl", 1, 12, 0, 0, true},    {"deepseekocr", 2, 9, 640, 1024, true}, {"deepseekocr2", 2, 6, 768, 1024, true},
    {"lfm2", 2, 10, 512, 0, false},     {"llama4", 2, 9, 0, 0, false},          {"resampler", 0, 9, 0, 0, false},
    {"minicpmv4_6", 0, 9, 0, 0, false}, {"step3vl", 0, 0, 504, 0, false},
};

Result<void> read_slices(const Header& header, const Family& family, VisionModel& vision) {
    for (const Slices& slices : kSlices) {
        if (slices.projector != family.projector) continue;
        vision.min_slices = slices.from_keys ? header.number(kMinTiles, slices.least) : slices.least;
        vision.max_slices = slices.from_keys ? header.number(kMaxTiles, slices.most) : slices.most;
        if (slices.tile_size > 0) vision.tile_size = slices.tile_size;
        if (slices.image_size > 0) {
            vision.image_size = slices.image_size;
            vision.patch_size = 16;  // built in with the sizes
        }
        if (vision.min_slices < (slices.from_keys ? 1 : 0) || vision.max_slices < vision.min_slices ||
            vision.max_slices > 256) {
            return header.unfit(fmt::format("asks for {} to {} slices", vision.min_slices, vision.max_slices));
        }
    }
    if (family.projector == "idefics3" || family.projector == "step3vl") {
        vision.longest_edge = header.number(kLongestEdge, family.projector == "step3vl" ? 3024 : 0);
    } else if (family.projector == "lightonocr") {
        vision.longest_edge = header.number(kLongestEdge, vision.image_size);
    }
    if (auto read = read_canvases(header, family, vision); !read) return read;
    if (family.may_slice && !vision.canvases.empty()) vision.preprocessing = Preprocessing::sliced;
    return {};
}

// The counts that a slice always has, and merges that are part of the patch.
void settle_tokens(const Header& header, const Family& family, VisionModel& vision) {
    if (family.projector == "gemma4uv") {
        vision.patch_size *= vision.merge;
        vision.merge = 1;
    }
    if (family.projector == "resampler") vision.tokens_per_slice = n_queries(header, vision.version);
    if (family.projector == "yasa2") vision.tokens_per_slice = 64;
    if (family.projector == "gemma3nv") vision.tokens_per_slice = vision.image_size / vision.patch_size;
    if (vision.preprocessing == Preprocessing::dynamic || vision.tokens_per_slice > 0) return;
    const ImageSize tile{vision.tile_size, vision.tile_size};
    vision.tokens_per_slice = static_cast<std::int32_t>(family.tokens(vision, tile, false));
}

Result<VisionModel> read_known(const Header& header, const Family& family, VisionModel vision) {
    vision.preprocessing = family.preprocessing;
    const auto steps = {read_sizes, read_limits, read_slices};
    for (const auto step : steps) {
        if (auto read = step(header, family, vision); !read) return tl::unexpected(read.error());
    }
    if (auto fit = check_family(header, family); !fit) return tl::unexpected(fit.error());
    const auto width = output_width(header, family);
    if (!width) return tl::unexpected(width.error());
    vision.n_embd_out = *width;
    settle_tokens(header, family, vision);
    return vision;
}

}  // namespace

Result<VisionModel> read_vision_model(const std::filesystem::path& mmproj) {
    const auto summary = inspect_gguf(mmproj);
    if (!summary) return tl::unexpected(summary.error());
    const Header header(*summary);
    if (auto fit = check_kind(header); !fit) return tl::unexpected(fit.error());
    if (auto fit = check_common_keys(header); !fit) return tl::unexpected(fit.error());
    VisionModel vision;
    vision.path = mmproj;
    vision.name = summary->name;
    vision.tensor_bytes = summary->tensor_bytes;
    vision.projector = projector_of(header);
    const auto version = minicpmv_version(header, vision.projector);
    if (!version) return tl::unexpected(version.error());
    vision.version = *version;
    const Family* const family = find_family(vision.projector, vision.version);
    if (family == nullptr) return vision;
    return read_known(header, *family, std::move(vision));
}

}  // namespace landauer
