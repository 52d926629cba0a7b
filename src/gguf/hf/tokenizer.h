// A Hugging Face folder's tokenizer in the terms of GGUF.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace landauer {

// llama.cpp's kinds of tokens.
enum class TokenKind : std::int32_t { Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Unused = 5, Byte = 6 };

struct HfTokenizer {
    std::string model;  // "gpt2": byte-level pairs by rank; "llama": pairs by score, with bytes for what is left
    std::string pre;
    std::vector<std::string> tokens;
    std::vector<std::int32_t> kinds;
    std::vector<float> scores;                // of "llama" only
    std::vector<std::string> merges;          // of "gpt2" only, "left right"
    std::map<std::string, std::int64_t> ids;  // "bos", "eos", "eot", "unknown", "padding", "seperator", "mask"
    bool add_bos = false;
    bool add_eos = false;
    std::optional<bool> add_space_prefix;
    std::map<std::string, std::string> chat_templates;  // by name; "" is the default
    std::vector<std::string> notes;                     // what llama.cpp will do otherwise
};

// The folder's files, each an empty object when it is not there.
struct HfTokenizerFiles {
    nlohmann::json tokenizer;                  // tokenizer.json, which must be there
    nlohmann::json settings;                   // tokenizer_config.json
    nlohmann::json special_map;                // special_tokens_map.json
    nlohmann::json generation;                 // generation_config.json
    nlohmann::json config;                     // config.json
    std::optional<std::string> chat_template;  // chat_template.jinja
};

// Invalid: no tokenizer.json (said when there is a tokenizer.model), a damaged one.
[[nodiscard]] Result<HfTokenizerFiles> read_tokenizer_files(const std::filesystem::path& folder);

// Padded with unused tokens up to n_vocab. `pre`: empty, or what to take instead of recognising it. Invalid: another
// kind than byte-pair encoding, a vocabulary with holes or beyond n_vocab, rules that llama.cpp does not have.
[[nodiscard]] Result<HfTokenizer> read_hf_tokenizer(const HfTokenizerFiles& files, std::int64_t n_vocab,
                                                    const std::string& pre);

}  // namespace landauer
