#include "cli/predict_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "cli/analysis_output.h"
#include "engine/engine.h"
#include "gguf/summary.h"

namespace landauer {
namespace {

constexpr std::array kPaperClamps = {ImageSize{1024, 720}, ImageSize{854, 594}, ImageSize{714, 496}};
constexpr std::int64_t kLeastAdvised = 64;  // tokens: little is seen with fewer
constexpr double kSameAspect = 0.01;

Result<std::vector<SizeCost>> costs_of(const PredictRequest& request, const VisionModel& vision, bool& counted) {
    std::vector<SizeCost> out;
    counted = vision.preprocessing == Preprocessing::unknown;
    if (!counted) {
        for (const ImageSize size : request.sizes)
            out.push_back({size, *predict_image(vision, request.limits, size), {}});
        return out;
    }
    if (request.model.empty()) {
        return fail(ErrorKind::Invalid,
                    fmt::format("A projector of type {} is not predicted from its header.", vision.projector),
                    "Give its language model with -m: libmtmd then counts the tokens, which loads the projector.");
    }
    const auto costs = count_image_tokens(request.model, request.mmproj, request.limits, request.sizes);
    if (!costs) return tl::unexpected(costs.error());
    for (std::size_t i = 0; i < costs->size(); ++i) out.push_back({request.sizes[i], (*costs)[i], {}});
    return out;
}

std::vector<AspectKnee> knees_of(const PredictRequest& request, const VisionModel& vision) {
    std::vector<AspectKnee> out;
    for (const ImageSize size : request.sizes) {
        const double aspect = static_cast<double>(size.width) / size.height;
        const bool known = std::any_of(out.begin(), out.end(), [aspect](const AspectKnee& knee) {
            return std::abs(knee.aspect - aspect) < kSameAspect * aspect;
        });
        if (!known) out.push_back({aspect, predict_knee(vision, request.limits, aspect)});
    }
    return out;
}

ClampCost clamp_at(std::string name, std::int32_t max_tokens) {
    ClampCost clamp;
    clamp.name = std::move(name);
    clamp.max_tokens = max_tokens;
    return clamp;
}

// Names and limits to compare: none, the paper's three, the user's own; with --advise also halvings.
std::vector<ClampCost> clamps_to_try(const PredictRequest& request, const VisionModel& vision) {
    std::vector<ClampCost> clamps(1);
    clamps.front().name = "none";
    for (const ImageSize most : kPaperClamps) {
        const auto tokens = max_tokens_of(vision, most);
        if (tokens) clamps.push_back(clamp_at(fmt::format("{}x{}", most.width, most.height), *tokens));
    }
    for (std::int64_t part = 2; request.advise && vision.max_tokens / part >= kLeastAdvised; part *= 2) {
        clamps.push_back(
            clamp_at(fmt::format("1/{} of the model's", part), static_cast<std::int32_t>(vision.max_tokens / part)));
    }
    const std::int32_t own = request.limits.max_tokens;
    const auto same = std::find_if(clamps.begin(), clamps.end(), [own](const auto& c) { return c.max_tokens == own; });
    if (same == clamps.end()) {
        clamps.push_back(clamp_at("yours", own));
    } else if (own > 0) {
        same->name += ", yours";
    }
    std::stable_sort(clamps.begin() + 1, clamps.end(),
                     [](const ClampCost& a, const ClampCost& b) { return a.max_tokens > b.max_tokens; });
    return clamps;
}

ImageSize largest_of(const PredictRequest& request) {
    return *std::max_element(request.sizes.begin(), request.sizes.end(),
                             [](ImageSize a, ImageSize b) { return a.pixels() < b.pixels(); });
}

// False for limits that the model does not take.
bool fill_in(const PredictRequest& request, const VisionModel& vision, const std::vector<ClampCost>& others,
             ClampCost& clamp) {
    const ImageLimits limits{request.limits.min_tokens, clamp.max_tokens};
    if (!check_limits(vision, limits)) return false;
    clamp.n_tokens = predict_image(vision, limits, largest_of(request)).value_or(ImageCost{}).n_tokens;
    const std::int64_t without = others.empty() ? clamp.n_tokens : others.front().n_tokens;
    clamp.saved = 1.0 - static_cast<double>(clamp.n_tokens) / static_cast<double>(without);
    return true;
}

std::vector<ClampCost> clamps_of(const PredictRequest& request, const VisionModel& vision) {
    std::vector<ClampCost> out;
    if (!vision.takes_limits || request.sizes.empty()) return out;
    for (ClampCost clamp : clamps_to_try(request, vision)) {
        if (fill_in(request, vision, out, clamp)) out.push_back(clamp);
    }
    return out;
}

// One that was measured, beside those that are listed anyway.
void add_clamp(const PredictRequest& request, std::int32_t max_tokens, PredictView& view) {
    const auto before = std::find_if(view.clamps.begin(), view.clamps.end(), [&](const ClampCost& clamp) {
        return clamp.max_tokens <= max_tokens && clamp.max_tokens > 0;
    });
    if (view.clamps.empty() || max_tokens == 0 || (before != view.clamps.end() && before->max_tokens == max_tokens)) {
        return;
    }
    ClampCost clamp = clamp_at("measured", max_tokens);
    if (view.vision && fill_in(request, *view.vision, view.clamps, clamp)) view.clamps.insert(before, clamp);
}

Result<void> add_images(const PredictRequest& request, const GgufSummary* model, PredictView& view) {
    auto vision = read_vision_model(request.mmproj);
    if (!vision) return tl::unexpected(vision.error());
    if (model != nullptr) {
        if (auto fit = check_pair(*vision, *model); !fit) return fit;
    }
    if (auto fit = check_limits(*vision, request.limits); !fit) return fit;
    auto images = costs_of(request, *vision, view.counted);
    if (!images) return tl::unexpected(images.error());
    view.images = std::move(*images);
    view.limits = request.limits;
    if (!view.counted) {
        view.knees = knees_of(request, *vision);
        view.clamps = clamps_of(request, *vision);
    }
    view.vision = std::move(*vision);
    return {};
}

// Of every image, and of the largest under every clamp.
void add_image_costs(const LawCards& cards, const PredictRequest& request, PredictView& view) {
    for (SizeCost& image : view.images) {
        image.laws = cards.of_image(image.cost.n_tokens, request.n_prompt, request.n_gen);
    }
    for (ClampCost& clamp : view.clamps) {
        for (const LawCost& cost : cards.of_image(clamp.n_tokens, request.n_prompt, request.n_gen)) {
            if (cost.y == "seconds") clamp.seconds = cost.value;
        }
    }
}

Result<void> add_laws(const PredictRequest& request, const std::string& model, PredictView& view) {
    if (request.cards.empty()) {
        view.notes.emplace_back(
            "No seconds and no joules without law cards of this machine: landauer bench -m MODEL, landauer laws "
            "--cards DIR, then predict --cards DIR.");
        return {};
    }
    auto cards = read_law_cards(request.cards, model);
    if (!cards) return tl::unexpected(cards.error());
    add_image_costs(*cards, request, view);
    const bool has_text_cards = !cards->text.empty();
    const std::string answers =
        cards->answers_note({{static_cast<double>(request.n_prompt), static_cast<double>(request.n_gen), 1.0}});
    if (!answers.empty() && request.n_prompt + request.n_gen > 0) view.notes.push_back(answers);
    if (view.images.empty() || cards->image.empty()) view.costs = cards->of_text(request.n_prompt, request.n_gen);
    if (!view.images.empty() && cards->image.empty()) {
        view.notes.emplace_back(
            "The costs are those of text and answer: the cards have no law of images. landauer bench --mmproj "
            "MMPROJ --image FILE measures one.");
    } else if (!view.images.empty() && (!has_text_cards || request.n_prompt + request.n_gen == 0)) {
        view.notes.emplace_back(
            "Each image's cost holds the question and the answer that it was measured with; for others give -p and "
            "-n, with cards of a text ladder (landauer bench without --mmproj) in the same folder.");
    }
    return {};
}

// Marks the clamps whose stored answers are scored.
void mark(const ClampAdvice& advice, PredictView& view) {
    for (const ClampAnswers& answers : advice.clamps) {
        for (ClampCost& clamp : view.clamps) {
            if (clamp.max_tokens == answers.max_tokens) {
                clamp.answers = answers;
                clamp.is_advised = advice.advised > 0 && clamp.max_tokens == advice.advised;
            }
        }
    }
    view.notes.push_back(
        advice.advised > 0
            ? fmt::format("--image-max-tokens {} is the narrowest measured clamp whose answers are not worse than the "
                          "widest's by more than {:g} points (at 5 %).",
                          advice.advised, advice.margin)
            : fmt::format("No measured clamp is shown to answer as well as the widest within {:g} points: keep it, or "
                          "score more pictures.",
                          advice.margin));
}

Result<void> add_advice(const PredictRequest& request, const std::string& model, PredictView& view) {
    std::error_code unused;
    if (!std::filesystem::exists(request.store, unused)) {
        view.notes.push_back(
            fmt::format("Which clamp still answers as well is not told by tokens, and {} holds no scored "
                        "answers, so none is marked: landauer bench --mmproj MMPROJ --image-max-tokens "
                        "A,B, landauer score, then predict --advise --store FILE.",
                        request.store.string()));
        return {};
    }
    auto runs = analyse_image_runs(request.store, model);
    if (!runs) return tl::unexpected(runs.error());
    CompareOptions options;
    options.margin_accuracy = request.margin_accuracy;
    const auto advice = advise_clamp(runs->analyses, options);
    if (!advice) {
        view.notes.push_back(advice.error().sentence + " " + advice.error().remedy);
        return {};
    }
    for (const ClampAnswers& answers : advice->clamps) add_clamp(request, answers.max_tokens, view);
    mark(*advice, view);
    return {};
}

}  // namespace

Result<PredictView> predict_view(const PredictRequest& request) {
    PredictView view;
    view.n_prompt = request.n_prompt;
    view.n_gen = request.n_gen;
    std::optional<GgufSummary> model;
    if (!request.model.empty()) {
        auto summary = inspect_gguf(request.model);
        if (!summary) return tl::unexpected(summary.error());
        if (summary->architecture == "clip") return tl::unexpected(check_pair({}, *summary).error());
        model = std::move(*summary);
    }
    if (!request.mmproj.empty()) {
        if (auto done = add_images(request, model ? &*model : nullptr, view); !done) {
            return tl::unexpected(done.error());
        }
    }
    if (request.advise) {
        if (auto done = add_advice(request, model ? model->name : "", view); !done) {
            return tl::unexpected(done.error());
        }
    }
    if (auto done = add_laws(request, model ? model->name : "", view); !done) return tl::unexpected(done.error());
    return view;
}

}  // namespace landauer
