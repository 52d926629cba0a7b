// What a window may gain or lose because it is not known when a slow source published.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "analysis/error_parts.h"
#include "analysis/load_powers.h"

namespace landauer {

// A standard uncertainty with its sign and its cause.
struct CausedDoubt {
    ErrorCause cause;
    double signed_j = 0.0;
};

// parts: of a joule more in each step from `first` on, what the window gets. A border that lies later moves energy
// from the step after it to the one before: the window gains where it has more of that one, and its neighbour,
// that has more of the other, loses as much.
[[nodiscard]] std::vector<CausedDoubt> border_doubts(const EnergySteps& steps, std::size_t first,
                                                     std::span<const double> parts, const LoadPowers& powers);

}  // namespace landauer
