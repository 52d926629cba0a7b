// Text from models, files and users, made safe to show; and its layout in columns.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace landauer {

enum class Lines : unsigned char { one, many };

// Valid UTF-8 without control characters (terminal escapes, NUL) or characters that reorder
// text; those become U+FFFD. Line ends and tabs become spaces, or stay with Lines::many.
[[nodiscard]] std::string clean_text(std::string_view text, Lines lines = Lines::one);

// Columns that a terminal gives to valid UTF-8.
[[nodiscard]] int display_width(std::string_view text);
// At most `width` columns, the cut shown by an ellipsis.
[[nodiscard]] std::string shortened(std::string_view text, int width);
// Breaks at spaces into lines of at most `width` columns; a longer word stands alone.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, int width);

// Columns padded to equal widths, two spaces between them.
struct TextTable {
    std::vector<std::vector<std::string>> rows;
    std::vector<bool> right;  // a column's alignment; missing: left
    // Lines without trailing spaces, indented.
    [[nodiscard]] std::vector<std::string> lines(int indent = 0) const;
    [[nodiscard]] std::vector<int> widths() const;
};

}  // namespace landauer
