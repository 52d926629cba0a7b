// The tokens of a tokenizer.json and the pairs they are merged from.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gguf/hf/tokenizer.h"

namespace landauer {

struct HfVocabulary {
    std::vector<std::string> tokens;  // by id
    std::vector<TokenKind> kinds;
    std::unordered_map<std::string, std::int64_t> ids;        // of the vocabulary and of what was added
    std::vector<std::pair<std::string, std::string>> merges;  // best first
};

// Invalid: no vocabulary, an id that is no number, given twice or not below n_vocab, merges of another form.
[[nodiscard]] Result<HfVocabulary> read_hf_vocabulary(const HfTokenizerFiles& files, std::int64_t n_vocab);

// Scores by which merging the best-scored neighbours first, wherever their text is a token, does what merging by rank
// does. Invalid: there are none (pairs are left out, or come in an order that no scores have).
[[nodiscard]] Result<std::vector<float>> scores_of_merges(const HfVocabulary& vocabulary);

}  // namespace landauer
