#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>

#include "cli/analysis_output.h"
#include "cli/command.h"
#include "cli/runs_attach.h"
#include "cli/runs_verify.h"
#include "cli/runs_words.h"

namespace landauer {
namespace {

constexpr int kGateSaidNo = 3;

struct RunsOptions {
    std::filesystem::path store = "landauer.db";
    std::vector<std::string> runs;
    std::string format = "jsonl";
    std::filesystem::path out;
    std::filesystem::path in;
    bool yes = false;
    AttachOptions attach;
};

// The runs named; none named: all of them, or the last.
enum class Default { all, last };
Result<std::vector<std::int64_t>> named_runs(Store& store, const std::vector<std::string>& names, Default otherwise) {
    std::vector<std::int64_t> ids;
    if (names.empty() && otherwise == Default::all) {
        auto all = store.list_runs();
        if (!all) {
            return tl::unexpected(all.error());
        }
        for (const RunSummary& summary : *all) {
            ids.push_back(summary.run.id);
        }
        return ids;
    }
    for (const std::string& name : names.empty() ? std::vector<std::string>{"last"} : names) {
        auto id = store.find_run(name);
        if (!id) {
            return tl::unexpected(id.error());
        }
        if (std::find(ids.begin(), ids.end(), *id) == ids.end()) {
            ids.push_back(*id);
        }
    }
    return ids;
}

Result<void> list(const RunsOptions& options, CommandContext& /*context*/) {
    return Store::open_existing(options.store)
        .and_then([](Store&& store) { return store.list_runs(); })
        .map([](const std::vector<RunSummary>& runs) { print(list_words(runs)); });
}

Result<void> show(Store& store, const std::vector<std::int64_t>& ids) {
    for (const std::int64_t id : ids) {
        auto run = store.read_run(id);
        if (!run) {
            return tl::unexpected(run.error());
        }
        print(show_words(*run));
    }
    return {};
}

Result<void> export_runs(Store& store, const std::vector<std::int64_t>& ids, const RunsOptions& options) {
    if (options.format != "jsonl") {
        return analyse_runs(store, ids).and_then([&](const AnalysedRuns& runs) {
            return write_report(runs, options.format, options.out);
        });
    }
    std::ostringstream text;
    for (const std::int64_t id : ids) {
        auto run = store.read_run(id);
        if (!run) {
            return tl::unexpected(run.error());
        }
        if (auto written = export_jsonl(*run, text); !written) {
            return written;
        }
    }
    return write_output(options.out, text.str());
}

// Everything is read and checked before the store is touched.
Result<std::vector<RunData>> read_jsonl(const std::filesystem::path& file) {
    if (file == "-") {
        return import_jsonl(std::cin);
    }
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        return fail(ErrorKind::Invalid, fmt::format("The file {} cannot be read.", file.string()),
                    "Name a file that `landauer runs export` wrote.");
    }
    return import_jsonl(in);
}

void add(Store::MergeReport& total, const Store::MergeReport& one) {
    total.runs_added += one.runs_added;
    total.runs_extended += one.runs_extended;
    total.runs_skipped += one.runs_skipped;
    total.trials_added += one.trials_added;
}

Result<void> import_runs(const RunsOptions& options, CommandContext& /*context*/) {
    auto runs = read_jsonl(options.in);
    if (!runs) {
        return tl::unexpected(runs.error());
    }
    auto store = Store::open(options.store);
    if (!store) {
        return tl::unexpected(store.error());
    }
    Store::MergeReport total;
    for (const RunData& run : *runs) {
        auto report = store->add_run_data(run);
        if (!report) {
            return tl::unexpected(report.error());
        }
        add(total, *report);
    }
    print(merge_words(total));
    return {};
}

Result<void> merge(const RunsOptions& options, CommandContext& /*context*/) {
    auto other = Store::open_existing(options.in);
    if (!other) {
        return tl::unexpected(other.error());
    }
    auto ids = named_runs(*other, options.runs, Default::all);
    if (!ids) {
        return tl::unexpected(ids.error());
    }
    auto store = Store::open(options.store);
    if (!store) {
        return tl::unexpected(store.error());
    }
    return store->merge_from(*other, *ids).map([](const Store::MergeReport& report) { print(merge_words(report)); });
}

Result<void> remove(Store& store, const std::vector<std::int64_t>& ids, const RunsOptions& options) {
    if (!options.yes) {
        return fail(ErrorKind::Invalid,
                    fmt::format("Deleting {} of {} cannot be undone.", ids.size() == 1 ? "a run" : "runs",
                                options.store.string()),
                    "Add --yes to delete; `landauer runs export` keeps a copy first.");
    }
    for (const std::int64_t id : ids) {
        if (auto done = store.delete_run(id); !done) {
            return done;
        }
        print(fmt::format("Run {} is deleted.\n", id));
    }
    return {};
}

Result<void> verify(Store& store, const std::vector<std::int64_t>& ids, CommandContext& context) {
    for (const std::int64_t id : ids) {
        auto run = store.read_run(id);
        if (!run) {
            return tl::unexpected(run.error());
        }
        const Verification verification = verify_run(*run);
        print(verify_words(id, verification));
        if (!verification.differences.empty()) {
            context.exit_code = kGateSaidNo;
        }
    }
    return {};
}

// Opens the store and finds the runs named, for the actions on runs of it.
template <class Action>
auto on_runs(Default otherwise, Action action) {
    return [otherwise, action](const RunsOptions& options, CommandContext& context) -> Result<void> {
        auto store = Store::open_existing(options.store);
        if (!store) {
            return tl::unexpected(store.error());
        }
        auto ids = named_runs(*store, options.runs, otherwise);
        if (!ids) {
            return tl::unexpected(ids.error());
        }
        return action(*store, *ids, options, context);
    };
}

using Options = std::shared_ptr<RunsOptions>;

// A subcommand of `runs`; its action's error becomes the program's.
template <class Action>
CLI::App* subcommand(CLI::App& runs, const char* name, const char* help, const Options& options,
                     CommandContext& context, Action action) {
    CLI::App* const command = runs.add_subcommand(name, help);
    add_store_option(*command, options->store);
    command->callback([options, &context, action] {
        if (auto done = action(*options, context); !done) {
            report_error(context, done.error());
        }
    });
    return command;
}

void add_readers(CLI::App& runs, const Options& options, CommandContext& context) {
    subcommand(runs, "list", "One line a run", options, context, list);
    subcommand(runs, "show", "Facts, sessions and trials of a run", options, context,
               on_runs(Default::last, [](Store& store, const auto& ids, const RunsOptions&,
                                         CommandContext&) { return show(store, ids); }))
        ->add_option("run", options->runs, "Runs by number or label (default: the last)");
    CLI::App* const exporter =
        subcommand(runs, "export", "Runs as text: jsonl keeps everything, csv the figures", options, context,
                   on_runs(Default::last, [](Store& store, const auto& ids, const RunsOptions& o, CommandContext&) {
                       return export_runs(store, ids, o);
                   }));
    exporter->add_option("run", options->runs, "Runs by number or label (default: the last)");
    exporter->add_option("--format", options->format, "jsonl or csv")
        ->check(CLI::IsMember({"jsonl", "csv"}))
        ->capture_default_str();
    exporter->add_option("--out", options->out, "File to write (default: stdout)");
    subcommand(runs, "verify", "Compute every stored figure again from its raw samples; exit 3 where one differs",
               options, context,
               on_runs(Default::all, [](Store& store, const auto& ids, const RunsOptions&,
                                        CommandContext& c) { return verify(store, ids, c); }))
        ->add_option("run", options->runs, "Runs by number or label (default: all)");
}

Result<void> attach(const RunsOptions& options, CommandContext& /*context*/) {
    auto store = Store::open_existing(options.store);
    if (!store) {
        return tl::unexpected(store.error());
    }
    auto id = store->find_run(options.attach.run);
    if (!id) {
        return tl::unexpected(id.error());
    }
    return attach_recording(*store, *id, options.attach).map([](const std::string& words) { print(words); });
}

void add_attach(CLI::App& runs, const Options& options, CommandContext& context) {
    CLI::App* const command =
        subcommand(runs, "attach", "Add another meter's recording (CSV of time and watts or joules) to a run", options,
                   context, attach);
    AttachOptions& a = options->attach;
    command->add_option("run", a.run, "The run, by number or label, or last")->required();
    command->add_option("file", a.file, "The recording")->required();
    command->add_option("--name", a.name, "What to call it (default: the file's name)");
    command->add_option("--rail", a.rail, "What it measures: wall, dc-input, board, package, ...")
        ->capture_default_str();
    command->add_option("--accuracy", a.accuracy_percent, "Its stated accuracy in %")->check(CLI::Range(0.0, 100.0));
    command->add_option("--lag", a.lag_s, "Roughly how many seconds to add to its times (default: found)");
    command->add_flag("--dry-run", a.dry_run, "Align and say how well, and store nothing");
    command->footer("Example:\n  landauer runs attach last plug.csv --rail wall --accuracy 1");
}

void add_writers(CLI::App& runs, const Options& options, CommandContext& context) {
    subcommand(runs, "import", "Add runs that were exported as jsonl", options, context, import_runs)
        ->add_option("file", options->in, "A file of `runs export`, or - for stdin")
        ->required();
    CLI::App* const merger = subcommand(
        runs, "merge", "Add the runs of another store; what is here already is left alone", options, context, merge);
    merger->add_option("other", options->in, "The other store")->required();
    merger->add_option("run", options->runs, "Runs of it by number or label (default: all)");
    add_attach(runs, options, context);
    CLI::App* const deleter =
        subcommand(runs, "delete", "Delete runs and the samples no other run needs", options, context,
                   on_runs(Default::last, [](Store& store, const auto& ids, const RunsOptions& o, CommandContext&) {
                       return remove(store, ids, o);
                   }));
    deleter->add_option("run", options->runs, "Runs by number or label")->required();
    deleter->add_flag("--yes", options->yes, "Really delete");
}

}  // namespace

void add_runs_command(CLI::App& app, CommandContext& context) {
    auto* const runs =
        app.add_subcommand("runs", "List, show, export, import, merge, verify, attach to and delete stored runs");
    auto options = std::make_shared<RunsOptions>();
    add_store_option(*runs, options->store);
    runs->require_subcommand(0, 1);
    add_readers(*runs, options, context);
    add_writers(*runs, options, context);
    runs->footer(
        "Examples:\n"
        "  landauer runs                              what has been measured\n"
        "  landauer runs show last\n"
        "  landauer runs export 3 4 --out runs.jsonl  everything about two runs, raw samples too\n"
        "  landauer runs merge other.db               bring another machine's runs here\n"
        "  landauer runs verify                       are the figures what the samples say?");
    runs->callback([runs, options, &context] {
        if (runs->get_subcommands().empty()) {
            if (auto done = list(*options, context); !done) {
                report_error(context, done.error());
            }
        }
    });
}

}  // namespace landauer
