// From one run's raw data to everything a table or a report shows.
#pragma once

#include <landauer/error.h>
#include <landauer/law_card.h>
#include <landauer/windows.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/energy_scope.h"
#include "analysis/idle.h"
#include "analysis/laws/law1.h"
#include "analysis/laws/law2.h"
#include "analysis/net_energy.h"
#include "core/records.h"

namespace landauer {

// One prompt or grid test: estimates over its valid repetitions.
struct PromptFigures {
    std::string prompt_id;
    std::int64_t n_prompt = 0;  // median over repetitions
    std::int64_t n_gen = 0;
    std::int64_t n_depth = 0;
    std::int64_t n_reused = 0;
    ImageRecord image;  // all 0 without a picture; the same in every repetition
    int n_valid = 0;
    int n_spoiled = 0;
    std::map<std::string, Estimate> figures;  // metric name -> mean and bootstrap interval
    std::map<std::string, double> sd;         // n - 1; absent for one repetition
};

// The gradient detector held against the engine's own marks.
struct DetectedWindows {
    std::int64_t session_id = 0;
    std::vector<Window> marked;    // the engine's inference windows, first prefill to end of decode
    std::vector<Window> detected;  // from the gradient of the machine's CPU use alone
    int n_resolvable = 0;          // marked windows, those with a pause too short to see between them joined
    int n_matched = 0;
    double median_edge_error_s = 0.0;  // over both edges of the matched windows
};

// One valid trial (grade A or B), net of idle.
struct TrialNet {
    std::int64_t trial_id = 0;
    std::size_t index = 0;                  // into data->trials
    std::map<std::string, double> figures;  // stored figures and the ones net of idle
    // What the 95 % interval of a net figure holds beside the spread between repetitions.
    std::map<std::string, ErrorParts> errors;
};

// The run's joules by one of several meters that were named.
struct MeterTotals {
    std::string meter;
    EnergyScope scope;
    std::map<std::string, Estimate> totals;  // "energy_j", "net_energy_j", "wh"
};

struct RunAnalysis {
    const RunData* data = nullptr;  // not owned
    std::vector<IdleBaseline> idle;
    std::vector<TrialNet> trials;
    std::vector<PromptFigures> prompts;  // in ladder order
    // Over the ladder once: the sum over prompts of their means. "seconds", "cpu_s",
    // "cpu_auc_pct_s", "ram_auc_gib_s", "energy_j", "net_energy_j", "wh", "tokens".
    std::map<std::string, Estimate> totals;
    // Whole: seconds, cpu_s, cpu_auc_pct_s, ram_auc_gib_s, net_energy_j; and prefill_s, decode_s.
    std::vector<Law1> laws;        // none for a run of pictures
    std::vector<Law2> image_laws;  // of those: seconds, phases, CPU, memory, joules
    std::vector<DetectedWindows> windows;
    EnergyScope energy;                 // what the joules cover; empty: no energy meter
    std::vector<MeterTotals> by_meter;  // more than one was named: all of them, in that order
    int n_spoiled = 0;                  // grade C trials: kept and shown, in no figure
    std::vector<Caveat> caveats;        // of the whole run, each once
};

struct AnalysisOptions {
    int bootstrap = 2000;
    std::uint32_t seed = 1;
    bool strict = false;  // a contaminated idle baseline is an error
};

// Pure: the same data and options give the same analysis, whatever the order of the trials.
// Under `strict` Refused when an idle baseline was contaminated. A run without valid trials
// gives an analysis that says so in its caveats.
[[nodiscard]] Result<RunAnalysis> analyse_run(const RunData& data, const AnalysisOptions& options = {});

}  // namespace landauer
