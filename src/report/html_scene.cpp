#include "report/html_scene.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "image/image.h"
#include "report/document.h"
#include "report/html_text.h"
#include "report/law2_sentence.h"

namespace landauer {
namespace {

constexpr std::string_view kScene = "traffic scene ";
constexpr std::array<std::int32_t, 4> kWidths = {480, 400, 320, 240};  // pixels of a picture, the largest that fits
constexpr std::int32_t kCoarse = 240;                                  // below this its own pixels are shown
constexpr int kQuality = 76;

double pixels_of(const PromptFigures& prompt) {
    return static_cast<double>(ImageSize{prompt.image.width, prompt.image.height}.pixels());
}

std::string setting(const RunAnalysis& run, const char* name) {
    const auto found = run.data->run.settings.find(name);
    return found == run.data->run.settings.end() ? std::string() : found->second;
}

// The seed of the run's scene; nothing: it showed a picture of the user's.
std::optional<std::uint32_t> scene_seed(const RunAnalysis& run) {
    const std::string image = setting(run, "image");
    if (!image.starts_with(kScene)) {
        return std::nullopt;
    }
    std::uint32_t seed = 0;
    const char* const end = image.data() + image.size();
    const auto [at, problem] = std::from_chars(image.data() + kScene.size(), end, seed);
    return problem == std::errc() && at == end ? std::optional(seed) : std::nullopt;
}

// Found on the clock, else predicted; 0: none.
double knee_px(const RunAnalysis& run) {
    for (const Law2& law : run.image_laws) {
        if (law.y == "seconds" && law.on_nominal_px && law.on_nominal_px->knee) {
            return law.on_nominal_px->knee->knee.value;
        }
    }
    return std::strtod(setting(run, "predicted_knee_px").c_str(), nullptr);
}

// The smallest, those on either side of the knee, and the largest; without a knee an even choice.
std::vector<const PromptFigures*> chosen_sizes(const RunAnalysis& run) {
    std::vector<const PromptFigures*> all;
    for (const PromptFigures& prompt : run.prompts) {
        if (prompt.n_valid > 0 && prompt.image.width > 0) {
            all.push_back(&prompt);
        }
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const PromptFigures* a, const PromptFigures* b) { return pixels_of(*a) < pixels_of(*b); });
    if (all.size() < 2) {
        return all;
    }
    const std::size_t last = all.size() - 1;
    std::vector<std::size_t> places = {0, last / 3, 2 * last / 3, last};
    const double knee = knee_px(run);
    const auto beyond =
        std::find_if(all.begin(), all.end(), [&](const PromptFigures* prompt) { return pixels_of(*prompt) >= knee; });
    if (knee > 0.0 && beyond != all.end()) {
        const auto at = static_cast<std::size_t>(beyond - all.begin());
        places = {0, at / 2, at == 0 ? 0 : at - 1, at, last};
    }
    places.erase(std::unique(places.begin(), places.end()), places.end());
    std::vector<const PromptFigures*> out;
    std::transform(places.begin(), places.end(), std::back_inserter(out), [&](std::size_t at) { return all[at]; });
    return out;
}

// What the encoder worked on, in the given aspect.
ImageSize seen_size(const ImageRecord& image) {
    if (image.effective_px <= 0) {
        return {image.width, image.height};
    }
    const double given = static_cast<double>(ImageSize{image.width, image.height}.pixels());
    const double shrink = std::sqrt(static_cast<double>(image.effective_px) / given);
    const auto side = [&](std::int32_t length) {
        return std::max(1, static_cast<std::int32_t>(std::lround(shrink * static_cast<double>(length))));
    };
    return {side(image.width), side(image.height)};
}

// Drawn no wider than the page shows it: the scene is drawn sharp at any size, so nothing is lost.
ImageSize drawn_size(ImageSize seen, std::int32_t widest) {
    if (seen.width <= widest) {
        return seen;
    }
    const double shrink = static_cast<double>(widest) / seen.width;
    return {widest, std::max(1, static_cast<std::int32_t>(std::lround(shrink * static_cast<double>(seen.height))))};
}

std::string figure_of(const PromptFigures& prompt, std::uint32_t seed, std::int32_t widest) {
    const ImageSize seen = seen_size(prompt.image);
    const auto scene = draw_traffic_scene(seed, drawn_size(seen, widest));
    if (!scene) {
        return {};
    }
    const auto seconds = prompt.figures.find("seconds");
    const std::string cost = seconds == prompt.figures.end() ? std::string() : amount_text(seconds->second, "s");
    const std::string caption =
        fmt::format("given {}x{}, seen at about {}x{}: {} tokens", prompt.image.width, prompt.image.height, seen.width,
                    seen.height, count_text(prompt.image.n_tokens));
    return fmt::format(
        "<figure><img{} alt=\"The traffic scene, {}\" src=\"data:image/jpeg;base64,{}\"><figcaption>{}{}</figcaption>"
        "</figure>\n",
        seen.width < kCoarse ? " class=\"coarse\"" : "", html_escaped(caption),
        base64_of(encode_jpeg(*scene, kQuality)), cost.empty() ? "" : element("b", cost) + " ", html_escaped(caption));
}

std::string figures_of(const RunAnalysis& run, std::uint32_t seed, std::int32_t widest) {
    std::string out;
    for (const PromptFigures* const prompt : chosen_sizes(run)) {
        out += figure_of(*prompt, seed, widest);
    }
    return out;
}

}  // namespace

std::string scene_section(const RunAnalysis& run, std::size_t most_bytes) {
    const auto seed = scene_seed(run);
    if (!seed) {
        return {};
    }
    for (const std::int32_t widest : kWidths) {
        const std::string figures = figures_of(run, *seed, widest);
        if (!figures.empty() && figures.size() <= most_bytes) {
            return "<section><h2>What the model saw</h2>\n<div class=\"scenes\">\n" + figures + "</div>\n</section>\n";
        }
    }
    return {};
}

}  // namespace landauer
