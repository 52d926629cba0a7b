// The series behind the pictures, as JSON for the page's scripts.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>

#include "analysis/run_analysis.h"

namespace landauer {

// How much is drawn; what is left out is said beside the picture.
struct PlotLimits {
    std::size_t points = 2000;     // trials in a law plot
    std::size_t bars = 60;         // prompts in the phase breakdown
    std::size_t samples = 20'000;  // of all signals of all traces together
    std::size_t windows = 1000;    // shaded stretches a session
};

// One run: "prompts", "trials", "laws", "phases", "sessions".
[[nodiscard]] nlohmann::json plot_data(const RunAnalysis& run, const PlotLimits& limits = {});

// The parts, each in a file of its own.
[[nodiscard]] nlohmann::json law_plots(const RunAnalysis& run, const PlotLimits& limits);
[[nodiscard]] nlohmann::json phase_plot(const RunAnalysis& run, const PlotLimits& limits);
[[nodiscard]] nlohmann::json trace_plots(const RunAnalysis& run, const PlotLimits& limits);

// Five significant digits, more than a picture shows; null for what is not a number.
[[nodiscard]] nlohmann::json drawn(double value);

}  // namespace landauer
