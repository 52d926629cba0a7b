// What is looked at in a file before it is loaded as an embedder.
#pragma once

#include <landauer/error.h>

#include <string>

#include "engine/embedder.h"
#include "gguf/summary.h"
#include "llama.h"

namespace landauer {

using PoolingType = enum llama_pooling_type;  // libllama has a function of that name too

// How the model's tokens become one vector: as asked for, else as its metadata says. Invalid: a word that names no
// pooling; a model that is no embedder; settings that cannot be used.
[[nodiscard]] Result<PoolingType> check_embedder(const GgufSummary& summary, const EmbedderSettings& settings);

[[nodiscard]] std::string pooling_name(PoolingType pooling);

}  // namespace landauer
