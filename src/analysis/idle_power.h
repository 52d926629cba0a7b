// What the machine draws when nothing is asked of it, with what is not known about it.
#pragma once

#include <landauer/trace.h>
#include <landauer/windows.h>

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace landauer {

// The mean of a stationary series whose values are means over their steps: its variance from the
// correlation of neighbours, put right for short series (Marriott and Pope 1954), as of a process that
// goes on between the values and forgets itself exponentially; and the degrees of freedom that leaves. Several
// stretches share one autocorrelation; each has its own mean.
struct LevelEstimate {
    double mean = 0.0;
    double variance = 0.0;  // of the mean
    double dof = 1.0;
};
[[nodiscard]] std::vector<LevelEstimate> autoregressive_levels(std::span<const std::vector<double>> stretches);

// Idle power over time: a straight line from each baseline to the next.
class IdlePower {
   public:
    // rails: their sum, as series of the trace. Empty when no stretch has two readings of every rail.
    [[nodiscard]] static std::optional<IdlePower> fit(const Trace& trace, std::span<const std::size_t> rails,
                                                      std::span<const Window> stretches);

    struct Level {
        double mean_w = 0.0;
        double u_mean_w = 0.0;    // standard uncertainty from the noise of the baselines, in two parts:
        double u_common_w = 0.0;  // the same for every window between two baselines
        double tilt_w = 0.0;      // signed: of opposite effect near the one baseline and near the other
        double dof = 1.0;         // of u_mean_w
        double u_drift_w = 0.0;   // power need not drift along a straight line
    };
    // Mean idle power over the window, were nothing running in it.
    [[nodiscard]] Level over(Window window) const;

   private:
    struct Stretch {
        Window window;
        LevelEstimate level;
    };
    [[nodiscard]] Level between(const Stretch& before, const Stretch& after, std::int64_t at_ns) const;

    std::vector<Stretch> stretches_;  // in order of time
};

}  // namespace landauer
