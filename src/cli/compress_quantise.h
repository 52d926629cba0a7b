// `landauer compress --quantise`: the same shapes in a smaller type, made with the statistics.
#pragma once

#include <landauer/error.h>

#include "cli/compress_options.h"
#include "cli/compress_view.h"

namespace landauer {

// Invalid: a method or a type that it does not write.
[[nodiscard]] Result<void> check_quantise_flags(const CompressFlags& flags);

[[nodiscard]] Result<CompressOutcome> compress_quantise(const CompressFlags& flags, const CompressSettings& settings);

}  // namespace landauer
