#include "engine/fake/fake_images.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace landauer {
namespace {

constexpr std::int64_t kMarkers = 2;  // a start and an end

}  // namespace

ImageCost fake_image_cost(const FakeModel& model, const ImageLimits& limits, ImageSize size) {
    const double wanted = static_cast<double>(size.pixels()) / model.image_px_per_token;
    const double most = limits.max_tokens > 0 ? limits.max_tokens : 4096.0;
    const double least = std::max(1.0, static_cast<double>(limits.min_tokens));
    const double tokens = std::clamp(std::round(wanted), std::min(least, most), most);
    ImageCost cost;
    cost.n_tokens = static_cast<std::int64_t>(tokens);
    cost.n_marker_tokens = kMarkers;
    cost.n_patches = 4 * cost.n_tokens;
    cost.effective_px = std::llround(tokens * model.image_px_per_token);
    const double scale = std::sqrt(static_cast<double>(cost.effective_px) / static_cast<double>(size.pixels()));
    cost.resized = {std::max(1, static_cast<int>(std::lround(size.width * scale))),
                    std::max(1, static_cast<int>(std::lround(size.height * scale)))};
    return cost;
}

std::optional<Knee> fake_knee(const FakeModel& model, const ImageLimits& limits, double aspect) {
    if (limits.max_tokens <= 0) return std::nullopt;
    Knee knee{};
    knee.pixels = limits.max_tokens * model.image_px_per_token;
    knee.n_tokens = limits.max_tokens;
    knee.size = {std::max(1, static_cast<int>(std::lround(std::sqrt(knee.pixels * aspect)))),
                 std::max(1, static_cast<int>(std::lround(std::sqrt(knee.pixels / aspect))))};
    return knee;
}

}  // namespace landauer
