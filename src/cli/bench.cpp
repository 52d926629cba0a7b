#include <fmt/format.h>

#include "cli/analysis_output.h"
#include "cli/bench_options.h"
#include "cli/bench_run.h"
#include "cli/bench_setup.h"
#include "cli/command.h"
#include "platform/priority.h"

namespace landauer {
namespace {

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
        print(dry_run_words(*setup));
        return {};
    }
    auto store = Store::open(options.store);
    if (!store) {
        return tl::unexpected(store.error());
    }
    auto outcome = run_setup(*setup, *store, options, context);
    if (!outcome) {
        return tl::unexpected(outcome.error());
    }
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
