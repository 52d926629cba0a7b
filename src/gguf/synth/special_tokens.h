// The tokens beside text that a family of models uses, and its chat template.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "gguf/synth/shape.h"

namespace landauer {

struct SpecialTokens {
    std::string vocabulary;  // llama.cpp's vocabulary file that the family uses; empty: there is none
    std::string pre;         // tokenizer.ggml.pre
    std::string bos;
    std::string eos;
    std::string padding;  // empty: none
    bool adds_bos = false;
    std::vector<std::string> control;  // all control tokens, in the order of their ids
    // Ids that the vocabulary file has under another name.
    std::vector<std::pair<std::size_t, std::string>> renamed;
    std::string chat_template;
};

[[nodiscard]] SpecialTokens special_tokens(TokenizerFamily family);

}  // namespace landauer
