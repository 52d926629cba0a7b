// Cases made ready for a segmented fit: sorted, weighted, and repetitions that deviate together merged.
#pragma once

#include <landauer/error.h>

#include <optional>
#include <span>
#include <vector>

#include "analysis/laws/segmented.h"

namespace landauer {

struct SegmentedData {
    std::vector<double> x;  // ascending
    std::vector<double> y;
    std::vector<double> weight;
    std::vector<double> shared;
    std::vector<double> gain;
    std::vector<double> tilt;
    Weighting weighting = Weighting::relative;
    double evidence_relative = 0.0;  // -2 log likelihood of equal weights less that of relative ones
    std::size_t n_trials = 0;
    std::size_t n_sizes = 0;
    bool by_size = false;
    [[nodiscard]] std::size_t size() const { return x.size(); }
};

// Can the sizes and cases carry the form, with a case left to judge it by?
[[nodiscard]] bool carries(std::size_t n_sizes, std::size_t n_cases, SegmentedForm form);
// Coefficients and knee.
[[nodiscard]] std::size_t n_parameters(SegmentedForm form);

// Relative weights unless equal ones are clearly likelier. `evidence`: that of all ladders which are fitted
// together, in place of these cases' own. Invalid for fewer than three different x.
[[nodiscard]] Result<SegmentedData> prepare(std::span<const SegmentedCase> cases,
                                            std::optional<double> evidence = std::nullopt);

// The mean of each size as one case.
[[nodiscard]] SegmentedData merged_sizes(const SegmentedData& data);

}  // namespace landauer
