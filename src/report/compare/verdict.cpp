// The sentence that the page opens with.
#include <fmt/format.h>

#include <array>

#include "analysis/run_image_laws.h"
#include "report/compare/document.h"

namespace landauer {
namespace {

struct Headline {
    std::string_view metric;
    std::string_view what;  // "CPU time"
};
constexpr std::array kHeadlines = {Headline{"cpu_s", "CPU time"}, Headline{"net_energy_j", "energy net of idle"},
                                   Headline{"rss_peak_bytes", "memory at its peak"}};

constexpr std::string_view kUses = "uses ";

std::string percent(double fraction) { return fmt::format("{:g} %", 100.0 * fraction); }

// The unseparated clauses give the effect itself, so that the reader sees how much could hide in it.
std::string time_clause(const Comparison& time, bool is_image, const CompareOptions& options) {
    const std::string_view what = is_image ? "answers about a picture" : "answers a prompt";
    switch (time.verdict) {
        case Verdict::equivalent:
            return fmt::format("{} in the same time within {} (ratio {})", what, percent(options.margin),
                               estimate_text(time.effect, 3));
        case Verdict::not_separated:
            return fmt::format("is not separated in time (ratio {})", estimate_text(time.effect, 3));
        default:
            return fmt::format("{} {}", what, effect_words(time, options));
    }
}

std::string cost_clause(const Comparison& cost, std::string_view what, const CompareOptions& options) {
    switch (cost.verdict) {
        case Verdict::equivalent:
            return fmt::format("uses the same {} within {}", what, percent(options.margin));
        case Verdict::not_separated:
            return fmt::format("is not separated in {} (ratio {})", what, estimate_text(cost.effect, 3));
        default:
            return fmt::format("uses {} {}", effect_words(cost, options), what);
    }
}

std::string accuracy_clause(const Comparison& accuracy, const CompareOptions& options) {
    const std::string difference = fmt::format("difference {} points", signed_text(accuracy.effect, 3));
    switch (accuracy.verdict) {
        case Verdict::equivalent:
            return fmt::format("is as accurate within {:g} points ({})", options.margin_accuracy, difference);
        case Verdict::not_separated:
            return fmt::format("is not separated in accuracy ({})", difference);
        default:
            return fmt::format("is {} accurate", effect_words(accuracy, options));
    }
}

// Perplexity of a text stands in where no answer was scored.
std::string quality_clause(const PairComparison& pair, const CompareOptions& options) {
    if (pair.accuracy) {
        const Accuracy& accuracy = *pair.accuracy;
        return accuracy_clause(accuracy.trimmed ? *accuracy.trimmed : accuracy.raw, options);
    }
    for (const Comparison& one : pair.quality) {
        if (one.metric->name == "exact_match" || one.metric->name == "perplexity" ||
            one.metric->name == "ln_ppl_ratio") {
            return fmt::format("is {} in {}", verdict_word(one.verdict), bare_header(*one.metric));
        }
    }
    return {};
}

std::string joined(const std::vector<std::string>& clauses) {
    std::string out;
    for (std::size_t i = 0; i < clauses.size(); ++i) {
        out += i == 0 ? "" : i + 1 == clauses.size() ? " and " : ", ";
        out += clauses[i];
    }
    return out;
}

}  // namespace

std::string verdict_sentence(const ModelComparison& comparison, const PairComparison& pair,
                             const CompareOptions& options) {
    std::vector<std::string> clauses;
    const RunAnalysis* const run = comparison.contenders.front().run;
    const bool is_image = run != nullptr && run->data != nullptr && is_image_run(*run->data);
    const std::string base = contender_name(comparison, 0);
    if (const Comparison* const time = find_cost(pair, "seconds"); time != nullptr) {
        const bool is_as = time->verdict == Verdict::better || time->verdict == Verdict::worse;
        clauses.push_back(time_clause(*time, is_image, options) + (is_as ? " as " + base : " from " + base));
        if (time->verdict == Verdict::equivalent) {
            clauses.back() = time_clause(*time, is_image, options) + " as " + base;
        }
    }
    bool has_used = false;
    for (const Headline& headline : kHeadlines) {
        if (const Comparison* const cost = find_cost(pair, headline.metric); cost != nullptr) {
            std::string clause = cost_clause(*cost, headline.what, options);
            const bool repeats = has_used && clause.starts_with(kUses);
            has_used = clause.starts_with(kUses);
            clauses.push_back(repeats ? clause.substr(kUses.size()) : std::move(clause));
        }
    }
    if (std::string quality = quality_clause(pair, options); !quality.empty()) {
        clauses.push_back(std::move(quality));
    }
    if (clauses.empty()) {
        return fmt::format("Nothing of {} and {} could be compared; the caveats say why.",
                           contender_name(comparison, pair.candidate), base);
    }
    return fmt::format("{} {}.", contender_name(comparison, pair.candidate), joined(clauses));
}

}  // namespace landauer
