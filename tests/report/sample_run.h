// A run as analysis would give it, made by hand: a planted law, nineteen prompts, a trace at
// 5 Hz, idle baselines, windows and caveats. The same on every machine.
#pragma once

#include <memory>
#include <string>

#include "analysis/run_analysis.h"

namespace landauer::test {

// seconds = kFixed + kPerToken n_in, both exact.
inline constexpr double kFixed = 0.32;
inline constexpr double kPerToken = 0.0021;

struct SampleOptions {
    int prompts = 19;
    int repetitions = 2;
    int spoiled = 1;  // trials of grade C, on the last prompts
    bool energy = false;
    bool grid = false;
    double rate_hz = 5.0;
    std::string text = "SmolLM2 135M Instruct";  // put wherever a model, a file or a user speaks
    std::string commit = "0c1e57098bba";
    double slower = 1.0;  // all times multiplied
};

// An analysis with the data that it points into.
struct SampleRun {
    std::unique_ptr<RunData> data;
    RunAnalysis analysis;
};

[[nodiscard]] SampleRun sample_run(const SampleOptions& options = {});

// Text that breaks out of whatever it is put into carelessly.
[[nodiscard]] std::string hostile_text();

}  // namespace landauer::test
