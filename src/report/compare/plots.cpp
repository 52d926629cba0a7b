// The series behind the verdict page's pictures.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/compare/document.h"
#include "report/compare/formats.h"
#include "report/compress/report.h"
#include "report/heal/report.h"
#include "report/plain_text.h"
#include "report/plot_data.h"

namespace landauer {
namespace {

using Json = nlohmann::json;

constexpr int kLinePoints = 41;
constexpr std::array<std::string_view, 5> kDrawnLaws = {"seconds", "cpu_s", "cpu_auc_pct_s", "ram_auc_gib_s",
                                                        "net_energy_j"};

Json forest(const PairDocument& pair) {
    Json rows = Json::array();
    for (const EffectRow& row : pair.costs) {
        const Comparison& cost = *row.comparison;
        if (cost.scale != EffectScale::ratio || !(cost.effect.ci95.low > 0.0)) {
            continue;
        }
        rows.push_back({{"name", bare_header(*cost.metric)},
                        {"ratio", drawn(cost.effect.value)},
                        {"low", drawn(cost.effect.ci95.low)},
                        {"high", drawn(cost.effect.ci95.high)},
                        {"verdict", row.verdict},
                        {"better", cost.metric->better == Better::higher ? "higher" : "lower"},
                        {"text", row.effect},
                        {"words", row.words}});
    }
    return rows;
}

// The chosen law of one model over the prompt's tokens or the picture's, and its prompts' means.
struct DrawnLaw {
    const LawCard* card = nullptr;
    bool is_image = false;
};

DrawnLaw find_drawn(const RunAnalysis& run, std::string_view y) {
    for (const Law1& law : run.laws) {
        if (law.y == y && chosen_fit(law) != nullptr) {
            return {&chosen_fit(law)->card, false};
        }
    }
    for (const Law2& law : run.image_laws) {
        if (law.y == y && !law.card.terms.empty()) {
            return {&law.card, true};
        }
    }
    return {};
}

double usual_answer(const RunAnalysis& run) {
    std::vector<double> lengths;
    lengths.reserve(run.prompts.size());
    for (const PromptFigures& prompt : run.prompts) {
        lengths.push_back(static_cast<double>(prompt.n_gen));
    }
    if (lengths.empty()) {
        return 0.0;
    }
    const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2);
    std::nth_element(lengths.begin(), middle, lengths.end());
    return *middle;
}

double x_of(const PromptFigures& prompt, const DrawnLaw& law) {
    if (!law.is_image) {
        return static_cast<double>(prompt.n_prompt - prompt.n_reused);
    }
    return law.card->x == "image_tokens" ? static_cast<double>(prompt.image.n_tokens)
           : law.card->x == "effective_px"
               ? static_cast<double>(prompt.image.effective_px)
               : static_cast<double>(prompt.image.width) * static_cast<double>(prompt.image.height);
}

Json law_of(const RunAnalysis& run, std::string_view y, const std::string& name) {
    const DrawnLaw law = find_drawn(run, y);
    if (law.card == nullptr) {
        return nullptr;
    }
    const LawCard& card = *law.card;
    const double n_out = usual_answer(run);
    Json line = Json::array();
    for (int i = 0; i < kLinePoints; ++i) {
        const double x = card.x_min + (card.x_max - card.x_min) * i / (kLinePoints - 1);
        const Estimate at = law.is_image ? card.predict_image(x) : card.predict(x, n_out);
        line.push_back(Json::array({drawn(x), drawn(at.ci95.low), drawn(at.value), drawn(at.ci95.high)}));
    }
    Json points = Json::array();
    for (const PromptFigures& prompt : run.prompts) {
        if (const auto found = prompt.figures.find(std::string(y)); found != prompt.figures.end()) {
            points.push_back(
                Json::array({drawn(x_of(prompt, law)), drawn(found->second.value), clean_text(prompt.prompt_id)}));
        }
    }
    std::string x = "prompt tokens processed";
    if (law.is_image) {
        x = card.x == "image_tokens" ? "image tokens" : "pixels";
    }
    return {{"name", name},
            {"x", x},
            {"line", std::move(line)},
            {"points", std::move(points)},
            {"formula", law.is_image ? clean_text(card.formula) : law_formula(card)}};
}

Json laws(const ModelComparison& comparison, const PairComparison& pair) {
    Json out = Json::array();
    const RunAnalysis& base = *comparison.contenders.front().run;
    const RunAnalysis& candidate = *comparison.contenders.at(pair.candidate).run;
    for (const std::string_view y : kDrawnLaws) {
        const Metric* const metric = find_metric(y);
        Json a = law_of(base, y, contender_name(comparison, 0));
        Json b = law_of(candidate, y, contender_name(comparison, pair.candidate));
        if (metric == nullptr || a.is_null() || b.is_null() || a["x"] != b["x"]) {
            continue;
        }
        const std::string x = a["x"];
        out.push_back({{"header", bare_header(base, *metric)},
                       {"unit", metric->unit},
                       {"x", x},
                       {"models", Json::array({std::move(a), std::move(b)})}});
    }
    return out;
}

Json pareto(const ModelComparison& comparison) {
    Json points = Json::array();
    if (comparison.cost_metric == nullptr) {
        return points;
    }
    for (const ParetoPoint& point : comparison.pareto) {
        points.push_back({{"name", contender_name(comparison, point.contender)},
                          {"cost", drawn(point.cost.value)},
                          {"cost_low", drawn(point.cost.ci95.low)},
                          {"cost_high", drawn(point.cost.ci95.high)},
                          {"accuracy", drawn(point.accuracy.value)},
                          {"accuracy_low", drawn(point.accuracy.ci95.low)},
                          {"accuracy_high", drawn(point.accuracy.ci95.high)},
                          {"front", point.on_front}});
    }
    return points;
}

}  // namespace

Json compare_plots(const CompareReport& report) {
    const ModelComparison& comparison = *report.comparison;
    const CompareDocument document = make_compare_document(report);
    Json out = Json::array();
    for (std::size_t i = 0; i < comparison.pairs.size(); ++i) {
        out.push_back({{"margin", report.options.margin},
                       {"forest", forest(document.pairs[i])},
                       {"laws", laws(comparison, comparison.pairs[i])}});
    }
    const Metric* const cost = comparison.cost_metric;
    out.push_back({{"pareto", pareto(comparison)},
                   {"cost", cost == nullptr ? std::string() : bare_header(*cost)},
                   {"unit", cost == nullptr ? std::string() : std::string(cost->unit)}});
    if (report.compression != nullptr) out.push_back(compress_plots(*report.compression));
    if (report.healing != nullptr) out.push_back(heal_plots(*report.healing));
    return out;
}

}  // namespace landauer
