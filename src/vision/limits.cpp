#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <string>

#include "vision/families.h"

namespace landauer {
namespace {

constexpr std::string_view kMinFlag = "--image-min-tokens";
constexpr std::string_view kMaxFlag = "--image-max-tokens";

tl::unexpected<Error> refused(const VisionModel& vision) {
    const char* const why =
        vision.preprocessing == Preprocessing::fixed ? "encodes every image at one size" : "has its sizes built in";
    return fail(
        ErrorKind::Invalid,
        fmt::format("A projector of type {} {} and ignores {} and {}.", vision.projector, why, kMinFlag, kMaxFlag),
        "Leave them out.");
}

// libmtmd multiplies in 32 bits.
Result<void> check_range(std::string_view flag, std::int32_t tokens, std::int64_t unit) {
    if (tokens < 0) {
        return fail(ErrorKind::Invalid, fmt::format("{} {} is negative.", flag, tokens),
                    "Give a number of tokens, or leave it out for the model's own.");
    }
    const std::int64_t most = std::numeric_limits<std::int32_t>::max() / (unit * unit);
    if (tokens <= most) return {};
    return fail(ErrorKind::Invalid,
                fmt::format("{} {} is more than llama.cpp can count in pixels: {} at most.", flag, tokens, most),
                "Give fewer tokens.");
}

// The fewest tokens that the limit on pixels can bring an image down to.
std::int64_t least_tokens(const VisionModel& vision) {
    return vision.projector == "idefics3" ? vision.tokens_per_slice : 1;
}

}  // namespace

Result<void> check_limits(const VisionModel& vision, const ImageLimits& limits) {
    if (limits == ImageLimits{}) return {};
    if (vision.preprocessing != Preprocessing::unknown && !vision.takes_limits) return refused(vision);
    const std::int64_t unit = std::int64_t{vision.patch_size} * vision.merge;
    if (auto fit = check_range(kMinFlag, limits.min_tokens, std::max<std::int64_t>(1, unit)); !fit) return fit;
    if (auto fit = check_range(kMaxFlag, limits.max_tokens, std::max<std::int64_t>(1, unit)); !fit) return fit;
    if (limits.min_tokens > 0 && limits.max_tokens > 0 && limits.min_tokens > limits.max_tokens) {
        return fail(ErrorKind::Invalid,
                    fmt::format("{} {} is more than {} {}.", kMinFlag, limits.min_tokens, kMaxFlag, limits.max_tokens),
                    "Give a minimum that is not above the maximum.");
    }
    if (vision.preprocessing == Preprocessing::unknown) return {};
    const PixelLimits px = pixel_limits(vision, limits);
    if (limits.max_tokens > 0 && (px.max_px < px.min_px || limits.max_tokens < least_tokens(vision))) {
        const std::int64_t least = std::max(least_tokens(vision), px.min_px / (unit * unit));
        return fail(ErrorKind::Invalid,
                    fmt::format("A clamp of {} tokens is below the least that a projector of type {} makes of an "
                                "image, {}.",
                                limits.max_tokens, vision.projector, least),
                    fmt::format("Give {} {} or more{}.", kMaxFlag, least,
                                px.max_px < px.min_px ? fmt::format(", or lower {} as well", kMinFlag) : ""));
    }
    if (px.max_px < px.min_px) {
        const std::string most = vision.max_tokens > 0 ? fmt::format("the model's most, {}", vision.max_tokens)
                                                       : std::string("nothing: this model states no maximum");
        return fail(ErrorKind::Invalid, fmt::format("{} {} is above {}.", kMinFlag, limits.min_tokens, most),
                    fmt::format("Give {} as well.", kMaxFlag));
    }
    return {};
}

Result<std::int32_t> max_tokens_of(const VisionModel& vision, ImageSize most) {
    if (!vision.takes_limits) {
        if (vision.preprocessing != Preprocessing::unknown) return refused(vision);
        return fail(ErrorKind::Invalid,
                    fmt::format("How many tokens {}x{} pixels are to a projector of type {} is not known here.",
                                most.width, most.height, vision.projector),
                    fmt::format("State the clamp in tokens: {}.", kMaxFlag));
    }
    const std::int32_t unit = vision.patch_size * vision.merge;
    const std::int64_t tokens = std::int64_t{most.width / unit} * (most.height / unit);
    if (tokens > 0 && tokens <= std::numeric_limits<std::int32_t>::max()) return static_cast<std::int32_t>(tokens);
    return fail(ErrorKind::Invalid,
                fmt::format("A clamp of {}x{} pixels holds no token of {}x{}.", most.width, most.height, unit, unit),
                "Give a larger size.");
}

Result<void> check_pair(const VisionModel& vision, const GgufSummary& language_model) {
    if (language_model.architecture == "clip") {
        return fail(ErrorKind::Invalid,
                    fmt::format("{} is a projector, not a language model.", language_model.path.string()),
                    "Give the language model with -m and the projector with --mmproj.");
    }
    const std::string key = language_model.architecture + ".n_deepstack_layers";
    const auto stated = language_model.metadata.find(key);
    const std::int64_t branches = stated == language_model.metadata.end() ? 0 : std::atoll(stated->second.c_str());
    const std::int64_t width = language_model.n_embd * (1 + branches);
    if (vision.n_embd_out == 0 || width == 0 || width == vision.n_embd_out) return {};
    return fail(ErrorKind::Invalid,
                fmt::format("{} makes embeddings of width {}, but {} takes {}: they are not of one model.",
                            vision.path.string(), vision.n_embd_out, language_model.path.string(), width),
                "Give the mmproj that was published beside the language model.");
}

}  // namespace landauer
