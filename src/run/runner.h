// The loop over a plan: idle baselines, loads, warm-up, trials, contention, resume.
#pragma once

#include <landauer/error.h>
#include <landauer/sampler.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/figures.h"
#include "core/records.h"
#include "engine/engine.h"
#include "plan/plan.h"
#include "run/image_shelf.h"
#include "run/staircase.h"
#include "store/store.h"

namespace landauer {

// One model with its settings: one run.
struct Candidate {
    EngineSettings settings;
    RunRecord run;  // model, settings, prompts, command; the runner finds or adds it in the store
    std::unique_ptr<Engine> engine;
};

struct RunnerOptions {
    double rate_hz = 5.0;
    double idle_s = 10.0;      // shortest idle baseline, before the load, before and after the run
    double idle_cap_s = 60.0;  // longest, while its interval is still too wide
    bool warmup = true;
    int max_attempts = 3;                       // of a contended trial, in one session; the next one tries again
    ValidityLimits limits;                      // what makes a trial contended
    double delay_s = 0.0;                       // pause before each trial
    std::optional<StaircaseOptions> staircase;  // run once a session, before the model is loaded
    double cooldown_cap_s = 5.0;                // longest wait for the anchor measurement to come back; 0: off
    bool strict = false;                        // contended idle baselines are refused
    bool rerun = false;                         // run finished trials again
    bool reload = false;                        // the model is loaded anew for each trial
    ImageSource images;                         // of a plan with an image ladder
    Sampling sampling;
    bool chat_template = true;
    bool ignore_eos = true;
    MemoryAvailable memory;  // what a load may take; empty: not checked
    MeterSources meters;     // where they read from, and which were asked for by name
    std::string version;
    Environment environment;
    std::vector<Caveat> caveats;  // known before the run, stored with the session
};

// What the user sees while it runs; called on the runner's thread.
class RunListener {
   public:
    RunListener() = default;
    RunListener(const RunListener&) = delete;
    RunListener& operator=(const RunListener&) = delete;
    RunListener(RunListener&&) = delete;
    RunListener& operator=(RunListener&&) = delete;
    virtual ~RunListener() = default;

    // What is going on, e.g. "idle baseline before loading"; fraction in [0, 1].
    virtual void stage(const std::string& /*what*/, double /*fraction*/) {}
    virtual void trial_begins(const TrialSpec& /*spec*/, std::size_t /*done*/, std::size_t /*total*/,
                              double /*eta_s*/) {}
    virtual void progress(PhaseKind /*kind*/, double /*fraction*/) {}
    virtual void trial_ended(const TrialRecord& /*trial*/, std::size_t /*done*/, std::size_t /*total*/,
                             double /*eta_s*/) {}
    virtual void caveat(const Caveat& /*caveat*/) {}
};

struct RunOutcome {
    std::vector<std::int64_t> run_ids;  // by candidate
    std::size_t n_trials = 0;           // run now
    std::size_t n_resumed = 0;          // found finished in the store
    std::size_t n_spoiled = 0;          // of them grade C, still so after the last attempt
    bool interrupted = false;
};

// Runs what the store does not yet hold of the plan. Everything that was measured is
// committed before an error or an interrupt returns; calling again continues.
[[nodiscard]] Result<RunOutcome> run_plan(const Plan& plan, std::vector<Candidate>& candidates, Store& store,
                                          const RunnerOptions& options, RunListener& listener, const AbortPoll& abort);

}  // namespace landauer
