// Markdown's escapes and its tables.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/plain_text.h"

namespace landauer {

// Nothing in the text is markup any more.
[[nodiscard]] std::string markdown_escaped(std::string_view text);

struct MarkdownTable {
    TextTable table;  // first row: headers
    [[nodiscard]] std::string text() const;
};

}  // namespace landauer
