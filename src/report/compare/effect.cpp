// One metric of a pair as a line: figures, effect and what it is in words.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/compare/document.h"
#include "report/plain_text.h"

namespace landauer {
namespace {

std::string p_words(double p) {
    if (!std::isfinite(p)) {
        return "\u2013";
    }
    return p < 0.0001 ? "< 0.0001" : p > 0.995 ? "1" : fmt::format("{:.2g}", p);
}

// "57.6 % [57.0, 58.2] less", "12 % [9, 15] more".
std::string amount_words(const Estimate& ratio) {
    const Estimate change = percent_change(ratio);
    if (ratio.value < 1.0) {
        return amount_text({-change.value, {-change.ci95.high, -change.ci95.low}}, "%") + " less";
    }
    return amount_text(change, "%") + " more";
}

std::string ratio_words(const Comparison& comparison) {
    const std::string_view name = comparison.metric->name;
    const bool is_speed = comparison.metric->better == Better::higher && comparison.metric->unit == "t/s";
    if (name == "seconds" || is_speed) {
        const Estimate speed = is_speed ? comparison.effect : inverse(comparison.effect);
        return speed.value >= 1.0 ? estimate_text(speed, 3) + " times as fast"
                                  : estimate_text(inverse(speed), 3) + " times as slow";
    }
    return amount_words(comparison.effect);
}

std::string margin_words(const Comparison& comparison, const CompareOptions& options) {
    return comparison.scale == EffectScale::ratio ? fmt::format("within {:g} %", 100.0 * options.margin)
                                                  : fmt::format("within {:g} points", options.margin_accuracy);
}

}  // namespace

std::string_view verdict_word(Verdict verdict) {
    constexpr std::array<std::string_view, 4> kWords = {"better", "worse", "not separated", "equivalent"};
    return kWords.at(static_cast<std::size_t>(verdict));
}

std::string without_interval(std::string_view text) {
    const std::size_t open = text.find(" [");
    const std::size_t close = text.find(']', open == std::string_view::npos ? 0 : open);
    return open == std::string_view::npos || close == std::string_view::npos
               ? std::string(text)
               : std::string(text.substr(0, open)) + std::string(text.substr(close + 1));
}

Estimate inverse(const Estimate& ratio) { return {1.0 / ratio.value, {1.0 / ratio.ci95.high, 1.0 / ratio.ci95.low}}; }

Estimate percent_change(const Estimate& ratio) {
    return {100.0 * (ratio.value - 1.0), {100.0 * (ratio.ci95.low - 1.0), 100.0 * (ratio.ci95.high - 1.0)}};
}

std::string signed_text(const Estimate& estimate, int digits) {
    return (estimate.value > 0.0 ? "+" : "") + estimate_text(estimate, digits);
}

std::string ratio_text(const Estimate& ratio) {
    const std::string text = estimate_text(ratio, 3);
    const std::size_t space = std::min(text.find(' '), text.size());
    return text.substr(0, space) + "\u00d7" + text.substr(space);
}

const Comparison* find_cost(const PairComparison& pair, std::string_view metric) {
    const auto found = std::find_if(pair.costs.begin(), pair.costs.end(),
                                    [&](const Comparison& c) { return c.metric->name == metric; });
    return found == pair.costs.end() ? nullptr : &*found;
}

std::string contender_name(const ModelComparison& comparison, std::size_t index) {
    return clean_text(comparison.contenders.at(index).name);
}

std::string effect_words(const Comparison& comparison, const CompareOptions& options) {
    if (comparison.verdict == Verdict::equivalent) {
        return "the same " + margin_words(comparison, options);
    }
    if (comparison.verdict == Verdict::not_separated) {
        return "not told apart";
    }
    if (comparison.scale == EffectScale::ratio) {
        return ratio_words(comparison);
    }
    const Estimate size =
        comparison.effect.value < 0.0
            ? Estimate{-comparison.effect.value, {-comparison.effect.ci95.high, -comparison.effect.ci95.low}}
            : comparison.effect;
    return fmt::format("{} {}", amount_text(size, comparison.metric->unit == "1" ? "" : comparison.metric->unit),
                       comparison.effect.value < 0.0 ? "less" : "more");
}

EffectRow effect_row(const Comparison& comparison, const CompareOptions& options) {
    const Metric& metric = *comparison.metric;
    const Scale scale = scale_for(metric.unit, comparison.base.value);
    EffectRow row;
    row.comparison = &comparison;
    row.header = bare_header(metric) + (metric.unit == "1" ? "" : fmt::format(" ({})", scale.unit));
    row.base = estimate_text(scaled(comparison.base, scale.factor), metric.digits);
    row.candidate = estimate_text(scaled(comparison.candidate, scale.factor), metric.digits);
    row.effect =
        comparison.scale == EffectScale::ratio ? ratio_text(comparison.effect) : signed_text(comparison.effect, 3);
    row.p_holm = p_words(comparison.p_holm);
    row.verdict = verdict_word(comparison.verdict);
    row.words = effect_words(comparison, options);
    return row;
}

}  // namespace landauer
