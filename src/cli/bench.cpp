#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cli/analysis_output.h"
#include "cli/bench_options.h"
#include "cli/bench_setup.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "platform/priority.h"
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

Result<void> show_results(Store& store, const RunOutcome& outcome, const BenchOptions& options) {
    auto runs = analyse_runs(store, outcome.run_ids);
    if (!runs) {
        return tl::unexpected(runs.error());
    }
    if (auto written = write_report(*runs, options.format, options.out); !written) {
        return written;
    }
    if (options.report.empty()) {
        return {};
    }
    if (auto written = write_report(*runs, "html", options.report); !written) {
        return written;
    }
    std::error_code unused;
    talk(fmt::format("Report: {}\n", std::filesystem::absolute(options.report, unused).string()));
    return {};
}

Result<void> bench(const BenchOptions& options, CommandContext& context) {
    if (auto format = find_format(options.format); !format) {
        return tl::unexpected(format.error());
    }
    if (auto priority = set_process_priority(options.priority); !priority) {
        return priority;
    }
    auto setup = set_up_bench(options, context);
    if (!setup) {
        return tl::unexpected(setup.error());
    }
    if (options.dry_run) {
        print(plan_words(setup->plan, setup->candidates, nullptr) + order_words(setup->plan));
        return {};
    }
    auto store = Store::open(options.store);
    if (!store) {
        return tl::unexpected(store.error());
    }
    const bool on_terminal = is_terminal(Stream::err);
    if (on_terminal || context.verbose) {
        talk(plan_words(setup->plan, setup->candidates, nullptr));
    }
    std::optional<ProgressLine> progress;
    progress.emplace(on_terminal, options.progress, terminal_width(Stream::err, 100));
    for (const Caveat& caveat : setup->runner.caveats) {
        // Notes are in the report; somebody who watches may want to stop now.
        if (caveat.severity != Severity::note || on_terminal || context.verbose) {
            progress->caveat(caveat);
        }
    }
    auto outcome = run_plan(setup->plan, setup->candidates, *store, setup->runner, *progress, &interrupt_requested);
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
    return show_results(*store, *outcome, options);
}

}  // namespace

void add_bench_command(CLI::App& app, CommandContext& context) {
    auto* const command = app.add_subcommand("bench", "Measure what prompts cost on this machine");
    auto options = std::make_shared<BenchOptions>();
    add_bench_options(*command, *options);
    add_verbose_option(*command, context);
    command->footer(
        "Threads: one physical core is left free by default. With as many threads as cores, one other busy\n"
        "process can slow decoding many times over, because the engine's threads wait for each other.\n\n"
        "Examples:\n"
        "  landauer bench -m SmolLM2.gguf --report report.html     the 19-prompt ladder once, with a report\n"
        "  landauer bench -m a.gguf,b.gguf --protocol paper        two models, interleaved, five repetitions\n"
        "  landauer bench -m a.gguf --protocol grid -p 512 -n 128  as llama-bench, with CPU and memory\n"
        "  landauer bench -m a.gguf --prompts mine.jsonl -n 200    your own prompts");
    command->callback([options, &context] {
        if (auto done = bench(*options, context); !done) {
            report_error(context, done.error());
        }
    });
}

}  // namespace landauer
