#include "analysis/energy_scope.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string_view>

#include "analysis/series_view.h"

namespace landauer {
namespace {

using Candidates = std::vector<std::size_t>;

bool is_energy(const Channel& channel) {
    const bool energy_meter = channel.meter == "powercap" || channel.meter == "hwmon";
    const bool energy_unit = (channel.unit == "J" && channel.kind == ChannelKind::counter) ||
                             (channel.unit == "W" && channel.kind == ChannelKind::gauge);
    return energy_meter && energy_unit;
}

bool is_package_or_dram(std::string_view name) {
    if (!name.starts_with("package-")) {
        return false;
    }
    const auto slash = name.find('/');
    return slash == std::string_view::npos || name.substr(slash) == "/dram";
}

// "amd_energy/Esocket0": one counter a processor, beside those of its cores.
bool is_socket(std::string_view name) { return name.find("/Esocket") != std::string_view::npos; }

// One rail that everything else hangs on: Jetson's input, server boards, USB testers in the supply.
bool is_total(std::string_view name) {
    return name.ends_with("/VDD_IN") || name.ends_with("total") || name.starts_with("power_meter/") ||
           name.starts_with("powerz/");
}

// Graphics cards are no part of what a prompt costs on the CPU.
bool is_graphics(std::string_view name) {
    const std::string_view chip = name.substr(0, name.find_first_of("/ "));
    return chip == "amdgpu" || chip == "nouveau" || chip == "i915" || chip == "xe";
}

template <class Predicate>
Candidates select(const Trace& trace, const Candidates& from, std::string_view meter, Predicate accept) {
    Candidates out;
    std::copy_if(from.begin(), from.end(), std::back_inserter(out), [&](std::size_t i) {
        const Channel& channel = trace.series[i].channel;
        return channel.meter == meter && accept(channel.name);
    });
    return out;
}

// A DRAM rail whose package could not be read would look like the whole machine: no package, no sum.
bool has_package(const Trace& trace, const Candidates& chosen) {
    return std::any_of(chosen.begin(), chosen.end(),
                       [&](std::size_t i) { return trace.series[i].channel.name.find('/') == std::string::npos; });
}

Candidates choose(const Trace& trace, const Candidates& energy) {
    Candidates chosen = select(trace, energy, "powercap", is_package_or_dram);
    if (has_package(trace, chosen)) {
        return chosen;
    }
    chosen = select(trace, energy, "powercap", [](std::string_view name) { return name == "psys"; });
    if (!chosen.empty()) {
        return chosen;
    }
    chosen = select(trace, energy, "hwmon", is_socket);
    if (!chosen.empty()) {
        return chosen;
    }
    chosen = select(trace, energy, "hwmon", is_total);
    const Candidates all = select(trace, energy, "hwmon", [](std::string_view name) { return !is_graphics(name); });
    if (chosen.empty() && all.size() == 1) {
        chosen = all;
    }
    return chosen.empty() ? chosen : Candidates{chosen.front()};
}

}  // namespace

EnergyScope energy_scope(const Trace& trace, std::int64_t begin_ns, std::int64_t end_ns) {
    Candidates energy;
    for (std::size_t i = 0; i < trace.series.size(); ++i) {
        if (is_energy(trace.series[i].channel) && !within(view(trace.series[i]), {begin_ns, end_ns}).empty()) {
            energy.push_back(i);
        }
    }
    EnergyScope out;
    out.series = choose(trace, energy);
    for (const std::size_t i : energy) {
        const Channel& channel = trace.series[i].channel;
        if (std::find(out.series.begin(), out.series.end(), i) == out.series.end()) {
            out.left_out.push_back(channel.name);
        } else {
            out.covers += (out.covers.empty() ? "" : " + ") + channel.name;
        }
    }
    if (!out.empty()) {
        out.covers += fmt::format(" ({})", trace.series[out.series.front()].channel.meter);
        out.provenance = "measured";
    }
    return out;
}

EnergyScope energy_scope(const Trace& trace) {
    return energy_scope(trace, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
}

std::optional<double> energy_joules(const Trace& trace, const std::vector<std::size_t>& rails, Window window,
                                    bool only_inside) {
    std::optional<double> sum;
    for (const std::size_t i : rails) {
        const SeriesView all = view(trace.series[i]);
        const SeriesView samples = only_inside ? within(all, window) : all;
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
