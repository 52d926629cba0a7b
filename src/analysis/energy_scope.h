// Which energy channels of a trace make up the joules of a run.
#pragma once

#include <landauer/meter_graph.h>
#include <landauer/trace.h>
#include <landauer/windows.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace landauer {

struct EnergyScope {
    std::vector<std::size_t> series;    // indices into the trace; their sum is the energy. Empty: none
    std::string covers;                 // the rails: "package-0 + package-0/dram (powercap)"
    std::string provenance;             // "measured", "calibrated", "modelled"; empty when there is no energy
    std::string reason;                 // why these rails, or why none
    std::vector<std::string> left_out;  // other energy channels, each with why: "psys (powercap): ..."
    [[nodiscard]] bool empty() const { return series.empty(); }
};

// The energy channels that have samples, as the meter graph sees them: mean power over the whole
// trace, counters that mirror one another (dies of one socket on some processors).
struct EnergyChannels {
    std::vector<std::size_t> series;  // of each candidate, its place in the trace
    std::vector<RailCandidate> candidates;
};
[[nodiscard]] EnergyChannels energy_channels(const Trace& trace);

// The choice of meter_graph.h over them. meters: only these, in order of preference; empty: any.
[[nodiscard]] EnergyScope energy_scope(const Trace& trace, std::span<const std::string> meters = {});

// Energy over the window from the given rails: counter differences and integrals of power, edges
// interpolated. Absent when one rail is, for a part is not the whole.
[[nodiscard]] std::optional<double> energy_joules(const Trace& trace, const std::vector<std::size_t>& rails,
                                                  Window window);

}  // namespace landauer
