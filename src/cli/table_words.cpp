#include "cli/table_words.h"

namespace landauer {
namespace {

constexpr int kWidth = 100;

}  // namespace

std::string table_text(const TextTable& table, Look look) {
    std::string out;
    if (look == Look::text) {
        for (const std::string& line : table.lines(2)) out += line + "\n";
        return out;
    }
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
        for (const std::string& cell : table.rows[r]) out += "| " + cell + " ";
        out += "|\n";
        if (r > 0) continue;
        for (std::size_t c = 0; c < table.rows[r].size(); ++c) out += table.right[c] ? "| ---: " : "| --- ";
        out += "|\n";
    }
    return out;
}

std::string paragraph(const std::string& text) {
    std::string out;
    for (const std::string& line : wrapped(text, kWidth)) out += line + "\n";
    return out;
}

}  // namespace landauer
