#include "analysis/compare/verdict.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>

namespace landauer {
namespace {

constexpr double kLevel = 0.05;

Interval exponentiated(const Interval& interval) { return {std::exp(interval.low), std::exp(interval.high)}; }

bool is_within_margin(const Comparison& c, const CompareOptions& options) {
    if (c.scale == EffectScale::ratio) {
        return c.ci90.low > 1.0 / (1.0 + options.margin) && c.ci90.high < 1.0 + options.margin;
    }
    // Points of accuracy; shares of answers are the same on a scale of 1.
    const double margin = c.metric->unit == "points" ? options.margin_accuracy : options.margin_accuracy / 100.0;
    return c.ci90.low > -margin && c.ci90.high < margin;
}

}  // namespace

std::string_view name(Verdict verdict) {
    switch (verdict) {
        case Verdict::better:
            return "better";
        case Verdict::worse:
            return "worse";
        case Verdict::equivalent:
            return "equivalent";
        case Verdict::not_separated:
            break;
    }
    return "not separated";
}

std::vector<double> holm(std::span<const double> p) {
    std::vector<std::size_t> order(p.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
    std::vector<double> out(p.size());
    double least = 0.0;
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
        const double factor = static_cast<double>(order.size() - rank);
        least = std::max(least, std::min(1.0, factor * p[order[rank]]));
        out[order[rank]] = least;
    }
    return out;
}

Comparison comparison_of(const Metric& metric, EffectScale scale, const Clustered& clustered) {
    Comparison out;
    out.metric = &metric;
    out.scale = scale;
    const bool is_ratio = scale == EffectScale::ratio;
    out.effect.value = is_ratio ? std::exp(clustered.value) : clustered.value;
    out.effect.ci95 = is_ratio ? exponentiated(clustered.ci95) : clustered.ci95;
    out.ci90 = is_ratio ? exponentiated(clustered.ci90) : clustered.ci90;
    out.p = out.p_holm = clustered.p;
    return out;
}

Verdict verdict_of(const Comparison& c, const CompareOptions& options) {
    if (is_within_margin(c, options)) {
        return Verdict::equivalent;
    }
    const double none = c.scale == EffectScale::ratio ? 1.0 : 0.0;
    const bool leaves_out_none = c.effect.ci95.low > none || c.effect.ci95.high < none;
    if (c.p_holm >= kLevel || !leaves_out_none || c.metric->better == Better::neither) {
        return Verdict::not_separated;
    }
    const bool grew = c.effect.value > none;
    return grew == (c.metric->better == Better::higher) ? Verdict::better : Verdict::worse;
}

void judge_all(std::span<Comparison* const> comparisons, const CompareOptions& options) {
    std::vector<double> p(comparisons.size());
    std::transform(comparisons.begin(), comparisons.end(), p.begin(), [](const Comparison* c) { return c->p; });
    const std::vector<double> adjusted = holm(p);
    for (std::size_t i = 0; i < comparisons.size(); ++i) {
        comparisons[i]->p_holm = adjusted[i];
        comparisons[i]->verdict = verdict_of(*comparisons[i], options);
    }
}

}  // namespace landauer
