// What `landauer compress` may do to a layer, out of the words of its flags.
#pragma once

#include <landauer/error.h>

#include <string>
#include <vector>

#include "compress/stock_units.h"

namespace landauer {

// "neurons,heads,layers" or some of them. Invalid: none, or another word.
[[nodiscard]] Result<StockWays> read_ways(const std::string& words);

// "Q4_0,IQ4_NL": ggml's names of the types. Invalid: a type that errors cannot be fed back into.
[[nodiscard]] Result<std::vector<std::string>> read_types(const std::string& words);

}  // namespace landauer
