// A machine whose power is known at every instant: what the self-test's meters are asked to find out.
#pragma once

#include <landauer/windows.h>

#include <cstdint>
#include <vector>

#include "selftest/draws.h"

namespace landauer {

inline constexpr std::int64_t kMillisecond = 1'000'000;

struct PlannedTrial {
    Window prefill;
    Window decode;
    [[nodiscard]] Window window() const { return {prefill.begin_ns, decode.end_ns}; }
};

// An idle baseline, some trials with pauses, an idle baseline; edges lie on whole milliseconds, which
// neither ticks nor publications do.
struct SessionPlan {
    Window before;
    std::vector<PlannedTrial> trials;
    Window after;
    std::int64_t end_ns = 0;  // sampling begins at 0 and ends here
};
[[nodiscard]] SessionPlan make_plan(Draws& draws);

// Power that is constant over each millisecond. Idle power relaxes slowly towards another level,
// carries noise of its own, and on some machines the burst of a housekeeping task now and then; load has
// prefill and decode at different powers, noise, and on some machines throttling; a pause begins with a
// short burst of storing.
class MachinePower {
   public:
    MachinePower(const SessionPlan& plan, Draws& draws);

    // Energy from 0 to that instant; of everything.
    [[nodiscard]] double energy_j(std::int64_t t_ns) const { return at(energy_j_, t_ns); }
    // Beyond the idle level, that is without drift, but with all noise: it was used.
    [[nodiscard]] double net_j(Window window) const;

   private:
    void add_idle(Draws& draws);
    void add_housekeeping(Draws& draws);
    void add_loads(const SessionPlan& plan, Draws& draws);
    void add_load(Window window, double watts, Draws& draws);
    [[nodiscard]] static double at(const std::vector<double>& sums, std::int64_t t_ns);

    double base_w_ = 0.0;
    std::vector<double> power_w_;   // of each millisecond
    std::vector<double> idle_w_;    // its expectation without load
    std::vector<double> energy_j_;  // up to the begin of each millisecond
    std::vector<double> idle_j_;
};

}  // namespace landauer
