// What a picture costs against its size: points, fitted lines and knees, as the page draws them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "analysis/run_image_laws.h"
#include "report/document.h"
#include "report/law2_sentence.h"
#include "report/plain_text.h"
#include "report/plot_data.h"

namespace landauer {
namespace {

using Json = nlohmann::json;

constexpr int kLinePoints = 41;
constexpr double kMegapixel = 1e6;

// Rows of x, low, law, high: evenly on a logarithmic axis, and at the knee itself.
Json line_of(const LawCard& card, double x_unit) {
    std::vector<double> xs;
    for (int i = 0; i < kLinePoints && card.x_min > 0.0; ++i) {
        xs.push_back(card.x_min * std::pow(card.x_max / card.x_min, static_cast<double>(i) / (kLinePoints - 1)));
    }
    if (card.knee && card.knee->value > card.x_min && card.knee->value < card.x_max) {
        xs.push_back(card.knee->value);
        std::sort(xs.begin(), xs.end());
    }
    Json out = Json::array();
    for (const double x : xs) {
        const Estimate y = card.predict_image(x);
        out.push_back(Json::array({drawn(x / x_unit), drawn(y.ci95.low), drawn(y.value), drawn(y.ci95.high)}));
    }
    return out;
}

const LawCard* card_on(const Law2& law, ImageVariable variable) {
    if (law.card.x == name(variable)) {
        return &law.card;
    }
    return law.pixel_card && law.pixel_card->x == name(variable) ? &*law.pixel_card : nullptr;
}

// Where one was found: its value and its interval's ends, null where the trials set no bound.
Json knee_of(const Law2& law) {
    if (!law.on_nominal_px || !law.on_nominal_px->knee) {
        return nullptr;
    }
    const Estimate& knee = law.on_nominal_px->knee->knee;
    return Json::array(
        {drawn(knee.value / kMegapixel), drawn(knee.ci95.low / kMegapixel), drawn(knee.ci95.high / kMegapixel)});
}

Json one_law(const RunAnalysis& run, const Law2& law, const std::vector<std::size_t>& shown,
             const std::unordered_map<std::size_t, const TrialNet*>& net) {
    const Metric* const metric = find_metric(law.y);
    Json values = Json::array();
    for (const std::size_t i : shown) {
        const auto valid = net.find(i);
        const auto& figures = valid == net.end() ? run.data->trials[i].figures : valid->second->figures;
        const auto found = figures.find(law.y);
        values.push_back(found == figures.end() ? Json(nullptr) : drawn(found->second));
    }
    const LawCard* const on_pixels = card_on(law, ImageVariable::nominal_px);
    const LawCard* const on_tokens = card_on(law, ImageVariable::image_tokens);
    return {{"metric", clean_text(law.y)},
            {"header", metric == nullptr ? clean_text(law.y) : bare_header(run, *metric)},
            {"unit", clean_text(law.card.y_unit)},
            {"y", std::move(values)},
            {"pixels", on_pixels == nullptr ? Json::array() : line_of(*on_pixels, kMegapixel)},
            {"tokens", on_tokens == nullptr ? Json::array() : line_of(*on_tokens, 1.0)},
            {"knee", knee_of(law)},
            {"predicted", law.check ? drawn(law.check->predicted_px / kMegapixel) : Json(nullptr)},
            {"formula", law2_formula(law.card)},
            {"quality", law2_quality(law)},
            {"choice", law2_choice(law)},
            {"words", law2_knee(law, image_aspect(run))}};
}

}  // namespace

Json image_plots(const RunAnalysis& run, const PlotLimits& limits) {
    const auto& trials = run.data->trials;
    const std::vector<std::size_t> shown = drawn_trials(trials, limits.points);
    std::unordered_map<std::size_t, const TrialNet*> net;
    for (const TrialNet& trial : run.trials) {
        net.emplace(trial.index, &trial);
    }
    Json pixels = Json::array();
    Json tokens = Json::array();
    for (const std::size_t i : shown) {
        const ImageRecord& image = trials[i].image;
        pixels.push_back(drawn(static_cast<double>(ImageSize{image.width, image.height}.pixels()) / kMegapixel));
        tokens.push_back(image.n_tokens);
    }
    Json laws = Json::array();
    for (const Law2& law : run.image_laws) {
        laws.push_back(one_law(run, law, shown, net));
    }
    return {{"clamp", clean_text(clamp_words(run.data->run))},
            {"pixels", std::move(pixels)},
            {"tokens", std::move(tokens)},
            {"laws", std::move(laws)}};
}

}  // namespace landauer
