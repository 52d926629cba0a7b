#include "engine/llama/sentences.h"

#include <algorithm>
#include <array>

namespace landauer {
namespace {

// The one of `marks` that stands at `at`, by its bytes; 0: none does.
template <std::size_t N>
std::size_t mark_at(std::string_view text, std::size_t at, const std::array<std::string_view, N>& marks) {
    for (const std::string_view mark : marks) {
        if (text.substr(at).starts_with(mark)) return mark.size();
    }
    return 0;
}

constexpr std::array<std::string_view, 4> kEnds = {".", "!", "?", "\xE2\x80\xA6"};
constexpr std::array<std::string_view, 3> kFullWidthEnds = {"\xE3\x80\x82", "\xEF\xBC\x81", "\xEF\xBC\x9F"};
constexpr std::array<std::string_view, 9> kClosers = {
    "\"", "'", ")", "]", "\xE2\x80\x9D", "\xE2\x80\x99", "\xC2\xBB", "\xE3\x80\x8D", "\xEF\xBC\x89"};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f'; }

template <std::size_t N>
std::size_t skip(std::string_view text, std::size_t at, const std::array<std::string_view, N>& marks) {
    while (const std::size_t n = mark_at(text, at, marks)) at += n;
    return at;
}

// The end of the sentence whose last mark stands at `at`; 0: no sentence ends here.
std::size_t end_at(std::string_view text, std::size_t at) {
    if (text[at] == '\n') return at + 1;
    if (mark_at(text, at, kFullWidthEnds) > 0) return skip(text, skip(text, at, kFullWidthEnds), kClosers);
    if (mark_at(text, at, kEnds) == 0) return 0;
    const std::size_t end = skip(text, skip(text, at, kEnds), kClosers);
    return end == text.size() || is_space(text[end]) ? end : 0;
}

}  // namespace

std::vector<std::size_t> sentence_ends(std::string_view text) {
    std::vector<std::size_t> ends;
    bool has_words = false;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = end_at(text, at);
        if (end == 0) {
            has_words = has_words || !is_space(text[at]);
            ++at;
            continue;
        }
        if (has_words || text[at] != '\n') ends.push_back(end);
        has_words = false;
        at = end;
    }
    if (has_words) ends.push_back(text.size());
    return ends;
}

}  // namespace landauer
