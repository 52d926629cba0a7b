#include "cli/synth_scene.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "image/image.h"
#include "vision/vision.h"

namespace landauer {
namespace {

constexpr double kUsualAspect = 16.0 / 9.0;
constexpr int kJpegQuality = 90;

Result<void> check_file(const std::filesystem::path& file, bool force) {
    std::error_code unused;
    if (force || !std::filesystem::exists(file, unused)) {
        return {};
    }
    return fail(ErrorKind::Invalid, fmt::format("{} is there already.", file.string()),
                "Name another file, or replace it with --force.");
}

Result<std::vector<std::uint8_t>> encoded(const RgbImage& image, const std::filesystem::path& file) {
    const std::string ending = file.extension().string();
    if (ending == ".png") {
        return encode_png(image);
    }
    if (ending == ".jpg" || ending == ".jpeg") {
        return encode_jpeg(image, kJpegQuality);
    }
    return fail(ErrorKind::Invalid, fmt::format("{} ends in no format that is written.", file.string()),
                "Name it .png or .jpg.");
}

}  // namespace

Result<void> synth_scene(const SceneWords& words) {
    if (words.out.empty()) {
        return fail(ErrorKind::Invalid, "No file to write is named.",
                    fmt::format("landauer synth {} -o scene.png", kSceneNoun));
    }
    for (const std::filesystem::path& file : {words.out, words.truth}) {
        if (auto free = check_file(file, words.force || file.empty()); !free) {
            return free;
        }
    }
    const auto sizes = parse_resolutions(words.size, kUsualAspect);
    if (!sizes) {
        return tl::unexpected(sizes.error());
    }
    const auto image = draw_traffic_scene(words.seed, sizes->front());
    if (!image) {
        return tl::unexpected(image.error());
    }
    const auto bytes = encoded(*image, words.out);
    if (!bytes) {
        return tl::unexpected(bytes.error());
    }
    const std::string text(bytes->begin(), bytes->end());
    if (auto written = write_output(words.out, text); !written || words.truth.empty()) {
        return written;
    }
    return write_output(words.truth, traffic_scene_json(words.seed) + "\n");
}

}  // namespace landauer
