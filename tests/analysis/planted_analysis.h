// Planted runs, analysed, and what their totals must be.
#pragma once

#include <gmock/gmock.h>

#include <string>
#include <utility>

#include "analysis/run_analysis.h"
#include "planted_run.h"

namespace landauer::test {

inline AnalysisOptions quick() {
    AnalysisOptions options;
    options.bootstrap = 300;
    return options;
}

inline RunAnalysis analyse(const RunData& data) {
    auto result = analyse_run(data, quick());
    EXPECT_TRUE(result) << result.error().sentence;
    return std::move(*result);
}

inline auto has_caveat(const std::string& code) { return ::testing::Contains(::testing::Field(&Caveat::code, code)); }

// Of the ladder once.
inline double ladder_seconds(const Plant& plant) {
    double sum = 0.0;
    for (int prompt = 0; prompt < plant.n_prompts; ++prompt) {
        sum += Plant::seconds(static_cast<double>(15 + std::llround(82.5 * prompt)));
    }
    return sum;
}

}  // namespace landauer::test
