// Between text and tokens, by the model's own vocabulary and chat template.
#pragma once

#include <landauer/error.h>

#include <string>
#include <vector>

#include "engine/engine.h"
#include "llama.h"

namespace landauer {

enum class TemplateState { usable, absent, unknown };  // unknown: libllama does not know it

[[nodiscard]] TemplateState chat_template_state(const llama_model* model);

// The prompt as the model's user would send it: wrapped by the chat template when asked and
// usable, else as it is; special tokens added as the vocabulary wants them.
[[nodiscard]] Result<std::vector<Token>> tokenize_prompt(const llama_model* model, const TrialRequest& request);

// The bytes of one token, empty for control tokens; may be part of a character.
[[nodiscard]] std::string piece_of(const llama_vocab* vocab, Token token);

}  // namespace landauer
