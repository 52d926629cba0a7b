// The flags of `landauer compare`: those of bench that describe a run, and what is asked of the comparison.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "analysis/compare/use.h"
#include "cli/bench_options.h"
#include "report/compare/report.h"

namespace landauer {

struct CompareFlags {
    BenchOptions bench;
    std::vector<std::string> inputs;  // base first: model files and stored runs

    std::filesystem::path references;
    std::filesystem::path embedder;
    bool no_score = false;
    std::filesystem::path text;
    std::vector<std::string> quantised;  // further candidates: the base in these stock types
    bool with_control = false;
    std::vector<std::filesystem::path> controls;  // further candidates that others are only held against

    double margin_percent = 2.0;
    double margin_accuracy = 2.0;
    std::vector<std::string> fail_if;
    std::vector<std::string> fail_if_certain;
    std::string paper;
    std::optional<double> prompts_per_day;
    std::optional<double> price;
    std::optional<double> battery_wh;
    std::optional<double> co2_g;
    std::string co2_source;
    std::size_t most_text_bytes = 0;  // of `text`, its beginning; 0: all
    std::vector<double> making_wh;

    std::string format = "table";
    std::filesystem::path out;
    std::filesystem::path report;
};

void add_compare_options(CLI::App& command, CompareFlags& flags);

// What can be told to be wrong before anything is opened or run.
struct CompareRequest {
    CompareFormat format;
    std::vector<Gate> gates;          // of --fail-if
    std::vector<Gate> certain_gates;  // of --fail-if-certain
    std::optional<PublishedPair> published;
    std::optional<Use> use;
    CompareOptions options;
};
[[nodiscard]] Result<CompareRequest> read_request(const CompareFlags& flags);

}  // namespace landauer
