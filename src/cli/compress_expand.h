// `landauer compress -m FACTORS.gguf --expand`: a file of factors as the dense one of equal function.
#pragma once

#include <landauer/error.h>

#include "cli/compress_options.h"

namespace landauer {

// --expand of a file of factors, or without any size, of one that cannot be told.
[[nodiscard]] bool expands_file(const CompressFlags& flags);

// Prints what was written. Invalid: options that say how to compress. Errors as expand_factors().
[[nodiscard]] Result<void> expand_file(const CompressFlags& flags);

}  // namespace landauer
