// What can be said of an answer without a model: is it the expected one, does it hold its words, is it broken.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace landauer {

// Lower-case words: letters and digits of any script; punctuation divides, English articles are left out.
[[nodiscard]] std::vector<std::string> answer_words(std::string_view text);

// 1: the answer is the expected one or begins with it, word by word; else 0. Nothing without an expected answer.
[[nodiscard]] std::optional<double> exact_match(std::string_view answer, std::string_view expected);

// Fraction of the expected answer's words that the answer holds; small words count only where there are no others.
[[nodiscard]] std::optional<double> keyword_recall(std::string_view answer, std::string_view expected);

}  // namespace landauer
