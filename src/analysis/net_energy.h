// Joules of a window net of idle, with everything that makes them uncertain.
#pragma once

#include <landauer/trace.h>
#include <landauer/windows.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/energy_steps.h"
#include "analysis/energy_window.h"
#include "analysis/error_parts.h"
#include "analysis/idle_power.h"

namespace landauer {

struct NetEnergy {
    double gross_j = 0.0;
    std::optional<double> net_j;  // absent without an idle baseline
    ErrorParts gross_error;
    ErrorParts net_error;
    double u_idle_j = 0.0;  // standard uncertainties of the parts, for those who ask where it comes from
    double u_drift_j = 0.0;
    double u_gain_j = 0.0;
    WindowEnergy window;
};

// One session's energy: rails whose sum it is, idle stretches, and windows of load.
class EnergyModel {
   public:
    // busy: phases or trials, any order: where power jumps. Slow meters and power gauges need them.
    EnergyModel(const Trace& trace, std::vector<std::size_t> rails, std::span<const Window> idle,
                std::span<const Window> busy = {});

    // Empty when a rail does not reach both edges, or when more than half of the window is a gap.
    // The net of the sum: E - P_idle T; a constant offset of the meter cancels, its gain does not.
    [[nodiscard]] std::optional<NetEnergy> over(Window window) const;

    [[nodiscard]] const std::optional<IdlePower>& idle() const { return idle_; }

   private:
    struct RailSteps {
        EnergySteps steps;
        std::optional<double> idle_w;
        double idle_sd_w = 0.0;
        std::optional<double> busy_w;
    };
    std::vector<RailSteps> rails_;
    std::vector<Window> busy_;
    std::optional<IdlePower> idle_;
    double accuracy_ = 0.0;
    double clock_error_s_ = 0.0;
};

}  // namespace landauer
