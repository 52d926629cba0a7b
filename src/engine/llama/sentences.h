// Where sentences end, so that a text which is too long is cut between them.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace landauer {

// Bytes from the beginning to the end of each sentence, ascending. A sentence ends with a newline, after . ! ? or an
// ellipsis (and what closes a quotation or bracket) where white space follows, or after the full-width marks of
// Chinese and Japanese. Empty: a text of white space alone.
[[nodiscard]] std::vector<std::size_t> sentence_ends(std::string_view text);

}  // namespace landauer
