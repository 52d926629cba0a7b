#include "gguf/hf/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <set>

#include "gguf/hf/json_file.h"

namespace landauer {
namespace {

using nlohmann::json;

constexpr const char* kOriginal = "Give the tokenizer.json that came with the model.";

tl::unexpected<Error> damaged(std::string what) {
    return fail(ErrorKind::Invalid, fmt::format("tokenizer.json {}.", what), kOriginal);
}

struct AddedToken {
    std::int64_t id = 0;
    std::string text;
    bool special = false;
};

std::optional<std::int64_t> id_of(const json& value, std::int64_t n_vocab) {
    const auto id = whole_number(value);
    if (!id || *id >= static_cast<std::uint64_t>(n_vocab)) return std::nullopt;
    return static_cast<std::int64_t>(*id);
}

// Some makers forget to mark what stands for no text.
bool looks_special(const std::string& text) {
    const bool in_bars = text.size() > 4 && text.starts_with("<|") && text.ends_with("|>");
    const bool in_wide_bars = text.starts_with("<\xEF\xBD\x9C") && text.ends_with("\xEF\xBD\x9C>");
    return in_bars || in_wide_bars || text == "<pad>" || text == "<mask>";
}

void take(std::vector<AddedToken>& added, const json& entry, std::int64_t id) {
    const std::string text = text_member(entry, "content");
    if (text.empty()) return;
    const auto known =
        std::find_if(added.begin(), added.end(), [&](const AddedToken& token) { return token.id == id; });
    const bool is_new = known == added.end();
    if (is_new) added.push_back({id, text, false});
    AddedToken& token = is_new ? added.back() : *known;
    token.text = text;
    token.special = flag_member(entry, "special", token.special);
}

// Of tokenizer.json, and what tokenizer_config.json says of them or adds.
Result<std::vector<AddedToken>> added_tokens(const HfTokenizerFiles& files, std::int64_t n_vocab) {
    std::vector<AddedToken> added;
    for (const json& entry : list_member(files.tokenizer, "added_tokens")) {
        const auto id = id_of(member(entry, "id"), n_vocab);
        if (!id)
            return damaged(
                fmt::format("adds \"{}\" under an id that is not below {}, the size of the model's "
                            "vocabulary",
                            text_member(entry, "content"), n_vocab));
        take(added, entry, *id);
    }
    for (const auto& [key, entry] : object_member(files.settings, "added_tokens_decoder").items()) {
        const bool is_number =
            !key.empty() && key.size() < 10 && key.find_first_not_of("0123456789") == std::string::npos;
        if (is_number && std::stoll(key) < n_vocab) take(added, entry, std::stoll(key));
    }
    return added;
}

Result<std::vector<std::pair<std::string, std::string>>> read_merges(const json& model) {
    std::vector<std::pair<std::string, std::string>> merges;
    const json& list = member(model, "merges");
    if (!list.is_array()) return damaged("has no list of merges");
    merges.reserve(list.size());
    for (const json& entry : list) {
        if (entry.is_string()) {
            const auto& text = entry.get_ref<const std::string&>();
            const std::size_t blank = text.find(' ', 1);
            if (blank == std::string::npos || blank + 1 == text.size()) return damaged("has a merge of one part");
            merges.emplace_back(text.substr(0, blank), text.substr(blank + 1));
        } else if (entry.is_array() && entry.size() == 2 && entry[0].is_string() && entry[1].is_string()) {
            merges.emplace_back(entry[0].get<std::string>(), entry[1].get<std::string>());
        } else {
            return damaged("has a merge that is neither a text nor a pair of texts");
        }
    }
    return merges;
}

bool is_byte(const std::string& text) { return text.size() == 6 && text.starts_with("<0x") && text.back() == '>'; }

// Bytes of the character that begins here.
std::size_t character_bytes(const std::string& text, std::size_t at) {
    std::size_t n = 1;
    while (at + n < text.size() && (static_cast<unsigned char>(text[at + n]) & 0xC0U) == 0x80U) ++n;
    return n;
}

tl::unexpected<Error> no_scores(const std::string& why) {
    return fail(ErrorKind::Invalid,
                fmt::format("tokenizer.json merges pairs in a way that no scores describe: {}.", why),
                "Convert it with llama.cpp's convert_hf_to_gguf.py, which reads tokenizer.model.");
}

// Every way to cut a token in two tokens must be a merge, because scores make it one.
Result<void> check_complete(const HfVocabulary& vocabulary) {
    std::set<std::pair<std::string_view, std::string_view>> pairs;
    for (const auto& [left, right] : vocabulary.merges) pairs.emplace(left, right);
    const auto is_normal = [&](const std::string& text) {
        const auto found = vocabulary.ids.find(text);
        return found != vocabulary.ids.end() &&
               vocabulary.kinds[static_cast<std::size_t>(found->second)] == TokenKind::Normal;
    };
    for (std::size_t id = 0; id < vocabulary.tokens.size(); ++id) {
        const std::string& text = vocabulary.tokens[id];
        if (vocabulary.kinds[id] != TokenKind::Normal) continue;
        for (std::size_t at = character_bytes(text, 0); at < text.size(); at += character_bytes(text, at)) {
            const std::string left = text.substr(0, at);
            const std::string right = text.substr(at);
            if (is_normal(left) && is_normal(right) && !pairs.contains({left, right})) {
                return no_scores(
                    fmt::format("\"{}\" and \"{}\" are never merged, but their text is a token", left, right));
            }
        }
    }
    return {};
}

}  // namespace

Result<HfVocabulary> read_hf_vocabulary(const HfTokenizerFiles& files, std::int64_t n_vocab) {
    const json& model = member(files.tokenizer, "model");
    const json& entries = member(model, "vocab");
    if (!entries.is_object() || entries.empty()) return damaged("has no vocabulary");
    HfVocabulary vocabulary;
    vocabulary.tokens.resize(static_cast<std::size_t>(n_vocab));
    vocabulary.kinds.resize(vocabulary.tokens.size(), TokenKind::Unused);
    for (const auto& [text, value] : entries.items()) {
        const auto id = id_of(value, n_vocab);
        if (!id)
            return damaged(fmt::format("gives \"{}\" an id that is not below {}, the size of the model's vocabulary",
                                       text, n_vocab));
        const auto at = static_cast<std::size_t>(*id);
        if (vocabulary.kinds[at] != TokenKind::Unused) {
            return damaged(fmt::format("gives \"{}\" and \"{}\" the same id", vocabulary.tokens[at], text));
        }
        vocabulary.tokens[at] = text;
        vocabulary.kinds[at] = TokenKind::Normal;
        vocabulary.ids.emplace(text, *id);
    }
    const auto added = added_tokens(files, n_vocab);
    if (!added) return tl::unexpected(added.error());
    for (const AddedToken& token : *added) {
        const auto at = static_cast<std::size_t>(token.id);
        vocabulary.tokens[at] = token.text;
        vocabulary.kinds[at] = token.special || looks_special(token.text) ? TokenKind::Control : TokenKind::UserDefined;
        vocabulary.ids[token.text] = token.id;
    }
    for (std::size_t at = 0; at < vocabulary.tokens.size(); ++at) {
        if (vocabulary.kinds[at] == TokenKind::Unused) vocabulary.tokens[at] = fmt::format("[PAD{}]", at);
    }
    if (flag_member(model, "byte_fallback", false)) {
        for (std::size_t at = 0; at < vocabulary.tokens.size(); ++at) {
            if (is_byte(vocabulary.tokens[at])) vocabulary.kinds[at] = TokenKind::Byte;
        }
    }
    auto merges = read_merges(model);
    if (!merges) return tl::unexpected(merges.error());
    vocabulary.merges = std::move(*merges);
    return vocabulary;
}

Result<std::vector<float>> scores_of_merges(const HfVocabulary& vocabulary) {
    constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();
    const std::size_t n_merges = vocabulary.merges.size();
    if (n_merges >= std::size_t{1} << 24U) return no_scores("there are too many");
    std::vector<std::size_t> first(vocabulary.tokens.size(), kNever);
    std::int64_t before = -1;
    for (std::size_t rank = 0; rank < n_merges; ++rank) {
        const auto& [left, right] = vocabulary.merges[rank];
        const auto found = vocabulary.ids.find(left + right);
        if (found == vocabulary.ids.end()) return no_scores(fmt::format("\"{}{}\" is no token", left, right));
        auto& begin = first[static_cast<std::size_t>(found->second)];
        if (found->second != before && begin != kNever) {
            return no_scores(fmt::format("the ways to \"{}{}\" are not of one rank", left, right));
        }
        if (begin == kNever) begin = rank;
        before = found->second;
    }
    if (auto good = check_complete(vocabulary); !good) return tl::unexpected(good.error());
    std::vector<float> scores(vocabulary.tokens.size(), 0.0F);
    for (std::size_t id = 0; id < scores.size(); ++id) {
        if (first[id] != kNever) scores[id] = -static_cast<float>(first[id]);
        // Single characters are there before any merge.
        else if (vocabulary.kinds[id] == TokenKind::Normal)
            scores[id] = -static_cast<float>(n_merges);
    }
    return scores;
}

}  // namespace landauer
