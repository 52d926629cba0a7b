// Where a cost that follows the tokens must have its knee: arithmetic over the ladder, no cost needed.
#pragma once

#include <optional>
#include <span>

#include "analysis/laws/law2.h"

namespace landauer {

// Nominal pixels at which the rise of the image tokens meets their plateau, over the sizes of a ladder. It lies
// below the pixels at which the clamp first binds, since clamped sides are rounded down to whole patches. Nothing
// where the tokens have no knee on this ladder: fewer than four sizes, or no plateau of two.
[[nodiscard]] std::optional<double> knee_of_tokens(std::span<const ImageCase> cases);

}  // namespace landauer
