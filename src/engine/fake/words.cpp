#include "engine/fake/words.h"

#include <array>
#include <cstddef>
#include <random>

namespace landauer {
namespace {

constexpr std::array<std::string_view, 16> kLexicon = {"the",  "river", "keeps", "every", "stone", "that",
                                                       "warm", "light", "gave",  "to",    "it",    "and",
                                                       "then", "goes",  "on",    "home"};
constexpr std::string_view kSpace = " \t\r\n\v\f";
constexpr std::uint64_t kTokenMask = 0x7FFFFFFF;

Token token_of(std::string_view word) { return static_cast<Token>(stable_hash(word) & kTokenMask); }

}  // namespace

std::uint64_t stable_hash(std::string_view text) {
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (const char c : text) {
        hash ^= static_cast<std::uint8_t>(c);
        hash *= 0x100000001B3ULL;
    }
    return hash;
}

std::vector<Token> word_tokens(std::string_view text, bool chat_template) {
    std::vector<Token> tokens;
    if (chat_template) tokens.push_back(token_of("<user>"));
    for (std::size_t at = text.find_first_not_of(kSpace); at != std::string_view::npos;) {
        const std::size_t end = std::min(text.find_first_of(kSpace, at), text.size());
        tokens.push_back(token_of(text.substr(at, end - at)));
        at = text.find_first_not_of(kSpace, end);
    }
    if (chat_template) tokens.insert(tokens.end(), {token_of("<end>"), token_of("<assistant>")});
    return tokens;
}

std::string fake_answer(std::uint64_t seed, std::int64_t n) {
    std::mt19937_64 random(seed);
    std::string answer;
    for (std::int64_t i = 0; i < n; ++i) {
        if (i > 0) answer += ' ';
        answer += kLexicon.at(static_cast<std::size_t>(random() % kLexicon.size()));
    }
    return answer;
}

}  // namespace landauer
