// Any energy channel as a row of energy steps, so that counters and gauges are integrated by one rule.
#pragma once

#include <landauer/trace.h>
#include <landauer/windows.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "analysis/series_view.h"

namespace landauer {

// The energy between two instants, as one pair of readings tells it.
struct EnergyStep {
    std::int64_t begin_ns = 0;
    std::int64_t end_ns = 0;
    double energy_j = 0.0;
    bool is_gap = false;  // nothing was read that tells this energy: it is filled in and doubted
    [[nodiscard]] double seconds() const { return static_cast<double>(end_ns - begin_ns) * 1e-9; }
    [[nodiscard]] double watts() const { return energy_j / seconds(); }
};

struct EnergySteps {
    std::vector<EnergyStep> steps;  // one after the other, without holes
    double period_s = 0.0;          // how often the source publishes: stated, or seen where that is slower
    double quantum_j = 0.0;         // counters: one unit
    double noise_w = 0.0;           // gauges: of one reading, for what passed between two of them unseen
};

// Counters: wraps undone; a step in which the counter was reset, or may have wrapped twice, is a gap.
// Gauges: a reading is the mean over its averaging time and stands for the time since the reading
// before; instantaneous ones are joined by straight lines. Repeated readings of a source that publishes
// seldom are one. A gauge unread for much longer than usual, or below zero, or beyond any plausible power, is a gap.
[[nodiscard]] EnergySteps energy_steps(const SeriesView& series);

// Energy of a window and how uncertain each part of it is (standard uncertainties, J).
struct WindowEnergy {
    double energy_j = 0.0;
    double u_edges_j = 0.0;     // where exactly the source stood at the window's edges
    double u_quantum_j = 0.0;   // the counter's or gauge's resolution
    double u_gaps_j = 0.0;      // nothing was read
    double u_sampling_j = 0.0;  // what gauges did not see between readings
    double gap_s = 0.0;         // of the window
};

// A step that an edge cuts is split in proportion to the power seen on either side of the edge,
// since power changes at the edges of phases and not where readings happen to fall. Empty when the
// steps do not reach both edges.
[[nodiscard]] std::optional<WindowEnergy> energy_over(const EnergySteps& steps, Window window);

}  // namespace landauer
