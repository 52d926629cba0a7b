// Intervals of law coefficients by resampling trials, for all forms of a law at once.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace landauer {

// coefficient[form][term][replicate]; a replicate in which a form has no answer (a resample
// with too few distinct token counts) is missing from that form alone.
using Replicates = std::vector<std::vector<std::vector<double>>>;

// columns: every variable that any form uses, by column; forms: column indices of each.
// One pass over the resampled cases adds up their normal equations, which are then solved
// for each form; columns are scaled, so that squared tokens keep their digits.
[[nodiscard]] Replicates bootstrap_forms(std::span<const std::vector<double>> columns,
                                         std::span<const std::vector<std::size_t>> forms, std::span<const double> y,
                                         int replicates, std::uint32_t seed);

}  // namespace landauer
