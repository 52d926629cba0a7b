// The virtual machine model against the estimators: known power, emulated meters, the real code between.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "analysis/net_energy.h"
#include "selftest/scenarios.h"

namespace landauer {

// How net energy is estimated; the self-test's own tests put a broken one here.
using NetEstimator = std::function<std::optional<NetEnergy>(const EnergyModel& model, Window window)>;

struct SelftestOptions {
    int n_seeds = 200;
    std::uint64_t seed = 1;
    int n_threads = 0;              // 0: as many as this machine runs at once
    std::vector<std::string> only;  // names of scenarios; empty: all
    NetEstimator estimate = {};     // empty: EnergyModel::over
};

// One scenario over all seeds. Percentages are of net energy.
struct ScenarioScore {
    std::string name;
    std::string emulates;
    bool has_fault = false;
    int n_runs = 0;
    int n_trials = 0;                 // with a figure
    int n_refused = 0;                // trials without one, and said so
    double bias_percent = 0.0;        // of all trials' sum
    double bias_error_percent = 0.0;  // standard error of that over runs
    double trial_coverage = 0.0;      // of 95 % intervals
    double run_coverage = 0.0;
    double half_width_percent = 0.0;  // median over runs
    int n_faults = 0;
    int n_detected = 0;
    int n_inside = 0;        // not detected, but every figure's interval holds the truth
    int n_false_alarms = 0;  // warnings without a fault
};

struct SelftestReport {
    std::vector<ScenarioScore> scenarios;
    ScenarioScore all;                  // scenarios without faults together; faults of the others
    std::vector<std::string> failures;  // one sentence each; empty: within the stated bounds
    int n_seeds = 0;
    [[nodiscard]] bool passed() const { return failures.empty(); }
};

[[nodiscard]] Result<SelftestReport> run_selftest(const SelftestOptions& options,
                                                  const std::function<void(int done)>& progress = {});

}  // namespace landauer
