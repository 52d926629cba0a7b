// Stored figures against the same figures computed again from raw samples.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/records.h"

namespace landauer {

struct FigureDifference {
    std::string key;  // of the trial
    int attempt = 0;
    std::string metric;
    std::optional<double> stored;    // empty: computed, but not stored
    std::optional<double> computed;  // empty: stored, but the samples do not give it
};

struct Verification {
    std::size_t n_trials = 0;
    std::size_t n_figures = 0;  // compared
    std::vector<FigureDifference> differences;
};

// Bit for bit: a figure that differs in its last bit differs.
[[nodiscard]] Verification verify_run(const RunData& data);

}  // namespace landauer
