#include "cli/compare_inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "cli/bench_run.h"
#include "cli/bench_setup.h"
#include "engine/engine.h"
#include "platform/priority.h"

namespace landauer {
namespace {

bool is_file(const std::filesystem::path& path) {
    std::error_code unused;
    return std::filesystem::is_regular_file(path, unused);
}

bool is_store_name(const std::filesystem::path& path) { return path.extension() == ".db"; }

std::vector<std::string> model_words(const std::vector<CompareInput>& inputs) {
    std::vector<std::string> out;
    for (const CompareInput& input : inputs) {
        if (input.is_model) {
            out.push_back(input.model.string());
        }
    }
    return out;
}

Result<void> check_models(const BenchSetup& setup, std::size_t n_files) {
    if (setup.candidates.size() != n_files) {
        return fail(ErrorKind::Invalid,
                    fmt::format("These flags make {} runs of {} models.", setup.candidates.size(), n_files),
                    "Give each flag one value; settings are compared by benching them and comparing the stored runs.");
    }
    return {};
}

Result<BenchSetup> set_up(const std::vector<CompareInput>& inputs, BenchOptions& options, CommandContext& context) {
    options.models = model_words(inputs);
    for (const std::string& model : options.models) {
        if (model.find(',') != std::string::npos) {
            return fail(ErrorKind::Invalid, fmt::format("The name {} holds a comma.", model),
                        "Rename the file, or give it another name by a link.");
        }
    }
    auto setup = set_up_bench(options, context);
    if (!setup) {
        return setup;
    }
    if (auto checked = check_models(*setup, options.models.size()); !checked) {
        return tl::unexpected(checked.error());
    }
    return setup;
}

// Runs of the models, in their order.
Result<std::vector<AnalysedRuns>> run_models(const std::vector<CompareInput>& inputs, BenchOptions& options,
                                             CommandContext& context) {
    if (auto priority = set_process_priority(options.priority); !priority) {
        return tl::unexpected(priority.error());
    }
    auto setup = set_up(inputs, options, context);
    if (!setup) {
        return tl::unexpected(setup.error());
    }
    auto store = Store::open(options.store);
    if (!store) {
        return tl::unexpected(store.error());
    }
    auto outcome = run_setup(*setup, *store, options, context);
    if (!outcome) {
        return tl::unexpected(outcome.error());
    }
    std::vector<AnalysedRuns> out;
    for (const std::int64_t id : outcome->run_ids) {
        auto run = analyse_runs(*store, {id}, {.strict = options.strict});
        if (!run) {
            return tl::unexpected(run.error());
        }
        out.push_back(std::move(*run));
    }
    return out;
}

Result<AnalysedRuns> stored_run(const CompareInput& input, bool strict) {
    auto store = Store::open_existing(input.store);
    if (!store) {
        return tl::unexpected(store.error());
    }
    auto id = store->find_run(input.run);
    if (!id) {
        Error error = id.error();
        error.remedy += fmt::format(" \"{}\" is no file either.", input.word);
        return tl::unexpected(error);
    }
    return analyse_runs(*store, {*id}, {.strict = strict});
}

Result<void> check_distinct(const std::vector<CompareInput>& inputs, const std::vector<AnalysedRuns>& runs) {
    for (std::size_t i = 0; i < runs.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (runs[i].data.front().run.uuid == runs[j].data.front().run.uuid) {
                return fail(
                    ErrorKind::Invalid, fmt::format("{} and {} are the same run.", inputs[j].word, inputs[i].word),
                    "Name two runs; to see the noise, measure one model twice: landauer compare M.gguf M.gguf.");
            }
        }
    }
    return {};
}

}  // namespace

CompareInput read_input(const std::string& word, const std::filesystem::path& store) {
    CompareInput input;
    input.word = word;
    const std::size_t colon = word.rfind(':');
    if (is_store_name(word) && colon == std::string::npos) {
        input.store = word;
        input.run = "last";
        return input;
    }
    if (is_file(word) || std::filesystem::path(word).extension() == ".gguf" || is_fake_model(word)) {
        input.is_model = true;
        input.model = word;
        return input;
    }
    if (colon != std::string::npos && colon > 0 &&
        (is_store_name(word.substr(0, colon)) || is_file(word.substr(0, colon)))) {
        input.store = word.substr(0, colon);
        input.run = word.substr(colon + 1);
        return input;
    }
    input.store = store;
    input.run = word;
    return input;
}

Result<std::vector<AnalysedRuns>> runs_of(const std::vector<CompareInput>& inputs, BenchOptions options,
                                          CommandContext& context) {
    // Stored runs first: a wrong name is said before anything is measured.
    std::vector<AnalysedRuns> out(inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (inputs[i].is_model) {
            continue;
        }
        auto run = stored_run(inputs[i], options.strict);
        if (!run) {
            return tl::unexpected(run.error());
        }
        out[i] = std::move(*run);
    }
    if (std::any_of(inputs.begin(), inputs.end(), [](const CompareInput& input) { return input.is_model; })) {
        auto models = run_models(inputs, options, context);
        if (!models) {
            return tl::unexpected(models.error());
        }
        std::size_t next = 0;
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            if (inputs[i].is_model) {
                out[i] = std::move((*models)[next++]);
            }
        }
    }
    if (auto distinct = check_distinct(inputs, out); !distinct) {
        return tl::unexpected(distinct.error());
    }
    return out;
}

Result<std::string> dry_run_of(const std::vector<CompareInput>& inputs, BenchOptions options, CommandContext& context) {
    if (std::none_of(inputs.begin(), inputs.end(), [](const CompareInput& input) { return input.is_model; })) {
        return std::string("Nothing would run: every run is stored.\n");
    }
    auto setup = set_up(inputs, options, context);
    if (!setup) {
        return tl::unexpected(setup.error());
    }
    return dry_run_words(*setup);
}

std::vector<std::string> short_names(const std::vector<AnalysedRuns>& runs) {
    std::vector<std::string> out;
    for (const AnalysedRuns& one : runs) {
        const RunRecord& run = one.data.front().run;
        std::string file = std::filesystem::path(run.model.path).filename().string();
        for (const std::string_view ending : {".gguf", ".fake.json"}) {
            if (file.ends_with(ending)) file.resize(file.size() - ending.size());
        }
        out.push_back(file.empty() ? run.model.name : file);
    }
    std::multiset<std::string> seen(out.begin(), out.end());
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (seen.count(out[i]) > 1) {
            const RunRecord& run = runs[i].data.front().run;
            out[i] +=
                run.label.empty() ? fmt::format(" (run {})", run.id) : fmt::format(" ({}, run {})", run.label, run.id);
        }
    }
    return out;
}

}  // namespace landauer
