// A comparison as analysis would give it, made by hand: a base, a candidate 2.36 times as fast, and a control.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "report/compare/report.h"
#include "sample_run.h"

namespace landauer::test {

struct ComparisonOptions {
    bool energy = true;
    bool accuracy = true;
    bool control = false;
    bool gates = true;
    bool use = true;
    bool published = true;
    std::string text = "Sample 135M";  // put wherever a model, a file or a user speaks
};

// The report with all that it points into.
struct SampleComparison {
    std::vector<std::unique_ptr<SampleRun>> runs;
    std::vector<std::unique_ptr<RunScores>> scores;
    std::unique_ptr<ModelComparison> comparison;
    CompareReport report;
};

[[nodiscard]] SampleComparison sample_comparison(const ComparisonOptions& options = {});

}  // namespace landauer::test
