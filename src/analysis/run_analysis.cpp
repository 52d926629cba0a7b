#include "analysis/run_analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "analysis/meter_faults.h"
#include "analysis/prompt_estimates.h"
#include "analysis/run_caveats.h"
#include "analysis/run_energy.h"
#include "analysis/run_image_laws.h"
#include "analysis/run_laws.h"
#include "analysis/run_windows.h"
#include "analysis/target_error.h"
#include "analysis/trial_net.h"

namespace landauer {
namespace {

// Sampling may change an area by this part before it is worth a word.
constexpr double kSamplingError = 0.05;

using Trials = std::vector<const TrialRecord*>;

// In an order that does not depend on how the trials were given.
Trials in_order(const RunData& data) {
    Trials out;
    for (const TrialRecord& trial : data.trials) {
        out.push_back(&trial);
    }
    std::sort(out.begin(), out.end(), [](const TrialRecord* a, const TrialRecord* b) {
        return std::tie(a->session_id, a->begin_ns, a->id, a->key, a->attempt) <
               std::tie(b->session_id, b->begin_ns, b->id, b->key, b->attempt);
    });
    return out;
}

Trials of_session(const Trials& trials, std::int64_t session_id) {
    const auto less = [](const TrialRecord* trial, std::int64_t id) { return trial->session_id < id; };
    const auto first = std::lower_bound(trials.begin(), trials.end(), session_id, less);
    const auto last = std::lower_bound(first, trials.end(), session_id + 1, less);
    return {first, last};
}

// One session: baselines, net trials, windows.
void analyse_session(const RunData& data, const SessionData& session, const Trials& trials, RunAnalysis& out,
                     CaveatList& caveats) {
    const std::vector<std::string> meters = named_meters(data.run);
    std::vector<IdleBaseline> baselines = session_baselines(session, trials, meters);
    const NetFigures net_figures(session, baselines, trials, meters);
    caveats.add(session.session.caveats);
    caveats.add(net_figures.caveats());
    caveats.add(meter_caveats(session.trace));
    for (const IdleBaseline& idle : baselines) {
        caveats.add(idle.caveats);
    }
    for (const TrialRecord* trial : trials) {
        if (trial->grade != Grade::C) {
            out.trials.push_back(net_figures.of(*trial));
            out.trials.back().index = static_cast<std::size_t>(trial - data.trials.data());
        }
    }
    if (!trials.empty()) {
        out.windows.push_back(detect_windows(session, trials, baselines, net_figures.utilisation()));
    }
    const EnergyScope& energy = net_figures.energy();
    if (out.energy.empty()) {
        out.energy = energy;
    } else if (!energy.empty() && energy.covers != out.energy.covers) {
        caveats.add({"energy-scope-differs", Severity::spoiled,
                     fmt::format("Sessions of this run measured different energy: {} and {}.", out.energy.covers,
                                 energy.covers),
                     "Give each machine or meter its own run."});
    }
    out.idle.insert(out.idle.end(), baselines.begin(), baselines.end());
}

void check_sampling(const RunAnalysis& analysis, CaveatList& caveats) {
    const auto area = analysis.totals.find("cpu_auc_pct_s");
    const auto error = analysis.totals.find("cpu_auc_error_pct_s");
    if (area == analysis.totals.end() || error == analysis.totals.end()) {
        return;
    }
    const double part = std::abs(error->second.value / area->second.value);
    if (part > kSamplingError) {
        caveats.add({"auc-sampling-error", Severity::note,
                     fmt::format("Sampling changed the total CPU AUC by {:.0f} % against the exact busy counter.",
                                 100.0 * part),
                     "Sample faster with --rate, or run longer prompts; CPU seconds are exact at any rate."});
    }
}

void check_trials(const RunData& data, const RunAnalysis& analysis, CaveatList& caveats) {
    if (analysis.trials.empty()) {
        caveats.add(
            {"no-valid-trials", Severity::spoiled,
             fmt::format("None of the {} trials of this run is valid, so it has no figures.", data.trials.size()),
             "Run the same command again on a quiet machine."});
    }
}

// Trials whose session is not among the data have no samples: their stored figures still count.
void add_orphans(const RunData& data, const Trials& trials, RunAnalysis& out) {
    const SessionData none;
    const NetFigures net_figures(none, {});
    for (const TrialRecord* trial : trials) {
        const bool known = std::any_of(data.sessions.begin(), data.sessions.end(), [&](const SessionData& session) {
            return session.session.id == trial->session_id;
        });
        if (!known && trial->grade != Grade::C) {
            out.trials.push_back(net_figures.of(*trial));
            out.trials.back().index = static_cast<std::size_t>(trial - data.trials.data());
        }
    }
}

}  // namespace

Result<RunAnalysis> analyse_run(const RunData& data, const AnalysisOptions& options) {
    RunAnalysis out;
    out.data = &data;
    CaveatList caveats;
    const Trials trials = in_order(data);
    for (const SessionData& session : data.sessions) {
        analyse_session(data, session, of_session(trials, session.session.id), out, caveats);
    }
    add_orphans(data, trials, out);
    out.n_spoiled = static_cast<int>(
        std::count_if(trials.begin(), trials.end(), [](const TrialRecord* trial) { return trial->grade == Grade::C; }));
    if (options.strict) {
        for (const IdleBaseline& idle : out.idle) {
            if (idle.contaminated) {
                return fail(ErrorKind::Refused, idle.caveats.front().sentence, idle.caveats.front().remedy);
            }
        }
    }
    PromptEstimates estimates = estimate_prompts(data, out.trials, options);
    out.prompts = std::move(estimates.prompts);
    out.totals = std::move(estimates.totals);
    out.by_meter = totals_by_meter(data, out.idle, named_meters(data.run), options);
    RunImageLaws image_laws;
    RunLaws laws;
    if (is_image_run(data)) {
        image_laws = fit_run_image_laws(data, out.trials, options);
    } else {
        laws = fit_run_laws(data, out.trials, options);
    }
    out.laws = std::move(laws.laws);
    out.image_laws = std::move(image_laws.laws);
    caveats.add_trials(trials);
    check_trials(data, out, caveats);
    caveats.add(estimates.caveats);
    caveats.add(laws.caveats);
    caveats.add(image_laws.caveats);
    check_sampling(out, caveats);
    if (const auto target = asked_error(data.run)) {
        const auto reachable = reachable_errors(out.prompts, out.trials, data, *target);
        if (const auto caveat = target_error_caveat(reachable, *target)) {
            caveats.add(*caveat);
        }
    }
    out.caveats = caveats.take();
    return out;
}

}  // namespace landauer
