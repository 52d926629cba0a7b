// The stock quantisation of a base that has a candidate's bytes: what compression is to be held against.
#pragma once

#include <landauer/error.h>

#include <filesystem>
#include <optional>
#include <string>

#include "core/records.h"

namespace landauer {

// Its type ("Q3_K_M"); nothing where none has that size or the base's file is not there.
[[nodiscard]] std::optional<std::string> stock_type(const ModelRecord& base, const ModelRecord& candidate);

// The base in a stock type by llama-quantize's name, from the cache or quantised into it now.
[[nodiscard]] Result<std::filesystem::path> quantised_base(const std::filesystem::path& base, const std::string& type);

// The base in the type of a candidate's size, from the cache or quantised into it now. Absent: no type comes near the
// candidate's size.
[[nodiscard]] Result<std::filesystem::path> quantised_control(const std::filesystem::path& base,
                                                              std::uint64_t candidate_bytes);

}  // namespace landauer
