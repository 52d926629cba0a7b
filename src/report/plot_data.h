// The series behind the pictures, as JSON for the page's scripts.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <vector>

#include "analysis/run_analysis.h"

namespace landauer {

// How much is drawn; what is left out is said beside the picture.
struct PlotLimits {
    std::size_t points = 2000;     // trials in a law plot
    std::size_t bars = 60;         // prompts in the phase breakdown
    std::size_t samples = 20'000;  // of all signals of all traces together
    std::size_t windows = 1000;    // shaded stretches a session
};

// One run: "prompts", "trials", "laws", "phases", "sessions"; and "image" of a run of pictures.
[[nodiscard]] nlohmann::json plot_data(const RunAnalysis& run, const PlotLimits& limits = {});

// The parts, each in a file of its own.
[[nodiscard]] nlohmann::json law_plots(const RunAnalysis& run, const PlotLimits& limits);
[[nodiscard]] nlohmann::json image_plots(const RunAnalysis& run, const PlotLimits& limits);
[[nodiscard]] nlohmann::json phase_plot(const RunAnalysis& run, const PlotLimits& limits);
[[nodiscard]] nlohmann::json trace_plots(const RunAnalysis& run, const PlotLimits& limits);

// Which trials are drawn: all, or an even choice of about `most`.
[[nodiscard]] std::vector<std::size_t> drawn_trials(const std::vector<TrialRecord>& trials, std::size_t most);
// Five significant digits, more than a picture shows; null for what is not a number.
[[nodiscard]] nlohmann::json drawn(double value);

}  // namespace landauer
