// Pieces that the pages share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/document.h"
#include "report/plain_text.h"

namespace landauer {

// Escapes, and keeps each "[low, high]" together on one line.
[[nodiscard]] std::string with_intervals(std::string_view text);
[[nodiscard]] std::string facts_table(const std::vector<Fact>& facts);
// First row: headers.
[[nodiscard]] std::string text_table(const TextTable& table);
[[nodiscard]] std::string caveat_list(const std::vector<Caveat>& caveats);

}  // namespace landauer
