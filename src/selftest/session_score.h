// One emulated session, recorded, analysed and held against the truth.
#pragma once

#include <landauer/error.h>

#include <cmath>
#include <vector>

#include "selftest/selftest.h"

namespace landauer {

struct TrialScore {
    double net_j = 0.0;
    double true_j = 0.0;
    double half_width_j = 0.0;
    bool is_refused = false;
    [[nodiscard]] bool is_inside() const { return std::abs(net_j - true_j) <= half_width_j; }
};

struct SessionScore {
    std::vector<TrialScore> trials;
    TrialScore run;  // the sum of those with a figure
    bool has_fault = false;
    bool was_warned = false;  // of a fault, or joules were refused
};

// The machine of a seed: the same for every scenario.
struct SeededMachine {
    SessionPlan plan;
    MachinePower power;
    explicit SeededMachine(Draws draws) : plan(make_plan(draws)), power(plan, draws) {}
};

[[nodiscard]] Result<SessionScore> score_session(const Scenario& scenario, const SeededMachine& machine, Draws draws,
                                                 const NetEstimator& estimate);

}  // namespace landauer
