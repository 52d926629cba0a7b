// Text from a model arrives in pieces that may cut a character in two.
#pragma once

#include <string>
#include <string_view>

namespace landauer {

// The text with every ill-formed sequence replaced by U+FFFD, one for each maximal part
// (Unicode 15, chapter 3.9), so that the result is valid UTF-8.
[[nodiscard]] std::string valid_utf8(std::string_view text);

}  // namespace landauer
