// The one sentence a report opens with, and what its joules cover.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/run_image_laws.h"
#include "report/document.h"
#include "report/fields.h"
#include "report/plain_text.h"

namespace landauer {
namespace {

constexpr std::size_t kMostTests = 4;

const Law1* find_law(const RunAnalysis& run, std::string_view y) {
    const auto found = std::find_if(run.laws.begin(), run.laws.end(), [&](const Law1& law) { return law.y == y; });
    return found == run.laws.end() || chosen_fit(*found) == nullptr ? nullptr : &*found;
}

// The roundest prompt length (1, 2 or 5 times a power of ten) in the upper part of what was measured.
double example_length(const LawCard& card) {
    double best = std::round(0.5 * (card.x_min + card.x_max));
    for (double power = 1.0; power <= card.x_max; power *= 10.0) {
        for (const double step : {1.0, 2.0, 5.0}) {
            if (step * power >= card.x_min && step * power <= 0.75 * card.x_max) {
                best = step * power;
            }
        }
    }
    return best;
}

double median_answer(const RunAnalysis& run) {
    std::vector<std::int64_t> lengths;
    for (const PromptFigures& prompt : run.prompts) {
        if (prompt.n_valid > 0) {
            lengths.push_back(prompt.n_gen);
        }
    }
    if (lengths.empty()) {
        return 0.0;
    }
    std::nth_element(lengths.begin(), lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2), lengths.end());
    return static_cast<double>(lengths[lengths.size() / 2]);
}

std::string law_headline(const RunAnalysis& run, const Law1& seconds) {
    const LawCard& card = chosen_fit(seconds)->card;
    const double n_in = example_length(card);
    const double n_out = median_answer(run);
    std::string costs = amount_text(card.predict(n_in, n_out), card.y_unit);
    if (const Law1* const cpu = find_law(run, "cpu_s"); cpu != nullptr) {
        costs += fmt::format(" and {} of CPU time", amount_text(chosen_fit(*cpu)->card.predict(n_in, n_out), "s"));
    }
    if (const Law1* const energy = find_law(run, "net_energy_j"); energy != nullptr) {
        const Metric* const metric = find_metric("net_energy_j");
        costs += fmt::format(", and {} net of idle{}", amount_text(chosen_fit(*energy)->card.predict(n_in, n_out), "J"),
                             metric == nullptr ? "" : provenance_mark(run, *metric));
    }
    return fmt::format("A prompt of {} tokens{} costs {} on this machine: {}.", count_text(std::llround(n_in)),
                       n_out > 0 ? fmt::format(" with an answer of {:.0f}", n_out) : "", costs, law_words(card, n_out));
}

// "pp512 runs at 123 ± 2 tokens a second, tg128 at 45.0 ± 0.5."
std::string tests_headline(const RunAnalysis& run) {
    std::string out;
    const std::vector<BenchRow> rows = bench_rows(run);
    const std::size_t n = rows.size();
    for (const BenchRow& row : std::span(rows).first(std::min(n, kMostTests))) {
        const std::string speed = spread_text(row.mean_ts(), row.sd_ts(), 3);
        out += fmt::format("{}{} {}at {}{}", out.empty() ? "" : ", ", clean_text(row.prompt->prompt_id),
                           out.empty() ? "runs " : "", speed, out.empty() ? " tokens a second" : "");
    }
    if (n > kMostTests) {
        out += fmt::format(", and {} more tests follow", n - kMostTests);
    }
    return out.empty() ? out : out + ".";
}

std::string totals_headline(const RunAnalysis& run) {
    const auto seconds = run.totals.find("seconds");
    if (seconds == run.totals.end()) {
        return "No trial of this run could be used; the caveats say why.";
    }
    const auto cpu = run.totals.find("cpu_s");
    return fmt::format(
        "{} {} together take {}{}.", run.prompts.size(), is_image_run(*run.data) ? "sizes" : "prompts",
        amount_text(seconds->second, "s"),
        cpu == run.totals.end() ? "" : fmt::format(" and {} of CPU time", amount_text(cpu->second, "s")));
}

}  // namespace

std::string amount_text(const Estimate& estimate, std::string_view unit) {
    const Scale scale = scale_for(unit, estimate.value);
    const std::string text = estimate_text(scaled(estimate, scale.factor), 3);
    const std::size_t space = text.find(' ');
    return space == std::string::npos ? fmt::format("{} {}", text, scale.unit)
                                      : fmt::format("{} {}{}", text.substr(0, space), scale.unit, text.substr(space));
}

std::string headline_sentence(const RunAnalysis& run) {
    if (is_grid_run(run)) {
        if (std::string tests = tests_headline(run); !tests.empty()) {
            return tests;
        }
    } else if (is_image_run(*run.data)) {
        if (std::string image = image_headline(run); !image.empty()) {
            return image;
        }
    } else if (const Law1* const seconds = find_law(run, "seconds"); seconds != nullptr) {
        return law_headline(run, *seconds);
    }
    return totals_headline(run);
}

std::string energy_sentence(const RunAnalysis& run) {
    if (run.energy.empty()) {
        return "No energy meter could be read on this machine, so this report gives no joules.";
    }
    return fmt::format(
        "Joules cover {}, {}.{}", clean_text(run.energy.covers), clean_text(run.energy.provenance),
        run.energy.provenance == "modelled" ? " They are an estimate from a model, not a measurement." : "");
}

std::string windows_sentence(const RunAnalysis& run) {
    int resolvable = 0;
    int matched = 0;
    double error = 0.0;
    for (const DetectedWindows& windows : run.windows) {
        resolvable += windows.n_resolvable;
        matched += windows.n_matched;
        error = std::max(error, windows.median_edge_error_s);
    }
    if (resolvable == 0) {
        return {};
    }
    if (matched == 0) {
        return fmt::format("From the gradient of CPU use alone, none of {} marked windows was found.", resolvable);
    }
    return fmt::format(
        "From the gradient of CPU use alone, {} of {} marked windows were found; their edges lie {} from "
        "the engine's own marks (median).",
        matched, resolvable, quantity_text(error, "s", 2));
}

}  // namespace landauer
