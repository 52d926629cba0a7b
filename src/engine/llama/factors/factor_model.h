// A model whose matrices are factors, loaded as any other.
#pragma once

#include <landauer/error.h>

#include "engine/llama/handles.h"
#include "gguf/summary.h"

namespace landauer {

// With the caller's params; weights that are whole lie in memory, not in the file's pages. Invalid: a damaged file.
// Absent: a build without the device, or a system without its streams. A null pointer: libllama refused, or was told
// to stop.
[[nodiscard]] Result<ModelPtr> load_factor_model(const GgufSummary& file, llama_model_params params);

}  // namespace landauer
