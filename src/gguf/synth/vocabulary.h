// A tokenizer's tokens while they are being put together.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gguf/synth/metadata.h"
#include "gguf/synth/special_tokens.h"

namespace landauer {

// llama.cpp's tokenizer.ggml.token_type.
enum class TokenType : std::int32_t { normal = 1, control = 3, unused = 5 };

class Vocabulary {
   public:
    Vocabulary() = default;
    // From tokenizer.* metadata; whatever is not a token stays as it is.
    explicit Vocabulary(GgufMetadata metadata);
    // Bytes as tokens, in GPT-2's spelling, then "\n\n" and the family's control tokens.
    [[nodiscard]] static Vocabulary of_bytes(const SpecialTokens& special);

    [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(tokens_.size()); }
    [[nodiscard]] std::optional<std::uint32_t> find(const std::string& token) const;
    void add(const std::string& token, TokenType type);
    void rename(std::size_t id, const std::string& token, TokenType type);
    // "[PADn]" tokens up to n.
    void pad(std::int64_t n);
    // Tokens named "[PADn]" are found in no text from here on.
    void retire_pads();
    void set(const std::string& key, GgufValue value);

    [[nodiscard]] GgufMetadata metadata() const;

   private:
    GgufMetadata others_;
    std::vector<std::string> tokens_;
    std::vector<std::int32_t> types_;
    std::vector<float> scores_;  // of SentencePiece vocabularies, else empty
};

}  // namespace landauer
