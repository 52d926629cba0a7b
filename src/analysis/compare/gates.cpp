#include "analysis/compare/gates.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

namespace landauer {
namespace {

// Words that people use, beside the metrics' own names.
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kAliases = {{{"wh_per_prompt", "wh"},
                                                                                    {"time", "seconds"},
                                                                                    {"accuracy", "similarity"},
                                                                                    {"kl", "kl_mean"},
                                                                                    {"ppl", "perplexity"},
                                                                                    {"top1", "same_top"},
                                                                                    {"ram", "rss_peak_bytes"},
                                                                                    {"cpu_auc", "cpu_auc_pct_s"},
                                                                                    {"ram_auc", "ram_auc_gib_s"}}};

tl::unexpected<Error> no_gate(std::string_view text, std::string_view what) {
    return fail(ErrorKind::Invalid, fmt::format("\"{}\" is no limit: {}.", text, what),
                "Write METRIC>CHANGE or METRIC<CHANGE, such as wh_per_prompt>+5% or accuracy<-2.");
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

// A change in the gate's terms, with its interval.
struct Change {
    double value = 0.0;
    Interval ci95;
};

Change change_of(const Comparison& one, bool is_relative) {
    if (one.scale == EffectScale::ratio) {
        const double unit = is_relative ? 1.0 : one.base.value;
        return {(one.effect.value - 1.0) * unit,
                {(one.effect.ci95.low - 1.0) * unit, (one.effect.ci95.high - 1.0) * unit}};
    }
    const double unit = is_relative ? one.base.value : 1.0;
    return {one.effect.value / unit, {one.effect.ci95.low / unit, one.effect.ci95.high / unit}};
}

const Comparison* find_comparison(const PairComparison& pair, std::string_view metric) {
    if (const Comparison* const cost = pair.cost(metric)) {
        return cost;
    }
    if (metric == "similarity" && pair.accuracy) {
        return &pair.accuracy->raw;
    }
    const auto found = std::find_if(pair.quality.begin(), pair.quality.end(),
                                    [&](const Comparison& one) { return one.metric->name == metric; });
    return found == pair.quality.end() ? nullptr : &*found;
}

// Distances to the base are changes already.
std::optional<Change> distance(const Contender& contender, std::string_view metric) {
    if (contender.text == nullptr) {
        return std::nullopt;
    }
    if (metric == "kl_mean" && contender.text->kl_mean) {
        return Change{contender.text->kl_mean->value, contender.text->kl_mean->ci95};
    }
    if (metric == "kl_p99" && contender.text->kl_p99) {
        return Change{*contender.text->kl_p99, {*contender.text->kl_p99, *contender.text->kl_p99}};
    }
    if (metric == "same_top" && contender.text->same_top) {
        const Estimate& same = *contender.text->same_top;
        return Change{same.value - 1.0, {same.ci95.low - 1.0, same.ci95.high - 1.0}};
    }
    return std::nullopt;
}

std::string known_metrics(const PairComparison& pair, const Contender& contender) {
    std::vector<std::string_view> names;
    names.reserve(pair.costs.size() + pair.quality.size() + 4);
    for (const Comparison& one : pair.costs) {
        names.push_back(one.metric->name);
    }
    if (pair.accuracy) {
        names.emplace_back("accuracy");
    }
    for (const Comparison& one : pair.quality) {
        names.push_back(one.metric->name);
    }
    if (contender.text != nullptr && contender.text->kl_mean) {
        names.insert(names.end(), {"kl", "kl_p99", "top1"});
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

Result<GateResult> judge_one(const Gate& gate, const ModelComparison& comparison, const PairComparison& pair) {
    const Contender& contender = comparison.contenders[pair.candidate];
    std::optional<Change> change = distance(contender, gate.metric);
    if (!change) {
        const Comparison* const one = find_comparison(pair, gate.metric);
        if (one == nullptr) {
            return fail(ErrorKind::Invalid,
                        fmt::format("The limit \"{}\" cannot be judged: {} was not compared with that figure.",
                                    gate.text, contender.name),
                        fmt::format("Use one of: {}. Joules need a meter (landauer meters), accuracy needs references.",
                                    known_metrics(pair, contender)));
        }
        change = change_of(*one, gate.is_relative);
    }
    GateResult out{gate, pair.candidate, change->value, change->ci95, false, false};
    const auto is_beyond = [&](double value) { return gate.fails_above ? value > gate.limit : value < gate.limit; };
    out.failed = is_beyond(change->value);
    out.is_certain = is_beyond(change->ci95.low) == out.failed && is_beyond(change->ci95.high) == out.failed;
    return out;
}

}  // namespace

Result<Gate> parse_gate(std::string_view text) {
    Gate gate;
    gate.text = text;
    const std::size_t sign = text.find_first_of("<>");
    if (sign == std::string_view::npos) {
        return no_gate(text, "it has no < or >");
    }
    gate.fails_above = text[sign] == '>';
    const std::string_view word = trimmed(text.substr(0, sign));
    const auto* const alias =
        std::find_if(kAliases.begin(), kAliases.end(), [&](const auto& a) { return a.first == word; });
    gate.metric = alias == kAliases.end() ? word : alias->second;
    if (find_metric(gate.metric) == nullptr) {
        return no_gate(text, fmt::format("there is no metric \"{}\"", word));
    }
    std::string_view number = trimmed(text.substr(sign + 1));
    gate.is_relative = !number.empty() && number.back() == '%';
    if (gate.is_relative) {
        number = trimmed(number.substr(0, number.size() - 1));
    }
    if (!number.empty() && number.front() == '+') {
        number.remove_prefix(1);
    }
    const char* const end = number.data() + number.size();
    const auto [stop, problem] = std::from_chars(number.data(), end, gate.limit);
    if (number.empty() || problem != std::errc() || stop != end || !std::isfinite(gate.limit)) {
        return no_gate(text, "no number follows the sign");
    }
    if (gate.is_relative) {
        gate.limit /= 100.0;
    }
    return gate;
}

Result<std::vector<GateResult>> judge(std::span<const Gate> gates, const ModelComparison& comparison) {
    std::vector<GateResult> out;
    for (const Gate& gate : gates) {
        for (const PairComparison& pair : comparison.pairs) {
            if (comparison.contenders[pair.candidate].is_control) {
                continue;
            }
            auto result = judge_one(gate, comparison, pair);
            if (!result) {
                return tl::unexpected(result.error());
            }
            out.push_back(std::move(*result));
        }
    }
    return out;
}

}  // namespace landauer
