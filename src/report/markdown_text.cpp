#include "report/markdown_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace landauer {
namespace {

std::string rule_of(const TextTable& table, const std::vector<int>& widths) {
    std::string out = "|";
    for (std::size_t c = 0; c < widths.size(); ++c) {
        const std::string dashes(static_cast<std::size_t>(std::max(widths[c], 3)) - (table.right[c] ? 1 : 0), '-');
        out += fmt::format(" {}{} |", dashes, table.right[c] ? ":" : "");
    }
    return out + "\n";
}

}  // namespace

// What Markdown or the page that shows it would take for markup.
std::string markdown_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (std::string_view("\\|`*<>[]").find(c) != std::string_view::npos) {
            out += '\\';
        }
        out += c;
    }
    return out;
}

std::string MarkdownTable::text() const {
    const std::vector<int> widths = table.widths();
    std::string out;
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
        out += "|";
        for (std::size_t c = 0; c < widths.size(); ++c) {
            const std::string& cell = table.rows[r][c];
            const std::string pad(static_cast<std::size_t>(widths[c] - display_width(cell)), ' ');
            out += table.right[c] ? fmt::format(" {}{} |", pad, cell) : fmt::format(" {}{} |", cell, pad);
        }
        out += "\n";
        if (r == 0) {
            out += rule_of(table, widths);
        }
    }
    return out;
}

}  // namespace landauer
