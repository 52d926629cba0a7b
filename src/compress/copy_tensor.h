// Tensors that go from one file to another as they are.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <string>

#include "gguf/weights.h"
#include "gguf/writer.h"

namespace landauer {

[[nodiscard]] std::uint64_t n_rows(const GgufTensor& tensor);

// In exact codes, some megabytes at a time; `name` is the copy's. Errors as reading and writing.
[[nodiscard]] Result<void> copy_tensor(const WeightFile& source, const GgufTensor& tensor, const std::string& name,
                                       GgufWriter& writer);

}  // namespace landauer
