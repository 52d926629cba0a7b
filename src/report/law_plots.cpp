#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "analysis/run_image_laws.h"
#include "core/metrics.h"
#include "report/document.h"
#include "report/plain_text.h"
#include "report/plot_data.h"

namespace landauer {
namespace {

using Json = nlohmann::json;

constexpr int kLinePoints = 41;

double median_of(std::vector<double> values) {
    if (values.empty()) {
        return 0.0;
    }
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

struct Axis {
    bool over_answers = false;  // else over prompt tokens
    double other = 0.0;         // the tokens that are held fixed along the line
    double from = 0.0;
    double to = 0.0;
};

double tokens_in(const TrialRecord& trial) { return static_cast<double>(trial.n_prompt - trial.n_reused); }
double tokens_out(const TrialRecord& trial) { return static_cast<double>(trial.n_gen); }

Axis axis_of(const RunAnalysis& run, const Law1& law) {
    Axis axis;
    axis.over_answers = law.paper_form.form == "n_out";
    std::vector<double> along;
    std::vector<double> others;
    for (const TrialNet& net : run.trials) {
        const TrialRecord& trial = run.data->trials[net.index];
        along.push_back(axis.over_answers ? tokens_out(trial) : tokens_in(trial));
        others.push_back(axis.over_answers ? tokens_in(trial) : tokens_out(trial));
    }
    if (!along.empty()) {
        const auto [low, high] = std::minmax_element(along.begin(), along.end());
        axis.from = *low;
        axis.to = *high;
    }
    axis.other = median_of(std::move(others));
    return axis;
}

// Rows of x, low, law, high.
Json line_of(const LawCard& card, const Axis& axis) {
    Json out = Json::array();
    for (int i = 0; i < kLinePoints; ++i) {
        const double x = axis.from + (axis.to - axis.from) * i / (kLinePoints - 1);
        const Estimate y = axis.over_answers ? card.predict(axis.other, x) : card.predict(x, axis.other);
        out.push_back(Json::array({drawn(x), drawn(y.ci95.low), drawn(y.value), drawn(y.ci95.high)}));
    }
    return out;
}

std::string note_of(const Axis& axis, const LawFit& fit) {
    if (axis.over_answers || find_term(fit.card, "n_out") == nullptr) {
        return {};
    }
    return fmt::format("The line is drawn for answers of {:.0f} tokens.", axis.other);
}

Json one_law(const RunAnalysis& run, const Law1& law, const LawFit& fit, const std::vector<std::size_t>& shown,
             const std::unordered_map<std::size_t, const TrialNet*>& net) {
    const Metric* const metric = find_metric(law.y);
    const Axis axis = axis_of(run, law);
    Json values = Json::array();
    for (const std::size_t i : shown) {
        const auto valid = net.find(i);
        const auto& figures = valid == net.end() ? run.data->trials[i].figures : valid->second->figures;
        const auto found = figures.find(law.y);
        values.push_back(found == figures.end() ? Json(nullptr) : drawn(found->second));
    }
    return {{"metric", clean_text(law.y)},
            {"header", metric == nullptr ? clean_text(law.y) : bare_header(run, *metric)},
            {"unit", clean_text(fit.card.y_unit)},
            {"x", axis.over_answers ? "n_out" : "n_in"},
            {"x_label", axis.over_answers ? "tokens generated" : "prompt tokens processed"},
            {"line", line_of(fit.card, axis)},
            {"y", std::move(values)},
            {"formula", law_formula(fit.card)},
            {"quality", law_quality(fit.card)},
            {"choice", law_choice(law)},
            {"warning", law_warning(law)},
            {"note", note_of(axis, fit)}};
}

}  // namespace

// Which trials are drawn: all, or an even choice that no period of the plan can fool
// (multiples of the golden ratio modulo one are spread evenly over every stretch). Spoiled
// ones are looked for, so all are drawn while they are few.
std::vector<std::size_t> drawn_trials(const std::vector<TrialRecord>& trials, std::size_t most) {
    std::vector<std::size_t> out;
    const std::size_t n = trials.size();
    const auto is_spoiled = [](const TrialRecord& trial) { return trial.grade == Grade::C; };
    const auto n_spoiled = static_cast<std::size_t>(std::count_if(trials.begin(), trials.end(), is_spoiled));
    const bool keeps_spoiled = 10 * n_spoiled <= most;
    const double share = static_cast<double>(most) / static_cast<double>(std::max<std::size_t>(n, 1));
    for (std::size_t i = 0; i < n; ++i) {
        double whole = 0.0;
        if (n <= most || (keeps_spoiled && is_spoiled(trials[i])) ||
            std::modf(static_cast<double>(i) * 0.6180339887498949, &whole) < share) {
            out.push_back(i);
        }
    }
    return out;
}

Json drawn(double value) {
    if (!std::isfinite(value)) {
        return nullptr;
    }
    if (value == 0.0) {
        return 0;
    }
    const int exponent = static_cast<int>(std::floor(std::log10(std::abs(value))));
    const double step = std::pow(10.0, std::abs(4 - exponent));
    const double rounded = exponent <= 4 ? std::round(value * step) / step : std::round(value / step) * step;
    const bool is_whole = std::abs(rounded) < 1e15 && rounded == std::trunc(rounded);
    return is_whole ? Json(static_cast<std::int64_t>(rounded)) : Json(rounded);
}

Json law_plots(const RunAnalysis& run, const PlotLimits& limits) {
    const auto& trials = run.data->trials;
    const std::vector<std::size_t> shown = drawn_trials(trials, limits.points);
    std::unordered_map<std::size_t, const TrialNet*> net;
    for (const TrialNet& trial : run.trials) {
        net.emplace(trial.index, &trial);
    }
    Json prompts = Json::array();
    std::unordered_map<std::string, std::size_t> places;
    Json columns = {
        {"n_in", Json::array()}, {"n_out", Json::array()}, {"prompt", Json::array()}, {"rep", Json::array()}};
    std::string grades;
    for (const std::size_t i : shown) {
        const TrialRecord& trial = trials[i];
        const auto [place, is_new] = places.emplace(trial.prompt_id, places.size());
        if (is_new) {
            prompts.push_back(clean_text(trial.prompt_id));
        }
        columns["n_in"].push_back(trial.n_prompt - trial.n_reused);
        columns["n_out"].push_back(trial.n_gen);
        columns["prompt"].push_back(place->second);
        columns["rep"].push_back(trial.repetition);
        grades += static_cast<char>(trial.grade);
    }
    columns["grade"] = grades;
    columns["of"] = trials.size();
    Json laws = Json::array();
    for (const Law1& law : run.laws) {
        if (const LawFit* const fit = chosen_fit(law); fit != nullptr) {
            laws.push_back(one_law(run, law, *fit, shown, net));
        }
    }
    return {{"prompts", std::move(prompts)}, {"trials", std::move(columns)}, {"laws", std::move(laws)}};
}

Json phase_plot(const RunAnalysis& run, const PlotLimits& limits) {
    std::vector<const PromptFigures*> prompts;
    for (const PromptFigures& prompt : run.prompts) {
        if (prompt.n_valid > 0) {
            prompts.push_back(&prompt);
        }
    }
    const auto value = [](const PromptFigures& prompt, const char* name) {
        const auto found = prompt.figures.find(name);
        return found == prompt.figures.end() ? Json(0) : drawn(found->second.value);
    };
    Json rows = Json::array();
    const std::size_t n = std::min(prompts.size(), limits.bars);
    for (std::size_t i = 0; i < n; ++i) {
        // Both ends and an even choice between them.
        const PromptFigures& prompt = *prompts[n < 2 ? i : i * (prompts.size() - 1) / (n - 1)];
        rows.push_back({{"id", clean_text(prompt.prompt_id)},
                        {"n_in", prompt.n_prompt - prompt.n_reused},
                        {"n_out", prompt.n_gen},
                        {"prefill", value(prompt, "prefill_s")},
                        {"decode", value(prompt, "decode_s")}});
        if (prompt.image.width > 0) {
            rows.back()["n_in"] = prompt.n_prompt - prompt.image.n_tokens;
            rows.back()["n_image"] = prompt.image.n_tokens;
            rows.back()["preprocess"] = value(prompt, "preprocess_s");
            rows.back()["encode"] = value(prompt, "encode_s");
            rows.back()["image_prefill"] = value(prompt, "image_prefill_s");
        }
    }
    return {{"rows", std::move(rows)}, {"of", prompts.size()}};
}

Json plot_data(const RunAnalysis& run, const PlotLimits& limits) {
    Json out = law_plots(run, limits);
    out["phases"] = phase_plot(run, limits);
    out["sessions"] = trace_plots(run, limits);
    if (is_image_run(*run.data)) {
        out["image"] = image_plots(run, limits);
    }
    return out;
}

}  // namespace landauer
