// Any energy channel as a row of energy steps, so that counters and gauges are integrated by one rule.
#pragma once

#include <landauer/trace.h>
#include <landauer/windows.h>

#include <cstdint>
#include <span>
#include <vector>

#include "analysis/series_view.h"

namespace landauer {

// The energy between two instants, as one pair of readings tells it.
struct EnergyStep {
    std::int64_t begin_ns = 0;
    std::int64_t end_ns = 0;
    double energy_j = 0.0;
    bool is_gap = false;     // nothing was read that tells this energy: it is filled in and doubted
    double u_begin_s = 0.0;  // standard uncertainty of where the step begins
    double u_end_s = 0.0;
    double u_j = 0.0;  // gauges: standard uncertainty of the energy, for what passed between readings unseen
    [[nodiscard]] double seconds() const { return static_cast<double>(end_ns - begin_ns) * 1e-9; }
    [[nodiscard]] double watts() const { return energy_j / seconds(); }
};

struct EnergySteps {
    std::vector<EnergyStep> steps;  // one after the other, without holes
    double period_s = 0.0;          // counters read more seldom than they publish: how old a reading is at most
    double quantum_j = 0.0;         // counters: one unit
    double unrest_s = 0.0;          // gauges that publish seldom: how unevenly, so that means overlap or leave holes
    double u_lag_s = 0.0;           // the same: standard uncertainty of how old every publication is
};

// Counters: wraps undone. A step in which the counter was reset, or may have wrapped twice, is a gap;
// so is a standstill, with the steps beside it, unless the counter catches up afterwards.
// Gauges that publish more seldom than they are read: a publication is the mean since the one before,
// unless a much shorter averaging time is stated. Other gauges: straight lines between readings, but never
// across an edge of `busy`, where power jumps; a reading that may tell of both sides of an edge is left out.
// A gauge unread for much longer than usual, below zero, or beyond any plausible power left a gap.
// busy: windows of load, in order of time and apart.
[[nodiscard]] EnergySteps energy_steps(const SeriesView& series, std::span<const Window> busy = {});

}  // namespace landauer
