// Text by code point, as far as comparing answers needs it.
#pragma once

#include <string>
#include <string_view>

namespace landauer {

// Ill-formed bytes become U+FFFD.
[[nodiscard]] std::u32string code_points(std::string_view text);
void append_utf8(std::string& text, char32_t code_point);

// Letters and digits; beyond ASCII everything but blanks, punctuation and symbols.
[[nodiscard]] bool is_word_character(char32_t code_point) noexcept;
// Of Latin, Greek and Cyrillic letters; others stay as they are.
[[nodiscard]] char32_t to_lower(char32_t code_point) noexcept;

}  // namespace landauer
