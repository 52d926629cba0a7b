#include "cli/bench_run.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "cli/progress.h"
#include "platform/signals.h"
#include "platform/terminal.h"

namespace landauer {
namespace {

std::string plan_words(const Plan& plan, const std::vector<Candidate>& candidates, const RunOutcome* done) {
    std::string out = fmt::format("Plan {}: {} trials, protocol {}, seed {}.\n", plan.hash, plan.trials.size(),
                                  plan.request.protocol, plan.request.seed);
    for (const Candidate& candidate : candidates) {
        out += fmt::format("  {} ({} threads, context {})\n", candidate.run.model.name, candidate.settings.n_threads,
                           candidate.settings.n_ctx == 0 ? "as needed" : std::to_string(candidate.settings.n_ctx));
    }
    if (done != nullptr && done->n_resumed > 0) {
        out +=
            fmt::format("  {} trials were finished in an earlier session and were not run again.\n", done->n_resumed);
    }
    return out;
}

// The order of the trials, for --dry-run.
std::string order_words(const Plan& plan) {
    std::string out;
    for (const TrialSpec& spec : plan.trials) {
        out += fmt::format("{} model {}\n", spec.key, spec.model + 1);
    }
    return out;
}

std::string outcome_words(const RunOutcome& outcome, const BenchOptions& options) {
    std::string out;
    if (outcome.n_trials == 0) {
        out += fmt::format("Nothing left to run: all {} trials are in {}. Use --rerun to measure again.\n",
                           outcome.n_resumed, options.store.string());
    } else if (outcome.n_resumed > 0) {
        out += fmt::format("{} trials run now, {} were finished before.\n", outcome.n_trials, outcome.n_resumed);
    }
    if (outcome.n_spoiled > 0) {
        out += fmt::format("{} trials stayed contended after {} attempt{}; they are kept, marked, and in no average.\n",
                           outcome.n_spoiled, options.max_attempts, options.max_attempts == 1 ? "" : "s");
    }
    return out;
}

}  // namespace

std::string dry_run_words(const BenchSetup& setup) {
    return plan_words(setup.plan, setup.candidates, nullptr) + order_words(setup.plan);
}

Result<RunOutcome> run_setup(BenchSetup& setup, Store& store, const BenchOptions& options,
                             const CommandContext& context) {
    const bool on_terminal = is_terminal(Stream::err);
    if (on_terminal || context.verbose) {
        talk(plan_words(setup.plan, setup.candidates, nullptr));
    }
    std::optional<ProgressLine> progress;
    progress.emplace(on_terminal, options.progress, terminal_width(Stream::err, 100));
    for (const Caveat& caveat : setup.runner.caveats) {
        // Notes are in the report; somebody who watches may want to stop now.
        if (caveat.severity != Severity::note || on_terminal || context.verbose) {
            progress->caveat(caveat);
        }
    }
    auto outcome = run_plan(setup.plan, setup.candidates, store, setup.runner, *progress, &interrupt_requested);
    progress.reset();
    if (!outcome) {
        return tl::unexpected(outcome.error());
    }
    if (outcome->interrupted) {
        return fail(
            ErrorKind::Interrupted,
            fmt::format("Interrupted after {} trials; they are in {}.", outcome->n_trials, options.store.string()),
            "The same command continues from there.");
    }
    talk(outcome_words(*outcome, options));
    return outcome;
}

}  // namespace landauer
