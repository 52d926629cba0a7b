// Runs of pictures with a planted law: seconds = fixed + per token of the image, tokens from pixels under a clamp.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "analysis/run_analysis.h"

namespace landauer::test {

inline constexpr double kPixelsPerToken = 784.0;
inline constexpr double kImageFixed = 0.35;      // seconds
inline constexpr double kImagePerToken = 0.004;  // seconds

struct ImageRunOptions {
    std::int64_t id = 4;
    int clamp = 256;  // image tokens; 0: none, and so no knee
    int sizes = 14;
    int repetitions = 2;
    bool energy = false;
    bool is_synthetic = false;
    std::string image = "street.jpg";
    std::string text = "Qwen2 VL 2B";  // put wherever a model or a user speaks
};

struct ImageRuns {
    std::vector<std::unique_ptr<RunData>> data;
    std::vector<RunAnalysis> analyses;  // by the analysis itself, which knows nothing of what was planted
};

[[nodiscard]] ImageRuns image_runs(const std::vector<ImageRunOptions>& options);
[[nodiscard]] inline ImageRuns image_run(const ImageRunOptions& options = {}) { return image_runs({options}); }
// Three clamps that differ in nothing else.
[[nodiscard]] ImageRuns clamped_runs(const ImageRunOptions& common = {});

}  // namespace landauer::test
