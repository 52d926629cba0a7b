#include "analysis/run_energy.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include "analysis/prompt_estimates.h"
#include "analysis/trial_net.h"

namespace landauer {
namespace {

constexpr std::string_view kAttached = "external";
constexpr std::array kJoules = {"energy_j", "net_energy_j", "wh"};

std::vector<IdleBaseline> of_session(std::span<const IdleBaseline> idle, std::int64_t session_id) {
    std::vector<IdleBaseline> out;
    std::copy_if(idle.begin(), idle.end(), std::back_inserter(out),
                 [&](const IdleBaseline& baseline) { return baseline.session_id == session_id; });
    return out;
}

MeterTotals totals_of(const RunData& data, std::span<const IdleBaseline> idle, const std::string& meter,
                      const AnalysisOptions& options) {
    MeterTotals out;
    out.meter = meter;
    std::vector<TrialNet> nets;
    for (const SessionData& session : data.sessions) {
        const std::vector<IdleBaseline> baselines = of_session(idle, session.session.id);
        const std::vector<std::string> only = {meter};
        std::vector<const TrialRecord*> trials;
        for (const TrialRecord& trial : data.trials) {
            if (trial.session_id == session.session.id) {
                trials.push_back(&trial);
            }
        }
        const NetFigures figures(session, baselines, trials, only);
        if (figures.energy().empty()) {
            continue;
        }
        out.scope = figures.energy();
        for (std::size_t i = 0; i < data.trials.size(); ++i) {
            if (data.trials[i].session_id == session.session.id && data.trials[i].grade != Grade::C) {
                nets.push_back(figures.of(data.trials[i]));
                nets.back().index = i;
            }
        }
    }
    const PromptEstimates estimates = estimate_prompts(data, nets, options);
    for (const char* const metric : kJoules) {
        if (const auto found = estimates.totals.find(metric); found != estimates.totals.end()) {
            out.totals.insert(*found);
        }
    }
    return out;
}

}  // namespace

std::vector<std::string> named_meters(const RunRecord& run) {
    std::vector<std::string> names;
    const auto setting = run.settings.find("meter");
    if (setting == run.settings.end()) {
        return names;
    }
    std::string_view rest = setting->second;
    while (!rest.empty()) {
        const std::size_t comma = rest.find(',');
        names.emplace_back(rest.substr(0, comma));
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
    // What was attached afterwards was asked for too, only later.
    if (!names.empty() && std::find(names.begin(), names.end(), kAttached) == names.end()) {
        names.emplace_back(kAttached);
    }
    return names;
}

std::vector<MeterTotals> totals_by_meter(const RunData& data, std::span<const IdleBaseline> idle,
                                         std::span<const std::string> meters, const AnalysisOptions& options) {
    std::vector<MeterTotals> out;
    for (const std::string& meter : meters) {
        MeterTotals totals = totals_of(data, idle, meter, options);
        if (!totals.scope.empty()) {
            out.push_back(std::move(totals));
        }
    }
    if (out.size() < 2) {
        out.clear();
    }
    return out;
}

}  // namespace landauer
