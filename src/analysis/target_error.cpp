#include "analysis/target_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace landauer {
namespace {

constexpr double kZ95 = 1.959963984540054;
constexpr const char* kMetric = "net_energy_j";
constexpr int kMostSaid = 100'000;

// Errors of one prompt's trials, averaged: what repeats in each, and each one's own.
ErrorParts mean_parts(const std::string& prompt_id, std::span<const TrialNet> trials, const RunData& data) {
    ErrorParts sum;
    int n = 0;
    for (const TrialNet& trial : trials) {
        const auto found = trial.errors.find(kMetric);
        if (data.trials[trial.index].prompt_id == prompt_id && found != trial.errors.end()) {
            sum.shared += std::hypot(found->second.shared, found->second.tilt);
            sum.gain += found->second.gain;
            sum.own += found->second.scatter();
            ++n;
        }
    }
    return scaled(sum, n > 0 ? 1.0 / n : 0.0);
}

std::optional<int> repetitions(double target_j, double floor_j, double spread_half_j) {
    const double room = target_j * target_j - floor_j * floor_j;
    if (!(room > 0.0)) {
        return std::nullopt;
    }
    const double n = std::ceil(spread_half_j * spread_half_j / room);
    return n > kMostSaid ? std::nullopt : std::optional(std::max(1, static_cast<int>(n)));
}

}  // namespace

std::vector<ReachableError> reachable_errors(std::span<const PromptFigures> prompts, std::span<const TrialNet> trials,
                                             const RunData& data, double target) {
    std::vector<ReachableError> out;
    for (const PromptFigures& prompt : prompts) {
        const auto joules = prompt.figures.find(kMetric);
        if (joules == prompt.figures.end() || !(joules->second.value > 0.0)) {
            continue;
        }
        const double value = joules->second.value;
        const ErrorParts parts = mean_parts(prompt.prompt_id, trials, data);
        const auto sd = prompt.sd.find(kMetric);
        const double floor_j = std::hypot(parts.shared, parts.gain);
        const double spread_j = sd == prompt.sd.end() ? parts.own : kZ95 * sd->second;
        out.push_back({prompt.prompt_id, 0.5 * (joules->second.ci95.high - joules->second.ci95.low) / value,
                       floor_j / value, repetitions(target * value, floor_j, spread_j), parts.gain > parts.shared});
    }
    return out;
}

std::optional<Caveat> target_error_caveat(std::span<const ReachableError> errors, double target) {
    if (errors.empty()) {
        return std::nullopt;
    }
    const auto met = std::count_if(errors.begin(), errors.end(),
                                   [&](const ReachableError& error) { return error.relative <= target; });
    const auto asked = static_cast<std::ptrdiff_t>(errors.size());
    const std::string so_far =
        fmt::format("Net energy is known to {:g} % for {} of {} prompts.", 100.0 * target, met, asked);
    if (met == asked) {
        return Caveat{"target-error", Severity::note, so_far, "Nothing more is needed."};
    }
    int most = 0;
    const ReachableError* stuck = nullptr;
    for (const ReachableError& error : errors) {
        most = std::max(most, error.n_needed.value_or(0));
        stuck = !error.n_needed && (stuck == nullptr || error.floor > stuck->floor) ? &error : stuck;
    }
    if (stuck == nullptr) {
        return Caveat{"target-error", Severity::note, so_far,
                      fmt::format("{} repetitions of each prompt would reach it: -r {}.", most, most)};
    }
    return Caveat{"target-error", Severity::warning,
                  fmt::format("{} No number of repetitions reaches it for {}: {} alone leaves {:.2g} %.", so_far,
                              stuck->prompt_id,
                              stuck->floor_is_gain ? "the meter's accuracy" : "what is not known of the idle power",
                              100.0 * stuck->floor),
                  stuck->floor_is_gain
                      ? "Use a meter of better accuracy; ratios of two runs by this one are better known."
                      : "Measure longer idle baselines (--idle 60), on a quieter machine, or longer answers (-n)."};
}

std::optional<double> asked_error(const RunRecord& run) {
    const auto setting = run.settings.find("target_error");
    if (setting == run.settings.end()) {
        return std::nullopt;
    }
    const double percent = std::strtod(setting->second.c_str(), nullptr);
    return percent > 0.0 ? std::optional(percent / 100.0) : std::nullopt;
}

}  // namespace landauer
