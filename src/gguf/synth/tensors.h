// Which tensors a model of a shape has: names, types and dimensions, without data.
#pragma once

#include <cstdint>
#include <vector>

#include "gguf/header.h"
#include "gguf/synth/file_type.h"
#include "gguf/synth/shape.h"

namespace landauer {

enum class WeightKind {
    matrix,        // mean 0, variance 1 / fan_in
    norm,          // round 1
    bias,          // round 0
    rope_factors,  // computed: see gguf/rope_factors.h
};

struct SynthTensor {
    GgufTensorSpec spec;
    WeightKind kind = WeightKind::matrix;
    std::int64_t fan_in = 1;  // values that make one output
};

// Of a language model with n_vocab tokens, in the order in which llama.cpp's converter writes them.
[[nodiscard]] std::vector<SynthTensor> language_tensors(const LanguageShape& shape, std::int64_t n_vocab,
                                                        const FileType& file_type);

// Of a vision tower whose output is n_embd_text wide; matrices f16, the rest f32, as the converter writes them.
[[nodiscard]] std::vector<SynthTensor> tower_tensors(const TowerShape& tower, std::int64_t n_embd_text);

}  // namespace landauer
