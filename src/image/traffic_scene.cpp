#include <fmt/format.h>

#include "image/image.h"
#include "image/scene/compose.h"
#include "image/scene/describe.h"

namespace landauer {

Result<RgbImage> draw_traffic_scene(std::uint32_t seed, ImageSize size) {
    constexpr std::int64_t kMostPixels = std::int64_t{1} << 28U;
    if (size.width <= 0 || size.height <= 0 || size.pixels() > kMostPixels) {
        return fail(ErrorKind::Invalid,
                    fmt::format("A scene of {} x {} pixels cannot be drawn.", size.width, size.height),
                    fmt::format("Ask for 1 to {} pixels.", kMostPixels));
    }
    Canvas canvas(size);
    scene::draw_scene(canvas, scene::make_model(seed));
    return canvas.take();
}

std::string traffic_scene_json(std::uint32_t seed) { return scene::as_json(scene::make_model(seed)); }

std::string traffic_scene_description(std::uint32_t seed) { return scene::as_sentences(scene::make_model(seed)); }

}  // namespace landauer
