#include <algorithm>
#include <utility>

#include "engine/engine.h"
#include "engine/fake/fake_images.h"
#include "vision/vision.h"

namespace landauer {

Result<std::vector<ImageCost>> image_costs(const EngineSettings& settings, const std::vector<ImageSize>& sizes) {
    const ImageLimits limits{settings.image_min_tokens, settings.image_max_tokens};
    std::vector<ImageCost> costs;
    if (is_fake_model(settings.model)) {
        auto fake = read_fake_model(settings.model);
        if (!fake) return tl::unexpected(fake.error());
        std::transform(sizes.begin(), sizes.end(), std::back_inserter(costs),
                       [&](ImageSize size) { return fake_image_cost(*fake, limits, size); });
        return costs;
    }
    auto vision = read_vision_model(settings.mmproj);
    if (!vision) return tl::unexpected(vision.error());
    for (const ImageSize size : sizes) {
        auto cost = predict_image(*vision, limits, size);
        if (!cost) return count_image_tokens(settings.model, settings.mmproj, limits, sizes);
        costs.push_back(*cost);
    }
    return costs;
}

}  // namespace landauer
