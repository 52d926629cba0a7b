#include "analysis/idle.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "analysis/energy_scope.h"
#include "analysis/figures.h"
#include "analysis/series_view.h"
#include "analysis/stats.h"

namespace landauer {
namespace {

constexpr double kNs = 1e-9;
constexpr int kReplicates = 1000;
constexpr std::uint32_t kSeed = 1;
// A level moved when the difference passes this many standard errors, and a stated least change.
// The kernel books busy time in ticks of 10 ms: at each edge one may fall in that belongs outside.
constexpr double kEdgeTicksS = 0.02;
constexpr double kDriftSigma = 3.0;
constexpr double kT95 = 1.96;

// One rate over the idle stretch: levels of consecutive short stretches of about equal length.
struct Rate {
    std::vector<std::int64_t> t_ns;  // end of each stretch
    std::vector<double> value;
};

// Readings nearer than half the usual spacing are passed over: the extra ones at the edges of
// a window would weigh as much as the regular ones.
std::int64_t least_spacing_ns(const SeriesView& series) {
    std::vector<double> spacing;
    for (std::size_t i = 1; i < series.size(); ++i) {
        spacing.push_back(static_cast<double>(series.t_ns[i] - series.t_ns[i - 1]));
    }
    return static_cast<std::int64_t>(0.5 * median(spacing));
}

Rate counter_rate(const SeriesView& series, double factor) {
    Rate out;
    const std::int64_t least = std::max<std::int64_t>(1, least_spacing_ns(series));
    std::int64_t counted = 0;
    std::size_t from = 0;
    for (std::size_t i = 1; i < series.size(); ++i) {
        const auto step = counter_step(series, i - 1);
        counted += step.value_or(0);
        const std::int64_t passed = series.t_ns[i] - series.t_ns[from];
        if (step && passed < least) {
            continue;
        }
        if (step) {
            out.t_ns.push_back(series.t_ns[i]);
            out.value.push_back(factor * static_cast<double>(counted) * series.channel->scale /
                                (static_cast<double>(passed) * kNs));
        }
        counted = 0;
        from = i;
    }
    return out;
}

Rate gauge_rate(const SeriesView& series) {
    Rate out;
    for (std::size_t i = 0; i < series.size(); ++i) {
        out.t_ns.push_back(series.t_ns[i]);
        out.value.push_back(series.si(i));
    }
    return out;
}

Rate rate_of(const SeriesView& series, double factor) {
    return series.channel->kind == ChannelKind::counter ? counter_rate(series, factor) : gauge_rate(series);
}

// Adds or subtracts a rate sampled at the same times; what has no partner is left out.
Rate combine(const Rate& a, const Rate& b, double sign) {
    Rate out;
    std::size_t j = 0;
    for (std::size_t i = 0; i < a.t_ns.size(); ++i) {
        while (j < b.t_ns.size() && b.t_ns[j] < a.t_ns[i]) {
            ++j;
        }
        if (j < b.t_ns.size() && b.t_ns[j] == a.t_ns[i]) {
            out.t_ns.push_back(a.t_ns[i]);
            out.value.push_back(a.value[i] + sign * b.value[j]);
        }
    }
    return out;
}

Rate channel_rate(const Trace& trace, const char* meter, const char* channel, Window window, double factor = 1.0) {
    const Series* const series = trace.find(meter, channel);
    return series == nullptr ? Rate{} : rate_of(within(view(*series), window), factor);
}

Rate power_rate(const Trace& trace, Window window, std::span<const std::string> meters) {
    Rate sum;
    bool first = true;
    for (const std::size_t i : energy_scope(trace, meters).series) {
        Rate rail = rate_of(within(view(trace.series[i]), window), 1.0);
        sum = first ? std::move(rail) : combine(sum, rail, 1.0);
        first = false;
    }
    return sum;
}

using Rates = std::map<std::string, Rate>;

Rates rates_of(const Trace& trace, Window window, std::span<const std::string> meters) {
    Rates out;
    const auto put = [&](const char* name, Rate rate) {
        if (!rate.value.empty()) {
            out[name] = std::move(rate);
        }
    };
    const Rate machine = channel_rate(trace, "machine", "busy", window, 100.0);
    put("others_percent", combine(machine, channel_rate(trace, "process", "cpu", window, 100.0), -1.0));
    put("cpu_percent", machine);
    put("rss_bytes", channel_rate(trace, "memory", "rss", window));
    put("system_used_bytes", channel_rate(trace, "memory", "system_used", window));
    put("power_w", power_rate(trace, window, meters));
    return out;
}

double half_width(const Estimate& e) { return 0.5 * (e.ci95.high - e.ci95.low); }

Estimate estimate(const Rate& rate) {
    std::mt19937_64 random = random_stream(kSeed, static_cast<std::uint32_t>(rate.value.size()));
    return autocorrelated_mean(rate.value, kReplicates, random);
}

// Did the level move? By more than `least` and by more than chance.
bool moved(const Estimate& a, const Estimate& b, double least) {
    const double se = std::hypot(half_width(a), half_width(b)) / kT95;
    return std::abs(b.value - a.value) > std::max(least, kDriftSigma * se);
}

// The largest mean over any stretch of one second.
double largest_second(const Rate& rate) {
    double most = 0.0;
    double sum = 0.0;
    std::size_t first = 0;
    for (std::size_t i = 0; i < rate.value.size(); ++i) {
        sum += rate.value[i];
        while (static_cast<double>(rate.t_ns[i] - rate.t_ns[first]) * kNs >= 1.0) {
            sum -= rate.value[first++];
        }
        const bool whole = first > 0;
        most = whole ? std::max(most, sum / static_cast<double>(i - first + 1)) : most;
    }
    return most;
}

void contaminate(IdleBaseline& idle, std::string code, std::string sentence, std::string remedy) {
    idle.contaminated = true;
    idle.caveats.push_back({std::move(code), Severity::warning, std::move(sentence), std::move(remedy)});
}

std::string place(const std::string& where) {
    return where == "before_load" ? "before the model was loaded" : where + " the trials";
}

void check_others(IdleBaseline& idle, const Rates& rates, const IdleLimits& limits) {
    const auto others = rates.find("others_percent");
    if (others == rates.end()) {
        return;
    }
    const double level = idle.means.at("others_percent").value;
    const double burst = largest_second(others->second);
    const double length_s = static_cast<double>(idle.window.end_ns - idle.window.begin_ns) * kNs;
    if (level > limits.others_percent + 100.0 * kEdgeTicksS / length_s || burst > limits.burst_percent) {
        contaminate(idle, "idle-busy",
                    fmt::format("Other programs were busy in the idle baseline {}: {:.0f} % of one core on average, "
                                "{:.0f} % in the busiest second.",
                                place(idle.where), level, std::max(burst, level)),
                    "Close other programs, wait until the machine is quiet, and measure again.");
    }
}

Estimate half_estimate(const Rate& rate, bool second) {
    const std::size_t middle = rate.value.size() / 2;
    const std::span<const double> all(rate.value);
    std::mt19937_64 random = random_stream(kSeed, second ? 2 : 1);
    return autocorrelated_mean(second ? all.subspan(middle) : all.first(middle), kReplicates, random);
}

void check_drift(IdleBaseline& idle, const Rates& rates, const IdleLimits& limits) {
    const auto check = [&](const char* rate, double least, const char* what, const char* unit) {
        const auto found = rates.find(rate);
        if (found == rates.end() || found->second.value.size() < 8) {
            return;
        }
        const Estimate first = half_estimate(found->second, false);
        const Estimate second = half_estimate(found->second, true);
        if (moved(first, second, least)) {
            contaminate(idle, "idle-drift",
                        fmt::format("{} went from {:.1f} to {:.1f} {} within the idle baseline {}.", what, first.value,
                                    second.value, unit, place(idle.where)),
                        "Let the machine come to rest before measuring, or ask for a longer baseline.");
        }
    };
    check("cpu_percent", limits.drift_percent, "The machine's CPU use", "% of one core");
    const auto power = idle.means.find("power_w");
    check("power_w", power == idle.means.end() ? 0.0 : limits.drift_power * power->second.value, "Power", "W");
}

}  // namespace

IdleBaseline measure_idle(const Trace& trace, Window window, std::string where, const IdleLimits& limits) {
    IdleBaseline idle;
    idle.where = std::move(where);
    idle.window = window;
    const Rates rates = rates_of(trace, window, limits.meters);
    for (const auto& [name, rate] : rates) {
        idle.means[name] = estimate(rate);
    }
    check_others(idle, rates, limits);
    check_drift(idle, rates, limits);
    return idle;
}

void compare_idle(const IdleBaseline& before, IdleBaseline& after, const IdleLimits& limits) {
    const auto check = [&](const char* rate, double least, const char* what, const char* unit) {
        const auto a = before.means.find(rate);
        const auto b = after.means.find(rate);
        if (a == before.means.end() || b == after.means.end() || !moved(a->second, b->second, least)) {
            return;
        }
        contaminate(
            after, "idle-drift",
            fmt::format("{} at rest was {:.1f} {} before the trials and {:.1f} after them.", what, a->second.value,
                        unit, b->second.value),
            "Let the machine come to rest before measuring; net figures carry the difference in their intervals.");
    };
    check("cpu_percent", limits.drift_percent, "The machine's CPU use", "% of one core");
    const auto power = before.means.find("power_w");
    check("power_w", power == before.means.end() ? 0.0 : limits.drift_power * power->second.value, "Power", "W");
}

bool idle_is_settled(const Trace& trace, Window so_far, const IdleGoal& goal) {
    const double passed_s = static_cast<double>(so_far.end_ns - so_far.begin_ns) * kNs;
    if (passed_s >= goal.most_s) {
        return true;
    }
    if (passed_s < goal.least_s) {
        return false;
    }
    const Rates rates = rates_of(trace, so_far, goal.meters);
    const auto cpu = rates.find("cpu_percent");
    if (cpu != rates.end() && half_width(estimate(cpu->second)) > goal.cpu_half_width_percent) {
        return false;
    }
    const auto power = rates.find("power_w");
    if (power == rates.end()) {
        return true;
    }
    const Estimate level = estimate(power->second);
    return half_width(level) <= goal.power_half_width * std::abs(level.value);
}

std::optional<Estimate> idle_level(const std::vector<const IdleBaseline*>& around, const std::string& rate) {
    std::vector<Estimate> levels;
    for (const IdleBaseline* idle : around) {
        if (const auto found = idle->means.find(rate); found != idle->means.end()) {
            levels.push_back(found->second);
        }
    }
    if (levels.empty()) {
        return std::nullopt;
    }
    double sum = 0.0;
    double squares = 0.0;
    double low = levels.front().value;
    double high = low;
    for (const Estimate& level : levels) {
        sum += level.value;
        squares += half_width(level) * half_width(level);
        low = std::min(low, level.value);
        high = std::max(high, level.value);
    }
    const auto n = static_cast<double>(levels.size());
    const double value = sum / n;
    const double half = std::hypot(std::sqrt(squares) / n, 0.5 * (high - low));
    return Estimate{value, {value - half, value + half}};
}

}  // namespace landauer
