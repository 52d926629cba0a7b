// Energy of a window out of a row of energy steps, with what makes it uncertain.
#pragma once

#include <landauer/windows.h>

#include <optional>
#include <span>

#include "analysis/energy_steps.h"

namespace landauer {

// What is known of the machine besides the meter, to divide a step that an edge of load cuts.
struct LoadContext {
    std::span<const Window> busy = {};  // windows of load, in order of time and apart
    std::optional<double> idle_w = {};  // power outside of them
    std::optional<double> busy_w = {};  // mean power inside of them, for those that no step tells alone
    double idle_sd_w = 0.0;             // how far the mean power of a short stretch strays from that
};

// Energy of a window and how uncertain each part of it is (standard uncertainties, J).
struct WindowEnergy {
    double energy_j = 0.0;
    double u_edges_j = 0.0;     // where exactly the source stood at the window's edges
    double u_quantum_j = 0.0;   // the counter's resolution
    double u_gaps_j = 0.0;      // nothing was read
    double u_sampling_j = 0.0;  // what gauges did not see between readings
    double gap_s = 0.0;         // of the window
};

// A step that an edge cuts is divided so that its energy is kept: stretches without load have the idle
// power, the rest goes to the loads in proportion to the power seen in their other steps. A gap takes the
// power of the steps around it. Empty when the steps do not reach both edges.
[[nodiscard]] std::optional<WindowEnergy> energy_over(const EnergySteps& steps, Window window,
                                                      const LoadContext& load = {});

}  // namespace landauer
