// From one run's raw data to everything a table or a report shows.
#pragma once

#include <landauer/error.h>
#include <landauer/law_card.h>
#include <landauer/windows.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/records.h"

namespace landauer {

// An idle stretch: mean and its 95 % interval, autocorrelation-aware (block bootstrap).
struct IdleBaseline {
    std::string where;  // "before_load", "before", "after"
    std::int64_t session_id = 0;
    Window window;
    std::map<std::string, Estimate> means;  // "cpu_percent", "rss_bytes", "system_used_bytes", "power_w"
    bool contaminated = false;
    std::vector<Caveat> caveats;
};

// One prompt or grid test: estimates over its valid repetitions.
struct PromptFigures {
    std::string prompt_id;
    std::int64_t n_prompt = 0;  // median over repetitions
    std::int64_t n_gen = 0;
    std::int64_t n_depth = 0;
    std::int64_t n_reused = 0;
    int n_valid = 0;
    int n_spoiled = 0;
    std::map<std::string, Estimate> figures;  // metric name -> mean and bootstrap interval
    std::map<std::string, double> sd;         // n - 1; absent for one repetition
};

// One candidate form of Law 1, fitted.
struct LawFit {
    std::string form;  // "constant", "n_in", "n_in+n_out", "n_in+n_out+n_in^2"
    LawCard card;
    double aicc_weight = 0.0;
    bool chosen = false;
};

struct Law1 {
    std::string y;                 // metric
    std::vector<LawFit> fits;      // sorted by AICc; exactly one chosen
    LawFit paper_form;             // y = a + b n_in, always
    double residual_runs_p = 1.0;  // Wald-Wolfowitz test on residuals ordered by n_in
    std::vector<Caveat> caveats;
};

struct DetectedWindows {
    std::int64_t session_id = 0;
    std::vector<Window> marked;    // the engine's inference windows
    std::vector<Window> detected;  // from the gradient of the CPU signal
    int n_matched = 0;
    double median_edge_error_s = 0.0;
};

struct TrialNet {  // per valid trial, net of idle
    std::int64_t trial_id = 0;
    std::map<std::string, double> figures;
};

struct RunAnalysis {
    const RunData* data = nullptr;  // not owned
    std::vector<IdleBaseline> idle;
    std::vector<TrialNet> trials;            // stored figures plus the ones net of idle
    std::vector<PromptFigures> prompts;      // in ladder order
    std::map<std::string, Estimate> totals;  // over the run: "seconds", "cpu_s", "energy_wh", ...
    std::vector<Law1> laws;  // seconds, prefill_s, decode_s, cpu_s, cpu_auc_pct_s, ram_auc_gib_s, energy_j
    std::vector<DetectedWindows> windows;
    std::vector<Caveat> caveats;  // of the whole run, each once
};

struct AnalysisOptions {
    int bootstrap = 2000;
    std::uint32_t seed = 1;
    bool strict = false;  // contaminated idle is an error
};

[[nodiscard]] Result<RunAnalysis> analyse_run(const RunData& data, const AnalysisOptions& options = {});

}  // namespace landauer
