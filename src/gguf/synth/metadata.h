// The metadata that llama.cpp's converter writes for a model of a shape, and the marks of a synthetic one.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gguf/synth/file_type.h"
#include "gguf/synth/shape.h"
#include "gguf/value.h"

namespace landauer {

using GgufMetadata = std::vector<std::pair<std::string, GgufValue>>;

// Without the tokenizer.
[[nodiscard]] GgufMetadata language_metadata(const SynthShape& shape, std::int64_t n_vocab, const FileType& file_type);

// Of a vision tower's file ("mmproj"). The shape has one.
[[nodiscard]] GgufMetadata tower_metadata(const SynthShape& shape);

// landauer.synthetic and its fellows.
[[nodiscard]] GgufMetadata synthetic_marks(const SynthShape& shape, std::uint64_t seed, const std::string& tokenizer);

}  // namespace landauer
