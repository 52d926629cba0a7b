// Which tokens begin and end texts, and whether each text gets them.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "gguf/hf/tokenizer.h"

namespace landauer {

// Sets ids, add_bos, add_eos and notes. A text in tokenizer_config.json goes before special_tokens_map.json, and both
// before numbers in config.json and generation_config.json; what the post-processor does goes before add_bos_token.
void take_special_tokens(const HfTokenizerFiles& files, const std::unordered_map<std::string, std::int64_t>& ids,
                         std::int64_t n_vocab, HfTokenizer& tokenizer);

}  // namespace landauer
