// One step, divided between a window and what lies outside it.
#pragma once

#include <vector>

#include "analysis/load_powers.h"

namespace landauer {

// A stretch of a step between two edges.
struct StepPiece {
    Window window;
    bool is_busy = false;
    bool is_inside = false;  // the window that is asked for
    double watts = 0.0;      // as other steps tell
    double u_w = 0.0;        // without load: how well that is known
    double energy_j = 0.0;   // its part of the step
    [[nodiscard]] double seconds() const { return static_cast<double>(window.end_ns - window.begin_ns) * 1e-9; }
};

struct StepSplit {
    std::vector<StepPiece> pieces;  // in order of time; their energies add up to the step's
    double inside_j = 0.0;
    double loads_j = 0.0;  // of all loads
    double part = 0.0;     // of a joule more in the step, what the window would get
};

// Stretches without load have the power that is known of them, the rest goes to the loads in proportion to the
// power seen in their other steps. Without load in it, or none of it known, a step is divided in proportion alone.
[[nodiscard]] StepSplit split_step(const EnergySteps& steps, std::size_t i, Window window, const LoadPowers& powers);

}  // namespace landauer
