// `landauer compress --heal`: the result's scales trained at the end, against the model it was made from.
#pragma once

#include <landauer/error.h>

#include "cli/compress_verdict.h"

namespace landauer {

// The output becomes the healed file; where healing does not help it stays as it is, and a note says so. Errors as
// heal_model().
[[nodiscard]] Result<void> heal_result(const CompressFlags& flags, const CompressSettings& settings,
                                       const std::string& command, Made& made);

}  // namespace landauer
