// What makes two runs less comparable than they seem: machine, settings, prompts, answer lengths.
#pragma once

#include <landauer/caveat.h>
#include <landauer/error.h>

#include <vector>

#include "analysis/compare/compare.h"
#include "analysis/compare/pairs.h"

namespace landauer {

// One caveat for each kind of difference, each naming every difference. Invalid when the pairs mean nothing: prompts
// or answers of such unlike lengths that the two runs did different work.
[[nodiscard]] Result<std::vector<Caveat>> differences_of(const RunAnalysis& base, const RunAnalysis& candidate,
                                                         const Pairing& pairing);

// Of those that `--strict` refuses.
[[nodiscard]] bool is_difference(const Caveat& caveat);

}  // namespace landauer
