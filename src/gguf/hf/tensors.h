// Which tensors of a Hugging Face folder become which of a GGUF file, and how.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <string>
#include <vector>

#include "gguf/header.h"
#include "gguf/hf/config.h"
#include "gguf/hf/folder.h"

namespace landauer {

struct ImportTensor {
    GgufTensorSpec spec;
    std::string source;           // its name in the folder; empty: `values` are its data
    std::string source_type;      // safetensors' name
    std::int64_t pair_heads = 0;  // above 0: in each of so many heads, rows of rotated pairs are put side by side
    std::vector<float> values;
};

// All tensors, in GGUF's usual order. Matrices keep their type, or get `type` (ggml's name) where its blocks fit, else
// f16; vectors are f32. Invalid: a tensor is missing, has another shape than the configuration says or a type that is
// none of weights, or is unknown (nothing is left out silently, but a vision tower).
[[nodiscard]] Result<std::vector<ImportTensor>> import_tensors(const HfConfig& config, const HfWeights& weights,
                                                               const std::string& type);

}  // namespace landauer
