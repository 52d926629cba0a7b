// Energy of a window out of a row of energy steps, with what makes it uncertain.
#pragma once

#include <landauer/windows.h>

#include <optional>
#include <vector>

#include "analysis/border_doubt.h"
#include "analysis/energy_steps.h"
#include "analysis/load_powers.h"

namespace landauer {

// Energy of a window and how uncertain each part of it is (standard uncertainties, J).
struct WindowEnergy {
    double energy_j = 0.0;
    double u_edges_j = 0.0;     // where exactly the source stood at the window's edges, for this window alone
    double u_quantum_j = 0.0;   // the counter's resolution
    double u_gaps_j = 0.0;      // nothing was read
    double u_sampling_j = 0.0;  // what gauges did not see between readings
    double gap_s = 0.0;         // of the window
    std::vector<CausedDoubt> linked = {};  // of the steps that the window shares with others
    // The linked doubts together, each of a cause of its own.
    [[nodiscard]] double u_linked_j() const;
};

// A step that an edge cuts is divided so that its energy is kept (step_split.h). A gap takes the power of the
// steps around it. Empty when the steps do not reach both edges.
[[nodiscard]] std::optional<WindowEnergy> energy_over(const EnergySteps& steps, Window window,
                                                      const LoadContext& load = {});

}  // namespace landauer
