#include "cli/image_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "cli/model_argument.h"
#include "engine/fake/fake_images.h"
#include "image/image.h"
#include "platform/sha256.h"
#include "platform/signals.h"
#include "score/scene_references.h"
#include "vision/vision.h"

namespace landauer {
namespace {

constexpr double kSceneAspect = 16.0 / 9.0;

// A projector's arithmetic, or the fake's: what the ladder is built from.
class Eyes {
   public:
    static Result<Eyes> open(const Seeing& seeing) {
        if (is_fake_model(seeing.model)) {
            auto fake = read_fake_model(seeing.model);
            if (!fake) {
                return tl::unexpected(fake.error());
            }
            if (!(fake->image_px_per_token > 0.0)) {
                return fail(ErrorKind::Invalid, fmt::format("{} sees no images.", seeing.model.string()),
                            "Give it \"image_px_per_token\".");
            }
            return Eyes(*fake);
        }
        auto vision = read_vision_model(seeing.mmproj);
        if (!vision) {
            return tl::unexpected(vision.error());
        }
        return Eyes(std::move(*vision));
    }

    // Null for a fake model.
    [[nodiscard]] const VisionModel* vision() const { return std::get_if<VisionModel>(&model_); }
    [[nodiscard]] bool clampable() const {
        return vision() == nullptr || vision()->preprocessing == Preprocessing::dynamic;
    }
    [[nodiscard]] Result<void> check(const ImageLimits& limits) const {
        return vision() == nullptr ? Result<void>{} : check_limits(*vision(), limits);
    }
    [[nodiscard]] Result<std::int32_t> tokens_of(ImageSize most) const {
        if (const FakeModel* fake = std::get_if<FakeModel>(&model_); fake != nullptr) {
            return static_cast<std::int32_t>(static_cast<double>(most.pixels()) / fake->image_px_per_token);
        }
        return max_tokens_of(std::get<VisionModel>(model_), most);
    }
    [[nodiscard]] std::optional<Knee> knee(const ImageLimits& limits, double aspect) const {
        if (const FakeModel* fake = std::get_if<FakeModel>(&model_); fake != nullptr) {
            return fake_knee(*fake, limits, aspect);
        }
        return predict_knee(std::get<VisionModel>(model_), limits, aspect);
    }

   private:
    explicit Eyes(FakeModel fake) : model_(std::move(fake)) {}
    explicit Eyes(VisionModel vision) : model_(std::move(vision)) {}

    std::variant<FakeModel, VisionModel> model_;
};

// The clamps asked for; those of the protocol where none are, and where the projector has any.
Result<std::vector<ImageLimits>> limits_of(const ImageOptions& o, const Protocol& protocol, const Eyes& eyes) {
    std::vector<std::int32_t> most;
    for (const std::string& text : o.max_tokens) {
        auto list = parse_int_list(text);
        if (!list) {
            return tl::unexpected(list.error());
        }
        most.insert(most.end(), list->begin(), list->end());
    }
    std::vector<std::string> boxes = split_commas(o.max_pixels);
    if (most.empty() && boxes.empty() && eyes.clampable()) {
        boxes = split_commas({std::string(protocol.clamps)});
    }
    for (const std::string& box : boxes) {
        auto size = parse_resolutions(box, 1.0);
        if (!size) {
            return tl::unexpected(size.error());
        }
        for (const ImageSize one : *size) {
            auto tokens = eyes.tokens_of(one);
            if (!tokens) {
                return tl::unexpected(tokens.error());
            }
            most.push_back(*tokens);
        }
    }
    if (most.empty()) {
        most.push_back(0);
    }
    std::vector<ImageLimits> limits;
    for (const std::int32_t tokens : most) {
        limits.push_back({o.min_tokens, tokens});
        if (auto sane = eyes.check(limits.back()); !sane) {
            return tl::unexpected(sane.error());
        }
    }
    return limits;
}

Result<std::vector<Clamp>> clamps_of(const ImageOptions& o, const Protocol& protocol, const Seeing& seeing,
                                     double aspect) {
    auto eyes = Eyes::open(seeing);
    if (!eyes) {
        return tl::unexpected(eyes.error());
    }
    auto limits = limits_of(o, protocol, *eyes);
    if (!limits) {
        return tl::unexpected(limits.error());
    }
    std::map<std::string, std::string> projector;
    if (const VisionModel* vision = eyes->vision(); vision != nullptr) {
        auto hash = sha256_file(seeing.mmproj, &interrupt_requested);
        if (!hash) {
            return tl::unexpected(hash.error());
        }
        projector = {
            {"mmproj", seeing.mmproj.filename().string()}, {"mmproj_sha256", *hash}, {"projector", vision->projector}};
    }
    std::vector<Clamp> clamps;
    for (const ImageLimits& one : *limits) {
        Clamp clamp{one, projector};
        clamp.fields["image_min_tokens"] = std::to_string(one.min_tokens);
        clamp.fields["image_max_tokens"] = std::to_string(one.max_tokens);
        if (const auto knee = eyes->knee(one, aspect)) {
            clamp.fields["predicted_knee_px"] = fmt::format("{:.0f}", knee->pixels);
            clamp.fields["predicted_knee_tokens"] = std::to_string(knee->n_tokens);
        }
        clamps.push_back(std::move(clamp));
    }
    return clamps;
}

// The knee that the ladder is dense round: the middle one of the clamps, so that all lie within.
Result<std::vector<ImageSize>> sizes_of(const ImageOptions& o, const Protocol& protocol, const Seeing& first,
                                        const std::vector<Clamp>& clamps, double aspect) {
    if (!o.resolutions.empty()) {
        return parse_resolutions(o.resolutions, aspect);
    }
    auto eyes = Eyes::open(first);
    if (!eyes) {
        return tl::unexpected(eyes.error());
    }
    std::vector<ImageLimits> limits;
    limits.reserve(clamps.size());
    for (const Clamp& clamp : clamps) {
        limits.push_back(clamp.limits);
    }
    std::sort(limits.begin(), limits.end(),
              [](const ImageLimits& a, const ImageLimits& b) { return a.max_tokens < b.max_tokens; });
    return resolution_ladder(eyes->knee(limits[limits.size() / 2], aspect), aspect,
                             o.n_resolutions.value_or(protocol.n_resolutions));
}

}  // namespace

void add_image_options(CLI::App& command, ImageOptions& o) {
    command.add_option("--mm,--mmproj", o.mmproj,
                       "Vision projector: measures one picture at many sizes (a comma list: one a model; also -mm)");
    command.add_option("--image", o.image, "Picture to show (default: the built-in traffic scene)");
    command.add_option("--scene-seed", o.scene_seed, "Seed of the built-in scene")->capture_default_str();
    command.add_option("--question", o.question, "Asked of the picture (default: to describe the traffic scene)");
    command.add_option("--resolutions", o.resolutions, "Sizes to show it at: 640x360,1280x720 or heights 360p,720p");
    command.add_option("--n-resolutions", o.n_resolutions,
                       "How many sizes, spread round the predicted knee (default: the protocol's)");
    command.add_option("--image-min-tokens", o.min_tokens, "Least tokens an image costs, as in llama.cpp");
    command.add_option("--image-max-tokens", o.max_tokens, "Most tokens, the clamp; a list measures each");
    command.add_option("--image-max-pixels", o.max_pixels, "The clamp as a size, e.g. 1024x720; a list measures each");
    command.add_flag("--reload", o.reload, "Load the model anew for each picture (the paper protocol does)");
    command.add_flag("--no-reload", o.no_reload, "Keep it loaded, whatever the protocol");
}

Result<std::vector<Seeing>> pair_up(const ImageOptions& o, const std::vector<std::filesystem::path>& models) {
    const std::vector<std::string> projectors = split_commas(o.mmproj);
    std::vector<Seeing> pairs;
    for (std::size_t i = 0; i < models.size(); ++i) {
        if (is_fake_model(models[i])) {
            pairs.push_back({models[i], {}});
            continue;
        }
        if (projectors.empty()) {
            return fail(ErrorKind::Invalid,
                        fmt::format("{} needs a vision projector to see an image.", models[i].string()),
                        "Give the mmproj file that belongs to it with --mmproj.");
        }
        if (projectors.size() != 1 && projectors.size() != models.size()) {
            return fail(ErrorKind::Invalid,
                        fmt::format("{} projectors do not go with {} models.", projectors.size(), models.size()),
                        "Give --mmproj one file for all models, or one for each in the same order.");
        }
        pairs.push_back({models[i], projectors.size() == 1 ? projectors.front() : projectors[i]});
    }
    return pairs;
}

Result<ImageLadder> image_ladder_of(const ImageOptions& o, const Protocol& protocol,
                                    const std::vector<std::filesystem::path>& models) {
    ImageLadder ladder;
    double aspect = kSceneAspect;
    ladder.source = {o.image, o.scene_seed};
    ladder.fields["image"] = fmt::format("traffic scene {}", o.scene_seed);
    if (!o.image.empty()) {
        auto info = inspect_image(o.image);
        if (!info) {
            return tl::unexpected(info.error());
        }
        auto hash = sha256_file(o.image, &interrupt_requested);
        if (!hash) {
            return tl::unexpected(hash.error());
        }
        aspect = static_cast<double>(info->size.width) / info->size.height;
        ladder.fields["image"] = o.image.filename().string();
        ladder.fields["image_sha256"] = *hash;
    }
    ladder.reload = o.reload || (protocol.reload && !o.no_reload);
    ladder.fields["reload"] = ladder.reload ? "1" : "0";
    ladder.question = {"scene", o.question.empty() ? kSceneQuestion : o.question, "", ""};
    auto pairs = pair_up(o, models);
    if (!pairs) {
        return tl::unexpected(pairs.error());
    }
    for (const Seeing& pair : *pairs) {
        auto clamps = clamps_of(o, protocol, pair, aspect);
        if (!clamps) {
            return tl::unexpected(clamps.error());
        }
        ladder.clamps.push_back(std::move(*clamps));
    }
    auto sizes = sizes_of(o, protocol, pairs->front(), ladder.clamps.front(), aspect);
    if (!sizes) {
        return tl::unexpected(sizes.error());
    }
    ladder.sizes = std::move(*sizes);
    return ladder;
}

}  // namespace landauer
