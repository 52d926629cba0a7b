// A file of factors in floats as the same file in another type.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "compress/statistics.h"
#include "compress/stock_write.h"
#include "gguf/weights.h"

namespace landauer {

// Factors are encoded in `type` (factor_form()) under the moments of `floats` itself, all other tensors copied; what
// the metadata say of a healing goes. Written whole or not at all; returns the file's bytes. Errors as
// encode_factors(), factor_matrices() and GgufWriter; Interrupted: hooks.abort.
[[nodiscard]] Result<std::uint64_t> encode_floats(const WeightFile& floats, const StatisticsFile& moments,
                                                  const std::string& type, const std::filesystem::path& out,
                                                  const WriteHooks& hooks);

}  // namespace landauer
