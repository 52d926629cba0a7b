#include "selftest/session_score.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "analysis/energy_scope.h"
#include "analysis/meter_faults.h"
#include "selftest/virtual_session.h"

namespace landauer {
namespace {

std::vector<Window> phases_of(const SessionPlan& plan) {
    std::vector<Window> phases;
    phases.reserve(2 * plan.trials.size());
    for (const PlannedTrial& trial : plan.trials) {
        phases.push_back(trial.prefill);
        phases.push_back(trial.decode);
    }
    return phases;
}

bool warns(const Trace& trace, Window session) {
    const std::vector<MeterFault> faults = meter_faults(trace, session);
    return std::any_of(faults.begin(), faults.end(), [](const MeterFault& fault) {
        return fault.severity != Severity::note || fault.kind == MeterFaultKind::mirrored ||
               fault.kind == MeterFaultKind::gap;
    });
}

void add_to(TrialScore& run, ErrorParts& errors, const TrialScore& trial, const ErrorParts& parts) {
    run.net_j += trial.net_j;
    run.true_j += trial.true_j;
    errors = added(std::move(errors), parts);
}

void score_trials(SessionScore& score, const SeededMachine& machine, const EnergyModel& model, double share,
                  const NetEstimator& estimate) {
    ErrorParts errors;
    for (const PlannedTrial& planned : machine.plan.trials) {
        TrialScore trial;
        trial.true_j = share * machine.power.net_j(planned.window());
        const auto energy = estimate(model, planned.window());
        trial.is_refused = !energy || !energy->net_j;
        if (!trial.is_refused) {
            trial.net_j = *energy->net_j;
            trial.half_width_j = energy->net_error.half_width();
            add_to(score.run, errors, trial, energy->net_error);
        }
        score.was_warned = score.was_warned || trial.is_refused;
        score.trials.push_back(trial);
    }
    score.run.half_width_j = errors.half_width();
}

}  // namespace

Result<SessionScore> score_session(const Scenario& scenario, const SeededMachine& machine, Draws draws,
                                   const NetEstimator& estimate) {
    auto rig = Rig::create();
    if (!rig) {
        return tl::unexpected(rig.error());
    }
    SessionScore score;
    score.has_fault = scenario.build(*rig, machine.plan, draws).has_value();
    if (auto opened = rig->open(scenario.meters); !opened) {
        return tl::unexpected(opened.error());
    }
    const auto trace = record_session(machine.plan, machine.power, *rig, draws);
    if (!trace) {
        return tl::unexpected(trace.error());
    }
    const EnergyScope scope = energy_scope(*trace);
    double share = 0.0;
    for (const std::size_t i : scope.series) {
        share += rig->share_of(i).part;
    }
    const std::vector<Window> idle = {machine.plan.before, machine.plan.after};
    const std::vector<Window> busy = phases_of(machine.plan);
    const EnergyModel model(*trace, scope.series, idle, busy);
    score.was_warned = warns(*trace, {0, machine.plan.end_ns});
    score_trials(score, machine, model, share, estimate);
    return score;
}

}  // namespace landauer
