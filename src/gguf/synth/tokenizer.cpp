#include "gguf/synth/tokenizer.h"

#include <fmt/format.h>

#include <string_view>

#include "gguf/open.h"
#include "gguf/synth/special_tokens.h"
#include "gguf/synth/vocab_places.h"
#include "gguf/synth/vocabulary.h"
#include "gguf/values.h"

namespace landauer {
namespace {

constexpr std::string_view kPrefix = "tokenizer.";
constexpr std::int64_t kRoundedTo = 64;  // tokens of a byte vocabulary, where the shape does not say

Result<Vocabulary> read_vocabulary(const std::filesystem::path& file) {
    const auto opened = open_gguf(file);
    if (!opened) return tl::unexpected(opened.error());
    const gguf_context* header = opened->header.get();
    GgufMetadata metadata;
    for (std::int64_t id = 0; id < gguf_get_n_kv(header); ++id) {
        const std::string key = gguf_get_key(header, id);
        if (!key.starts_with(kPrefix)) continue;
        if (auto value = any_value(header, id)) metadata.emplace_back(key, std::move(*value));
    }
    Vocabulary vocabulary(std::move(metadata));
    if (vocabulary.size() > 0) return vocabulary;
    return fail(ErrorKind::Invalid, fmt::format("{} has no tokenizer.", file.string()),
                "Give a GGUF language model, or one of llama.cpp's ggml-vocab files.");
}

// Beginning, end and padding by their names, where the vocabulary has them.
void name_ends(Vocabulary& vocabulary, const SpecialTokens& special) {
    const auto point = [&](const std::string& key, const std::string& token) {
        if (const auto id = vocabulary.find(token)) vocabulary.set("tokenizer.ggml." + key, *id);
    };
    point("bos_token_id", special.bos);
    point("eos_token_id", special.eos);
    if (!special.padding.empty()) point("padding_token_id", special.padding);
    vocabulary.set("tokenizer.ggml.add_bos_token", special.adds_bos);
    vocabulary.set("tokenizer.chat_template", special.chat_template);
}

// The published vocabulary as an instruction-tuned model has it.
Result<Vocabulary> published_vocabulary(const std::filesystem::path& file, const SpecialTokens& special) {
    auto vocabulary = read_vocabulary(file);
    if (!vocabulary) return vocabulary;
    for (const auto& [id, token] : special.renamed) vocabulary->rename(id, token, TokenType::control);
    vocabulary->retire_pads();
    name_ends(*vocabulary, special);
    return vocabulary;
}

Vocabulary byte_vocabulary(const SpecialTokens& special) {
    Vocabulary vocabulary = Vocabulary::of_bytes(special);
    name_ends(vocabulary, special);
    return vocabulary;
}

// Somebody's own: a vision model's markers are added where they are missing.
Result<Vocabulary> given_vocabulary(const std::filesystem::path& file, const SynthShape& shape,
                                    const SpecialTokens& special) {
    auto vocabulary = read_vocabulary(file);
    if (!vocabulary || !shape.tower) return vocabulary;
    for (const std::string& token : special.control) {
        if (!vocabulary->find(token)) vocabulary->add(token, TokenType::control);
    }
    name_ends(*vocabulary, special);
    return vocabulary;
}

Result<Tokenizer> fitted(Vocabulary vocabulary, const SynthShape& shape, std::string name) {
    const std::int64_t n_vocab = shape.language.n_vocab;
    if (n_vocab > 0 && vocabulary.size() > n_vocab) {
        return fail(ErrorKind::Invalid,
                    fmt::format("The tokenizer {} has {} tokens, but {} has room for {}.", name, vocabulary.size(),
                                shape.name, n_vocab),
                    "Use a smaller tokenizer, or a larger shape.");
    }
    vocabulary.pad(n_vocab > 0 ? n_vocab : (vocabulary.size() + kRoundedTo - 1) / kRoundedTo * kRoundedTo);
    Tokenizer tokenizer;
    tokenizer.metadata = vocabulary.metadata();
    tokenizer.name = std::move(name);
    tokenizer.n_tokens = vocabulary.size();
    return tokenizer;
}

}  // namespace

Result<Tokenizer> tokenizer_for(const SynthShape& shape, const std::filesystem::path& given) {
    const SpecialTokens special = special_tokens(shape.tokenizer);
    if (!given.empty()) {
        auto vocabulary = given_vocabulary(given, shape, special);
        if (!vocabulary) return tl::unexpected(vocabulary.error());
        return fitted(std::move(*vocabulary), shape, given.filename().string());
    }
    const bool wants_published = !shape.is_tiny && !special.vocabulary.empty();
    if (const auto file = wants_published ? find_vocabulary(special.vocabulary) : std::nullopt) {
        auto vocabulary = published_vocabulary(*file, special);
        if (!vocabulary) return tl::unexpected(vocabulary.error());
        return fitted(std::move(*vocabulary), shape, special.vocabulary);
    }
    auto tokenizer = fitted(byte_vocabulary(special), shape, "byte fallback");
    if (tokenizer) tokenizer->is_fallback = !shape.is_tiny;
    return tokenizer;
}

}  // namespace landauer
