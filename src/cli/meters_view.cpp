#include "cli/meters_view.h"

#include <algorithm>

#include "analysis/energy_scope.h"

namespace landauer {
namespace {

// Watched rails know their power and their mirrors, as a run's rails do.
void know_power(MetersView& view) {
    Trace all;
    for (const auto& [probe, watch] : view.watches) {
        all.series.insert(all.series.end(), watch.trace.series.begin(), watch.trace.series.end());
    }
    const EnergyChannels known = energy_channels(all);
    for (std::size_t k = 0; k < known.candidates.size(); ++k) {
        const auto same = [&](const RailCandidate& c) { return c.channel == known.candidates[k].channel; };
        const auto here = std::find_if(view.candidates.begin(), view.candidates.end(), same);
        if (here == view.candidates.end()) {
            continue;
        }
        here->mean_w = known.candidates[k].mean_w;
        here->observed_period_s = known.candidates[k].observed_period_s;
        if (here->fault.empty()) {
            here->fault = known.candidates[k].fault;
        }
        if (const auto mirrored = known.candidates[k].mirrors) {
            const Channel& other = known.candidates[*mirrored].channel;
            const auto at = std::find_if(view.candidates.begin(), view.candidates.end(),
                                         [&](const RailCandidate& c) { return c.channel == other; });
            here->mirrors = static_cast<std::size_t>(at - view.candidates.begin());
        }
    }
}

void add_meter(MetersView& view, std::size_t p, double watch_s) {
    Meter& meter = **view.probes[p].meter;
    const auto& channels = meter.info().channels;
    view.watches.emplace(p, watch_meter(meter, watch_s));
    const MeterWatch& watch = view.watches.at(p);
    for (std::size_t c = 0; c < channels.size(); ++c) {
        if (channels[c].rail.kind == RailKind::none) {
            continue;
        }
        RailCandidate candidate{channels[c], std::nullopt, std::nullopt, {}};
        if (watch.channels[c].n_missing == watch.n_reads) {
            candidate.fault = "gives no reading just now";
        }
        view.candidates.push_back(std::move(candidate));
        view.sources.emplace_back(p, c);
    }
}

}  // namespace

MetersView view_meters(const MeterSources& sources, double watch_s, const std::vector<std::string>& chosen) {
    MetersView view;
    view.probes = probe_meters(sources);
    for (std::size_t p = 0; p < view.probes.size(); ++p) {
        if (view.probes[p].meter && (*view.probes[p].meter)->info().is_energy()) {
            add_meter(view, p, watch_s);
        }
    }
    if (watch_s > 0.0) {
        know_power(view);
    }
    view.choice = choose_rails(view.candidates, chosen);
    return view;
}

}  // namespace landauer
