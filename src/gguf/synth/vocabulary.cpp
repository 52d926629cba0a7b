#include "gguf/synth/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace landauer {
namespace {

constexpr const char* kTokens = "tokenizer.ggml.tokens";
constexpr const char* kTypes = "tokenizer.ggml.token_type";
constexpr const char* kScores = "tokenizer.ggml.scores";
constexpr float kUnlikely = -1000.0F;  // score of a token that no text has

// A code point below 0x800 as UTF-8.
std::string utf8(unsigned code) {
    if (code < 0x80U) return {static_cast<char>(code)};
    return {static_cast<char>(0xC0U | (code >> 6U)), static_cast<char>(0x80U | (code & 0x3FU))};
}

bool is_shown(unsigned byte) {
    return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

// GPT-2 spells a byte as a visible character: itself where it is one, else one from 256 on.
std::string spelled(unsigned byte) {
    if (is_shown(byte)) return utf8(byte);
    unsigned before = 0;  // bytes without a character of their own
    for (unsigned other = 0; other < byte; ++other) before += is_shown(other) ? 0U : 1U;
    return utf8(0x100U + before);
}

// The list under `key`, taken out of the metadata.
template <class T>
std::vector<T> take_list(GgufMetadata& metadata, const std::string& key) {
    const auto found =
        std::find_if(metadata.begin(), metadata.end(), [&](const auto& entry) { return entry.first == key; });
    if (found == metadata.end()) return {};
    auto* list = std::get_if<std::vector<T>>(&found->second);
    std::vector<T> taken = list == nullptr ? std::vector<T>() : std::move(*list);
    metadata.erase(found);
    return taken;
}

std::string pad_name(std::size_t id) { return fmt::format("[PAD{}]", id); }

}  // namespace

Vocabulary::Vocabulary(GgufMetadata metadata) : others_(std::move(metadata)) {
    tokens_ = take_list<std::string>(others_, kTokens);
    types_ = take_list<std::int32_t>(others_, kTypes);
    scores_ = take_list<float>(others_, kScores);
    types_.resize(tokens_.size(), static_cast<std::int32_t>(TokenType::normal));
    if (!scores_.empty()) scores_.resize(tokens_.size(), kUnlikely);
}

Vocabulary Vocabulary::of_bytes(const SpecialTokens& special) {
    Vocabulary vocabulary;
    for (unsigned byte = 0; byte < 256; ++byte) vocabulary.add(spelled(byte), TokenType::normal);
    const std::string newline = spelled('\n');
    vocabulary.add(newline + newline, TokenType::normal);
    for (const std::string& token : special.control) vocabulary.add(token, TokenType::control);
    vocabulary.set("tokenizer.ggml.model", std::string("gpt2"));
    vocabulary.set("tokenizer.ggml.pre", special.pre);
    vocabulary.set("tokenizer.ggml.merges", std::vector<std::string>{newline + " " + newline});
    return vocabulary;
}

std::optional<std::uint32_t> Vocabulary::find(const std::string& token) const {
    const auto found = std::find(tokens_.begin(), tokens_.end(), token);
    if (found == tokens_.end()) return std::nullopt;
    return static_cast<std::uint32_t>(found - tokens_.begin());
}

void Vocabulary::add(const std::string& token, TokenType type) {
    tokens_.push_back(token);
    types_.push_back(static_cast<std::int32_t>(type));
    if (!scores_.empty()) scores_.push_back(kUnlikely);
}

void Vocabulary::rename(std::size_t id, const std::string& token, TokenType type) {
    if (id >= tokens_.size()) return;
    tokens_[id] = token;
    types_[id] = static_cast<std::int32_t>(type);
}

void Vocabulary::pad(std::int64_t n) {
    while (size() < n) add(pad_name(tokens_.size()), TokenType::unused);
}

void Vocabulary::retire_pads() {
    for (std::size_t id = 0; id < tokens_.size(); ++id) {
        if (tokens_[id] == pad_name(id)) types_[id] = static_cast<std::int32_t>(TokenType::unused);
    }
}

void Vocabulary::set(const std::string& key, GgufValue value) {
    const auto found =
        std::find_if(others_.begin(), others_.end(), [&](const auto& entry) { return entry.first == key; });
    if (found == others_.end()) {
        others_.emplace_back(key, std::move(value));
    } else {
        found->second = std::move(value);
    }
}

GgufMetadata Vocabulary::metadata() const {
    GgufMetadata all = others_;
    all.emplace_back(kTokens, tokens_);
    all.emplace_back(kTypes, types_);
    if (!scores_.empty()) all.emplace_back(kScores, scores_);
    return all;
}

}  // namespace landauer
