#include "analysis/energy_scope.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/counter_health.h"
#include "analysis/meter_faults.h"
#include "analysis/series_view.h"

namespace landauer {
namespace {

constexpr double kNs = 1e-9;
constexpr std::size_t kFewestForMirrors = 10;  // steps to compare
constexpr double kMirrorSkew_s = 5e-3;         // two counters are read this far apart at the most

std::optional<double> mean_watts(const Series& series) {
    const SeriesView all = view(series);
    if (all.size() < 2) {
        return std::nullopt;
    }
    if (series.channel.kind == ChannelKind::gauge) {
        return gauge_mean(all, extent(all));
    }
    const Window window = extent(all);
    const auto joules = counter_delta(all, window);
    return joules ? std::optional(*joules / (static_cast<double>(window.end_ns - window.begin_ns) * kNs))
                  : std::nullopt;
}

// Two counters that advance alike at every step, to within what reading one after the other
// explains, are one counter shown twice.
bool is_mirror(const Series& a, const Series& b, double mean_w) {
    const SeriesView first = view(a);
    const SeriesView second = view(b);
    const std::size_t n = std::min(first.size(), second.size());
    std::size_t compared = 0;
    for (std::size_t i = 0; i + 1 < n; ++i) {
        if (first.t_ns[i] != second.t_ns[i] || first.t_ns[i + 1] != second.t_ns[i + 1]) {
            continue;
        }
        const auto step_a = counter_step(first, i);
        const auto step_b = counter_step(second, i);
        if (!step_a || !step_b) {
            continue;
        }
        const double difference = static_cast<double>(*step_a - *step_b) * a.channel.scale;
        if (std::abs(difference) > 2.0 * kMirrorSkew_s * mean_w + 2.0 * a.channel.scale) {
            return false;
        }
        ++compared;
    }
    return compared >= kFewestForMirrors;
}

bool could_mirror(const Channel& a, const Channel& b) {
    return a.meter == b.meter && a.kind == ChannelKind::counter && b.kind == ChannelKind::counter &&
           a.rail.kind == RailKind::package && b.rail.kind == RailKind::package && a.scale == b.scale &&
           a.name.find("-die-") != std::string::npos && b.name.find("-die-") != std::string::npos &&
           a.name.substr(0, a.name.find("-die-")) == b.name.substr(0, b.name.find("-die-"));
}

void find_mirrors(const Trace& trace, EnergyChannels& energy) {
    for (std::size_t j = 1; j < energy.candidates.size(); ++j) {
        for (std::size_t i = 0; i < j && !energy.candidates[j].mirrors; ++i) {
            const Series& a = trace.series[energy.series[i]];
            const Series& b = trace.series[energy.series[j]];
            if (!energy.candidates[i].mirrors && could_mirror(a.channel, b.channel) &&
                is_mirror(a, b, energy.candidates[i].mean_w.value_or(0.0))) {
                energy.candidates[j].mirrors = i;
            }
        }
    }
}

}  // namespace

EnergyChannels energy_channels(const Trace& trace) {
    EnergyChannels out;
    for (std::size_t i = 0; i < trace.series.size(); ++i) {
        const Series& series = trace.series[i];
        if (series.channel.rail.kind != RailKind::none && series.size() > 0) {
            out.series.push_back(i);
            out.candidates.push_back({series.channel, mean_watts(series), std::nullopt, disqualifying_fault(series),
                                      least_publication_spacing_s(view(series))});
        }
    }
    find_mirrors(trace, out);
    for (std::size_t c = 0; c < out.candidates.size(); ++c) {
        if (out.candidates[c].fault.empty()) {
            out.candidates[c].fault = contradiction(out.candidates, c);
        }
    }
    return out;
}

EnergyScope energy_scope(const Trace& trace, std::span<const std::string> meters) {
    const EnergyChannels energy = energy_channels(trace);
    const MeterChoice choice = choose_rails(energy.candidates, meters);
    EnergyScope out;
    out.reason = choice.reason;
    out.covers = choice.covers;
    out.provenance = choice.empty() ? std::string() : std::string(name(choice.provenance));
    for (const std::size_t c : choice.counted) {
        out.series.push_back(energy.series[c]);
    }
    for (std::size_t c = 0; c < energy.candidates.size(); ++c) {
        if (choice.verdicts[c].role != RailRole::counted) {
            const Channel& channel = energy.candidates[c].channel;
            out.left_out.push_back(fmt::format("{} ({}): {}", channel.name, channel.meter, choice.verdicts[c].why));
        }
    }
    return out;
}

std::optional<double> energy_joules(const Trace& trace, const std::vector<std::size_t>& rails, Window window) {
    std::optional<double> sum;
    for (const std::size_t i : rails) {
        const SeriesView samples = view(trace.series[i]);
        const auto rail = samples.channel->kind == ChannelKind::counter ? counter_delta(samples, window)
                                                                        : gauge_integral(samples, window);
        if (!rail) {
            return std::nullopt;
        }
        sum = sum.value_or(0.0) + *rail;
    }
    return sum;
}

}  // namespace landauer
