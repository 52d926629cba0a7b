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

// What the model reads: the prompt in its chat template when asked and usable, else as it is.
struct PromptText {
    std::string text;
    bool is_rendered = false;    // by a template: special tokens in it are meant
    bool has_beginning = false;  // it starts with the beginning token that the vocabulary would add
};
// The image stands before the text, as in llama.cpp's own programs.
[[nodiscard]] PromptText image_prompt_text(const llama_model* model, const TrialRequest& request);
[[nodiscard]] PromptText prompt_text(const llama_model* model, const std::string& text, bool chat_template);

// The prompt as the model's user would send it: wrapped by the chat template when asked and
// usable, else as it is; special tokens added as the vocabulary wants them.
[[nodiscard]] Result<std::vector<Token>> tokenize_prompt(const llama_model* model, const TrialRequest& request);

// `add_special`: what the vocabulary puts before and after a text; `parse_special`: special tokens written in the text
// are meant. Invalid: too long; Failed: libllama's own.
[[nodiscard]] Result<std::vector<Token>> to_tokens(const llama_vocab* vocab, const std::string& text, bool add_special,
                                                   bool parse_special);

// The bytes of one token, empty for control tokens; may be part of a character.
[[nodiscard]] std::string piece_of(const llama_vocab* vocab, Token token);

}  // namespace landauer
