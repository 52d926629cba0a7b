// The fake engine's language: a token is a word, and answers are drawn from a small lexicon.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"

namespace landauer {

// FNV-1a, the same on every machine.
[[nodiscard]] std::uint64_t stable_hash(std::string_view text);

// One token a word (split at white space), three more for the chat template.
[[nodiscard]] std::vector<Token> word_tokens(std::string_view text, bool chat_template);

// n words that depend on nothing but the seed.
[[nodiscard]] std::string fake_answer(std::uint64_t seed, std::int64_t n);

}  // namespace landauer
