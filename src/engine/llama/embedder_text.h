// A text as the tokens that an embedder reads, cut where its context ends.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "llama.h"

namespace landauer {

struct EmbedderText {
    std::vector<Token> tokens;  // at most n_ctx; none: the text holds nothing to read
    int n_sentences_left_out = 0;
};

[[nodiscard]] Result<EmbedderText> embedder_text(const llama_vocab* vocab, const std::string& text, std::int32_t n_ctx);

}  // namespace landauer
