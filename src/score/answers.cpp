#include "score/answers.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "platform/text.h"
#include "score/code_points.h"
#include "score/score.h"

namespace landauer {
namespace {

constexpr std::array<std::string_view, 3> kArticles = {"a", "an", "the"};
constexpr std::array<std::string_view, 12> kSmallWords = {"of", "by", "to", "in",  "on", "at",
                                                          "is", "it", "or", "and", "as", "for"};

// A stretch counts as a loop when it stands at the end this often, whole, over so many characters.
constexpr std::size_t kRepeats = 3;
constexpr std::size_t kLoopLength = 32;

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& list) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

// Code points with every run of blanks as one.
std::u32string squeezed(std::string_view text) {
    std::u32string out;
    for (const char32_t c : code_points(trim(text))) {
        const bool is_blank = c == U' ' || c == U'\n' || c == U'\t' || c == U'\r' || c == 0xA0;
        if (!is_blank || out.empty() || out.back() != U' ') {
            out += is_blank ? U' ' : c;
        }
    }
    return out;
}

// How many characters at the end, counted backwards, equal the one `period` before.
std::size_t agreeing_tail(const std::u32string& text, std::size_t period) {
    std::size_t n = 0;
    while (n + period < text.size() && text[text.size() - 1 - n] == text[text.size() - 1 - n - period]) {
        ++n;
    }
    return n;
}

bool ends_in_a_loop(const std::string& answer) {
    const std::u32string text = squeezed(answer);
    for (std::size_t period = 1; period * kRepeats <= text.size(); ++period) {
        const std::size_t length = agreeing_tail(text, period) + period;
        if (length >= std::max(kLoopLength, kRepeats * period)) {
            return true;
        }
    }
    return false;
}

}  // namespace

std::vector<std::string> answer_words(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    const auto end_word = [&] {
        if (!word.empty() && !is_one_of(word, kArticles)) {
            words.push_back(word);
        }
        word.clear();
    };
    for (const char32_t c : code_points(text)) {
        if (is_word_character(c)) {
            append_utf8(word, to_lower(c));
        } else {
            end_word();
        }
    }
    end_word();
    return words;
}

std::optional<double> exact_match(std::string_view answer, std::string_view expected) {
    const std::vector<std::string> wanted = answer_words(expected);
    if (wanted.empty()) {
        return std::nullopt;
    }
    const std::vector<std::string> given = answer_words(answer);
    const bool begins = given.size() >= wanted.size() && std::equal(wanted.begin(), wanted.end(), given.begin());
    return begins ? 1.0 : 0.0;
}

std::optional<double> keyword_recall(std::string_view answer, std::string_view expected) {
    std::vector<std::string> wanted = answer_words(expected);
    if (wanted.empty()) {
        return std::nullopt;
    }
    const auto is_small = [](const std::string& word) { return is_one_of(word, kSmallWords); };
    if (!std::all_of(wanted.begin(), wanted.end(), is_small)) {
        std::erase_if(wanted, is_small);
    }
    const std::vector<std::string> given = answer_words(answer);
    const auto found = std::count_if(wanted.begin(), wanted.end(), [&](const std::string& word) {
        return std::find(given.begin(), given.end(), word) != given.end();
    });
    return static_cast<double>(found) / static_cast<double>(wanted.size());
}

std::string defect_of(const std::string& answer, const std::string& stop) {
    if (trim(answer).empty()) {
        return "empty";
    }
    if (ends_in_a_loop(answer)) {
        return "loop";
    }
    return stop == "length" ? "cut-off" : "";
}

}  // namespace landauer
