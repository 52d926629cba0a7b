// What the words after `landauer compare` mean, and the runs behind them.
#pragma once

#include <landauer/error.h>

#include <filesystem>
#include <string>
#include <vector>

#include "cli/analysis_output.h"
#include "cli/command.h"
#include "cli/compare_options.h"

namespace landauer {

struct CompareInput {
    std::string word;
    bool is_model = false;
    bool is_control = false;
    std::filesystem::path model;  // of a model
    std::filesystem::path store;  // of a stored run
    std::string run;
};

// A file that is there or is called like a model is one; "STORE.db:RUN" and everything else is a stored run.
[[nodiscard]] CompareInput read_input(const std::string& word, const std::filesystem::path& store);

// One run each, in the order of the inputs: models are run now, taking turns, unless the store holds them already.
// Invalid: two inputs that are the very same.
[[nodiscard]] Result<std::vector<AnalysedRuns>> runs_of(const std::vector<CompareInput>& inputs, BenchOptions options,
                                                        CommandContext& context);

// The models' files where there are some, to run nothing: what --dry-run shows.
[[nodiscard]] Result<std::string> dry_run_of(const std::vector<CompareInput>& inputs, BenchOptions options,
                                             CommandContext& context);

// File names, told apart by the number of the run where two are alike.
[[nodiscard]] std::vector<std::string> short_names(const std::vector<AnalysedRuns>& runs);

}  // namespace landauer
