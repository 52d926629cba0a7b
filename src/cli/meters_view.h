// What `landauer meters` knows about this machine, and its words: gathered once, shown as text or JSON.
#pragma once

#include <landauer/meter.h>
#include <landauer/meter_graph.h>

#include <map>
#include <string>
#include <vector>

#include "meters/observe.h"

namespace landauer {

struct MetersView {
    std::vector<MeterProbe> probes;
    std::map<std::size_t, MeterWatch> watches;  // of energy meters, by index into probes
    // Energy channels, and where each comes from.
    std::vector<RailCandidate> candidates;
    std::vector<std::pair<std::size_t, std::size_t>> sources;  // probe, channel
    MeterChoice choice;
};

// watch_s: how long each energy meter is watched; 0: read once, so nothing is known of its power.
[[nodiscard]] MetersView view_meters(const MeterSources& sources, double watch_s,
                                     const std::vector<std::string>& chosen);

struct MetersWords {
    bool explain = false;  // every rail's verdict, every absent meter's reason
};
[[nodiscard]] std::string meters_text(const MetersView& view, const MetersWords& words);
[[nodiscard]] std::string meters_json(const MetersView& view);
[[nodiscard]] std::string grants_text(const MetersView& view);

}  // namespace landauer
