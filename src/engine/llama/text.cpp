#include "engine/llama/text.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <exception>
#include <limits>
#include <string>

#include "mtmd.h"

namespace landauer {
namespace {

constexpr std::size_t kLongestText = std::numeric_limits<std::int32_t>::max() / 4;

// The template rendered with one user message; empty when libllama does not know it.
std::string render(const char* chat_template, const std::string& text) {
    const llama_chat_message message{"user", text.c_str()};
    std::string rendered(text.size() + 256, '\0');
    for (int attempt = 0; attempt < 2; ++attempt) {
        const std::int32_t n = llama_chat_apply_template(chat_template, &message, 1, true, rendered.data(),
                                                         static_cast<std::int32_t>(rendered.size()));
        if (n < 0) return {};
        const bool fits = static_cast<std::size_t>(n) <= rendered.size();
        rendered.resize(static_cast<std::size_t>(n));
        if (fits) return rendered;
    }
    return {};
}

}  // namespace

Result<std::vector<Token>> to_tokens(const llama_vocab* vocab, const std::string& text, bool add_special,
                                     bool parse_special) {
    if (text.size() > kLongestText) {
        return fail(ErrorKind::Invalid, fmt::format("A text of {} bytes is too long.", text.size()),
                    "Use a shorter text.");
    }
    const auto length = static_cast<std::int32_t>(text.size());
    std::vector<Token> tokens(text.size() + 8);
    for (int attempt = 0; attempt < 2; ++attempt) {
        std::int32_t n = 0;
        try {
            n = llama_tokenize(vocab, text.data(), length, tokens.data(), static_cast<std::int32_t>(tokens.size()),
                               add_special, parse_special);
        } catch (const std::exception& error) {
            return fail(ErrorKind::Failed, fmt::format("The text could not be tokenised: {}.", error.what()),
                        "Check that it is UTF-8.");
        }
        if (n == std::numeric_limits<std::int32_t>::min()) break;
        tokens.resize(static_cast<std::size_t>(n < 0 ? -n : n));
        if (n >= 0) return tokens;
    }
    return fail(ErrorKind::Invalid, "The text has more tokens than llama.cpp can count.", "Use a shorter text.");
}

TemplateState chat_template_state(const llama_model* model) {
    const char* chat_template = llama_model_chat_template(model, nullptr);
    if (chat_template == nullptr) return TemplateState::absent;
    return render(chat_template, "x").empty() ? TemplateState::unknown : TemplateState::usable;
}

PromptText prompt_text(const llama_model* model, const std::string& text, bool chat_template) {
    const char* known = chat_template ? llama_model_chat_template(model, nullptr) : nullptr;
    std::string rendered = known == nullptr ? std::string() : render(known, text);
    if (rendered.empty()) return {text, false, false};
    const llama_vocab* vocab = llama_model_get_vocab(model);
    const Token beginning = llama_vocab_bos(vocab);
    const char* written = beginning == LLAMA_TOKEN_NULL ? nullptr : llama_vocab_get_text(vocab, beginning);
    const bool has_beginning = written != nullptr && *written != '\0' && rendered.starts_with(written);
    return {std::move(rendered), true, has_beginning};
}

PromptText image_prompt_text(const llama_model* model, const TrialRequest& request) {
    return prompt_text(model, mtmd_default_marker() + request.text, request.chat_template);
}

Result<std::vector<Token>> tokenize_prompt(const llama_model* model, const TrialRequest& request) {
    const llama_vocab* vocab = llama_model_get_vocab(model);
    if (llama_vocab_type(vocab) == LLAMA_VOCAB_TYPE_NONE) {
        return fail(ErrorKind::Invalid, "The model has no vocabulary, so that text cannot be given to it.",
                    "Use the grid protocol, which needs none, or a model with a tokenizer.");
    }
    const PromptText prompt = prompt_text(model, request.text, request.chat_template);
    auto tokens = to_tokens(vocab, prompt.text, true, prompt.is_rendered);
    // Some templates write the beginning token which the vocabulary adds as well.
    if (tokens && tokens->size() > 1 && prompt.is_rendered && (*tokens)[0] == llama_vocab_bos(vocab) &&
        (*tokens)[1] == (*tokens)[0]) {
        tokens->erase(tokens->begin());
    }
    return tokens;
}

std::string piece_of(const llama_vocab* vocab, Token token) {
    std::array<char, 64> small{};
    std::int32_t n =
        llama_token_to_piece(vocab, token, small.data(), static_cast<std::int32_t>(small.size()), 0, false);
    if (n >= 0) return {small.data(), static_cast<std::size_t>(n)};
    std::string large(static_cast<std::size_t>(-n), '\0');
    n = llama_token_to_piece(vocab, token, large.data(), -n, 0, false);
    large.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return large;
}

}  // namespace landauer
