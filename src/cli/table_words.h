// Tables and paragraphs of commands that print to a terminal or as markdown.
#pragma once

#include <string>

#include "report/plain_text.h"

namespace landauer {

enum class Look : unsigned char { text, markdown };

// The first row is the header.
[[nodiscard]] std::string table_text(const TextTable& table, Look look);
// Wrapped, with its end of line.
[[nodiscard]] std::string paragraph(const std::string& text);

}  // namespace landauer
