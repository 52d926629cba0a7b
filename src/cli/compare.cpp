#include "cli/compare.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/command.h"
#include "cli/compare_control.h"
#include "cli/compare_inputs.h"
#include "cli/compare_options.h"
#include "cli/compare_scores.h"
#include "gguf/summary.h"

namespace landauer {
namespace {

// Bytes of an input's tensors: of the file, or of the stored run's model.
Result<std::uint64_t> bytes_of(const CompareInput& input) {
    if (!input.is_model) {
        auto store = Store::open_existing(input.store);
        if (!store) {
            return tl::unexpected(store.error());
        }
        auto id = store->find_run(input.run);
        if (!id) {
            return tl::unexpected(id.error());
        }
        auto data = store->read_run(*id);
        return data ? Result<std::uint64_t>(data->run.model.size_bytes) : tl::unexpected(data.error());
    }
    auto header = inspect_gguf(input.model);
    return header ? Result<std::uint64_t>(header->tensor_bytes) : tl::unexpected(header.error());
}

// The base in the stock types that were asked for, as candidates.
Result<void> add_quantised(const std::vector<std::string>& types, std::vector<CompareInput>& inputs) {
    if (!types.empty() && !inputs.front().is_model) {
        return fail(ErrorKind::Invalid, "Only a model file can be quantised, and the base is a stored run.",
                    "Name the base by its model file.");
    }
    for (const std::string& type : types) {
        auto file = quantised_base(inputs.front().model, type);
        if (!file) {
            return tl::unexpected(file.error());
        }
        inputs.push_back(read_input(file->string(), {}));
    }
    return {};
}

// A control for each candidate, each type once; returns what there is to say of candidates that no stock type is near
// to. Absent: there is none for any of them.
Result<std::vector<std::string>> add_controls(std::vector<CompareInput>& inputs) {
    if (!inputs.front().is_model) {
        return fail(ErrorKind::Invalid, "A control is quantised from the base's weights, and the base is a stored run.",
                    "Name the base by its model file, or bench the control and compare its stored run.");
    }
    const std::size_t n = inputs.size();
    std::vector<Error> without;
    for (std::size_t i = 1; i < n; ++i) {
        auto bytes = bytes_of(inputs[i]);
        if (!bytes) {
            return tl::unexpected(bytes.error());
        }
        auto file = quantised_control(inputs.front().model, *bytes);
        if (!file && file.error().kind == ErrorKind::Absent && n > 2) {
            without.push_back(file.error());
            continue;
        }
        if (!file) {
            return tl::unexpected(file.error());
        }
        const bool is_known =
            std::any_of(inputs.begin(), inputs.end(), [&](const CompareInput& other) { return other.model == *file; });
        if (!is_known) {
            CompareInput control = read_input(file->string(), {});
            control.is_control = true;
            inputs.push_back(std::move(control));
        }
    }
    if (without.size() == n - 1) {
        return tl::unexpected(without.front());
    }
    std::vector<std::string> notes;
    notes.reserve(without.size());
    for (const Error& error : without) {
        notes.push_back(error.sentence + " That candidate has no control beside it.");
    }
    return notes;
}

const TextScore* if_there(const std::optional<TextScore>& score) { return score ? &*score : nullptr; }

std::vector<Contender> contenders_of(const std::vector<CompareInput>& inputs, const std::vector<AnalysedRuns>& runs,
                                     const ComparedScores& scores, const CompareFlags& flags) {
    const std::vector<std::string> names = short_names(runs);
    std::vector<Contender> out;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        Contender one;
        one.name = names[i];
        one.run = &runs[i].analyses.front();
        one.scores = scores.answers.empty() ? nullptr : &scores.answers[i];
        one.text = scores.texts.empty() ? nullptr : if_there(scores.texts[i]);
        one.is_control = inputs[i].is_control;
        if (i > 0 && i - 1 < flags.making_wh.size() && !one.is_control) {
            one.making_wh = flags.making_wh[i - 1];
        }
        out.push_back(std::move(one));
    }
    return out;
}

// Beside the answers, for predict and later comparisons; a store that may not be written is no reason to fail.
void keep_scores(const std::vector<CompareInput>& inputs, const std::filesystem::path& own, ComparedScores& scores) {
    for (std::size_t i = 0; i < scores.answers.size(); ++i) {
        auto store = Store::open_existing(inputs[i].is_model ? own : inputs[i].store);
        auto kept = store ? store->put_scores(scores.answers[i]) : tl::unexpected(store.error());
        if (!kept) {
            scores.notes.push_back("The scores were not kept in the store: " + kept.error().sentence);
            return;
        }
    }
}

// The mean over the run's prompts.
std::optional<Estimate> wh_per_prompt(const RunAnalysis& run) {
    const auto total = run.totals.find("wh");
    const auto n = std::count_if(run.prompts.begin(), run.prompts.end(),
                                 [](const PromptFigures& prompt) { return prompt.figures.contains("wh"); });
    if (total == run.totals.end() || n == 0) {
        return std::nullopt;
    }
    const double share = 1.0 / static_cast<double>(n);
    return Estimate{total->second.value * share, {total->second.ci95.low * share, total->second.ci95.high * share}};
}

void add_stock_notes(const ModelComparison& comparison, std::vector<std::string>& notes) {
    const ModelRecord& base = comparison.contenders.front().run->data->run.model;
    for (const PairComparison& pair : comparison.pairs) {
        const Contender& candidate = comparison.contenders[pair.candidate];
        if (candidate.is_control) {
            continue;
        }
        if (const auto type = stock_type(base, candidate.run->data->run.model); type) {
            notes.push_back(
                fmt::format("The base in the stock type {} has about the bytes of {}; "
                            "--with-quantised-control runs it beside.",
                            *type, candidate.name));
        }
    }
}

// One model under two names, or twice: what is left is noise, and the page says so.
void add_twin_notes(const ModelComparison& comparison, std::vector<std::string>& notes) {
    const Contender& base = comparison.contenders.front();
    for (const PairComparison& pair : comparison.pairs) {
        const Contender& candidate = comparison.contenders[pair.candidate];
        if (candidate.run->data->run.model.sha256 == base.run->data->run.model.sha256) {
            notes.push_back(
                fmt::format("{} and {} are the same file, so what differs between them is noise or settings.",
                            base.name, candidate.name));
        }
    }
}

Result<CompareReport> report_of(const ModelComparison& comparison, const CompareRequest& request,
                                const CommandContext& context) {
    CompareReport report;
    report.comparison = &comparison;
    report.options = request.options;
    report.published = request.published;
    report.use = request.use;
    report.command = context.command_line;
    report.version = LANDAUER_VERSION;
    for (const auto& [gates, only_when_certain] :
         {std::pair{&request.gates, false}, std::pair{&request.certain_gates, true}}) {
        auto judged = judge(*gates, comparison);
        if (!judged) {
            return tl::unexpected(judged.error());
        }
        for (GateResult& gate : *judged) {
            report.gates.push_back({std::move(gate), only_when_certain});
        }
    }
    if (request.use) {
        for (const Contender& contender : comparison.contenders) {
            const auto wh = wh_per_prompt(*contender.run);
            report.years.push_back(wh ? std::optional(year_of_use(*wh, *request.use)) : std::nullopt);
        }
    }
    return report;
}

Result<void> verdict_of(const CompareReport& report) {
    std::string failed;
    std::size_t n = 0;
    for (const GateOutcome& gate : report.gates) {
        if (gate.failed()) {
            ++n;
            failed += fmt::format("{}{} ({})", failed.empty() ? "" : ", ", gate.result.gate.text,
                                  report.comparison->contenders[gate.result.candidate].name);
        }
    }
    if (n == 0) {
        return {};
    }
    return fail(ErrorKind::Refused, fmt::format("{} of {} gates failed: {}.", n, report.gates.size(), failed),
                "The comparison above gives each change with its interval.");
}

}  // namespace

Result<void> write_comparison(const CompareReport& report, const CompareRequest& request, const CompareFlags& flags) {
    if (auto written = write_output(flags.out, request.format.write(report, report_options(flags.out))); !written) {
        return written;
    }
    return write_comparison_page(report, flags);
}

Result<void> write_comparison_page(const CompareReport& report, const CompareFlags& flags) {
    if (flags.report.empty()) {
        return {};
    }
    auto html = find_compare_format("html");
    if (!html) {
        return tl::unexpected(html.error());
    }
    if (auto written = write_output(flags.report, html->write(report, {})); !written) {
        return written;
    }
    std::error_code unused;
    talk(fmt::format("Report: {}\n", std::filesystem::absolute(flags.report, unused).string()));
    return {};
}

Result<void> run_compare(const CompareFlags& flags, CommandContext& context, const WithComparison& then) {
    auto request = read_request(flags);
    if (!request) {
        return tl::unexpected(request.error());
    }
    std::vector<CompareInput> inputs;
    inputs.reserve(flags.inputs.size());
    for (const std::string& word : flags.inputs) {
        inputs.push_back(read_input(word, flags.bench.store));
    }
    if (auto added = add_quantised(flags.quantised, inputs); !added) {
        return added;
    }
    for (const auto& file : flags.controls) {
        inputs.push_back(read_input(file.string(), {}));
        inputs.back().is_control = true;
    }
    std::vector<std::string> notes;
    if (flags.with_control) {
        auto added = add_controls(inputs);
        if (!added) {
            return tl::unexpected(added.error());
        }
        notes = std::move(*added);
    }
    if (flags.bench.dry_run) {
        auto words = dry_run_of(inputs, flags.bench, context);
        if (!words) {
            return tl::unexpected(words.error());
        }
        print(*words);
        return {};
    }
    auto runs = runs_of(inputs, flags.bench, context);
    if (!runs) {
        return tl::unexpected(runs.error());
    }
    auto scores = score_compared(*runs, flags);
    if (!scores) {
        return tl::unexpected(scores.error());
    }
    keep_scores(inputs, flags.bench.store, *scores);
    auto comparison = compare_models(contenders_of(inputs, *runs, *scores, flags), request->options);
    if (!comparison) {
        return tl::unexpected(comparison.error());
    }
    auto report = report_of(*comparison, *request, context);
    if (!report) {
        return tl::unexpected(report.error());
    }
    report->notes = std::move(notes);
    report->notes.insert(report->notes.end(), scores->notes.begin(), scores->notes.end());
    add_twin_notes(*comparison, report->notes);
    if (!flags.with_control && flags.quantised.empty() && flags.controls.empty()) {
        add_stock_notes(*comparison, report->notes);
    }
    if (then) {
        return then(*report, *request);
    }
    if (auto written = write_comparison(*report, *request, flags); !written) {
        return written;
    }
    return verdict_of(*report);
}

void add_compare_command(CLI::App& app, CommandContext& context) {
    auto* const command = app.add_subcommand("compare", "Hold models against a base: one paired verdict, gates for CI");
    auto flags = std::make_shared<CompareFlags>();
    add_compare_options(*command, *flags);
    add_verbose_option(*command, context);
    command->footer(
        "Models take turns piece by piece, so that the machine's drift does not favour one of them.\n"
        "A metric is better or worse where p is below 0.05 after Holm's correction over all metrics, equivalent only\n"
        "within --margin, and otherwise not separated.\n\n"
        "Examples:\n"
        "  landauer compare base.gguf small.gguf -r 3 --report verdict.html   run both now, with a page\n"
        "  landauer compare 1 2 --embedder minilm.gguf                        two stored runs, answers scored\n"
        "  landauer compare old.db:last new.gguf -o md --fail-if 'wh_per_prompt>+5%'   a gate for CI; exit code 3\n"
        "  landauer compare base.gguf small.gguf --with-quantised-control     against a stock type of the same size\n"
        "  landauer compare base.gguf --quantised Q8_0,Q4_K_M,Q3_K_M          which type is worth its accuracy");
    const CLI::Option* const pieces = command->get_option("--pieces");
    command->callback([flags, pieces, &context] {
        flags->bench.least_turns = pieces->count() == 0 ? kCompareTurns : 0;
        if (auto done = run_compare(*flags, context); !done) {
            report_error(context, done.error());
        }
    });
}

}  // namespace landauer
