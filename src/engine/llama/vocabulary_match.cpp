#include "engine/llama/vocabulary_match.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "core/utf8.h"
#include "engine/engine.h"

namespace landauer {
namespace {

std::string_view text_of(const llama_vocab* vocab, Token token) {
    const char* text = llama_vocab_get_text(vocab, token);
    return text == nullptr ? std::string_view() : std::string_view(text);
}

// Empty: none.
std::string first_difference(const llama_vocab* base, const llama_vocab* other) {
    const std::int32_t n_base = llama_vocab_n_tokens(base);
    const std::int32_t n_other = llama_vocab_n_tokens(other);
    for (Token token = 0; token < std::min(n_base, n_other); ++token) {
        const std::string_view a = text_of(base, token);
        const std::string_view b = text_of(other, token);
        if (a != b) {
            return fmt::format("token {} is \"{}\" in the base and \"{}\" in the other", token,
                               to_valid_utf8(a), to_valid_utf8(b));
        }
    }
    if (n_base != n_other) return fmt::format("the base has {} tokens, the other {}", n_base, n_other);
    if (llama_vocab_type(base) != llama_vocab_type(other)) return "they cut texts into tokens in different ways";
    if (llama_vocab_get_add_bos(base) != llama_vocab_get_add_bos(other) ||
        llama_vocab_bos(base) != llama_vocab_bos(other)) {
        return "they begin texts with different tokens";
    }
    return {};
}

}  // namespace

Result<void> check_same_vocabulary(const llama_vocab* base, const llama_vocab* other,
                                   const std::filesystem::path& base_file, const std::filesystem::path& other_file) {
    const std::string difference = first_difference(base, other);
    if (difference.empty()) return {};
    return fail(ErrorKind::Invalid,
                fmt::format("{} and {} have different vocabularies: {}.", base_file.string(), other_file.string(),
                            difference),
                "Compare a model with one made from it (quantised, pruned, healed).");
}

}  // namespace landauer
