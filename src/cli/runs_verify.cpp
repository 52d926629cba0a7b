#include "cli/runs_verify.h"

#include <bit>
#include <cstdint>
#include <set>
#include <unordered_map>

#include "analysis/figures.h"

namespace landauer {
namespace {

using Figures = std::map<std::string, double>;

std::optional<double> find(const Figures& figures, const std::string& metric) {
    const auto found = figures.find(metric);
    return found == figures.end() ? std::nullopt : std::optional(found->second);
}

bool same_bits(const std::optional<double>& a, const std::optional<double>& b) {
    return a.has_value() == b.has_value() &&
           (!a || std::bit_cast<std::uint64_t>(*a) == std::bit_cast<std::uint64_t>(*b));
}

void compare(const TrialRecord& trial, const Figures& computed, Verification& into) {
    std::set<std::string> metrics;
    for (const auto& [metric, value] : trial.figures) {
        metrics.insert(metric);
    }
    for (const auto& [metric, value] : computed) {
        metrics.insert(metric);
    }
    for (const std::string& metric : metrics) {
        FigureDifference difference{trial.key, trial.attempt, metric, find(trial.figures, metric),
                                    find(computed, metric)};
        if (!same_bits(difference.stored, difference.computed)) {
            into.differences.push_back(std::move(difference));
        }
    }
    into.n_figures += metrics.size();
    ++into.n_trials;
}

}  // namespace

Verification verify_run(const RunData& data) {
    std::unordered_map<std::int64_t, const Trace*> traces;
    for (const SessionData& session : data.sessions) {
        traces.emplace(session.session.id, &session.trace);
    }
    Verification out;
    const Trace nothing;
    for (const TrialRecord& trial : data.trials) {
        const auto trace = traces.find(trial.session_id);
        compare(trial, trial_figures(trace == traces.end() ? nothing : *trace->second, trial), out);
    }
    return out;
}

}  // namespace landauer
