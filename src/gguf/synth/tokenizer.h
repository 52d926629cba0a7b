// The tokenizer that a synthetic model gets: a published one from a file, or bytes as tokens.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "gguf/synth/metadata.h"
#include "gguf/synth/shape.h"

namespace landauer {

struct Tokenizer {
    GgufMetadata metadata;  // tokenizer.*
    std::string name;       // for people: "llama-bpe", a file's name, "byte fallback"
    std::int64_t n_tokens = 0;
    bool is_fallback = false;  // bytes, although the shape has a published vocabulary
};

// From `given`, any GGUF file with a tokenizer; else the shape's own if llama.cpp's vocabularies are here;
// else bytes. Padded with unused tokens to the shape's vocabulary, so that its head costs what it should.
// Invalid: the file has no tokenizer, or more tokens than the shape.
[[nodiscard]] Result<Tokenizer> tokenizer_for(const SynthShape& shape, const std::filesystem::path& given);

}  // namespace landauer
