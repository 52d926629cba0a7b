#include "report/plain_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "core/utf8.h"

namespace landauer {
namespace {

constexpr std::string_view kReplacement = "\uFFFD";

struct CodePoint {
    char32_t value = 0;
    std::size_t size = 1;
};

// The code point at `at` of valid UTF-8.
CodePoint code_point(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(text[at + i])); };
    const char32_t lead = byte(0);
    if (lead < 0x80) {
        return {lead, 1};
    }
    if (lead < 0xE0) {
        return {((lead & 0x1FU) << 6U) | (byte(1) & 0x3FU), 2};
    }
    if (lead < 0xF0) {
        return {((lead & 0x0FU) << 12U) | ((byte(1) & 0x3FU) << 6U) | (byte(2) & 0x3FU), 3};
    }
    return {((lead & 0x07U) << 18U) | ((byte(1) & 0x3FU) << 12U) | ((byte(2) & 0x3FU) << 6U) | (byte(3) & 0x3FU), 4};
}

struct Range {
    char32_t first;
    char32_t last;
};

template <std::size_t n>
bool in_any(const std::array<Range, n>& ranges, char32_t c) {
    return std::any_of(ranges.begin(), ranges.end(), [&](const Range& r) { return c >= r.first && c <= r.last; });
}

// Controls, line separators, and the characters that change the direction of what follows.
constexpr std::array kUnsafe = {Range{0x00, 0x1F},     Range{0x7F, 0x9F},     Range{0x200E, 0x200F},
                                Range{0x2028, 0x202E}, Range{0x2066, 0x2069}, Range{0xFEFF, 0xFEFF}};
constexpr std::array kZeroWidth = {Range{0x0300, 0x036F}, Range{0x200B, 0x200D}, Range{0x20D0, 0x20FF},
                                   Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}};
constexpr std::array kWide = {Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0xA4CF},
                              Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},
                              Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},   Range{0x1F300, 0x1F64F},
                              Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1F9FF}, Range{0x20000, 0x3FFFD}};

int width_of(char32_t c) {
    if (c < 0x300) {
        return 1;
    }
    return in_any(kZeroWidth, c) ? 0 : in_any(kWide, c) ? 2 : 1;
}

}  // namespace

std::string clean_text(std::string_view text, Lines lines) {
    const std::string valid = to_valid_utf8(text);
    std::string out;
    out.reserve(valid.size());
    for (std::size_t at = 0; at < valid.size();) {
        const CodePoint c = code_point(valid, at);
        const bool is_space = c.value == '\n' || c.value == '\r' || c.value == '\t';
        if (is_space) {
            out += lines == Lines::one || c.value == '\r' ? ' ' : valid[at];
        } else if (in_any(kUnsafe, c.value)) {
            out += kReplacement;
        } else {
            out.append(valid, at, c.size);
        }
        at += c.size;
    }
    return out;
}

int display_width(std::string_view text) {
    int width = 0;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint c = code_point(text, at);
        width += width_of(c.value);
        at += c.size;
    }
    return width;
}

std::string shortened(std::string_view text, int width) {
    if (display_width(text) <= width) {
        return std::string(text);
    }
    int used = 1;  // the ellipsis
    std::size_t at = 0;
    while (at < text.size()) {
        const CodePoint c = code_point(text, at);
        if (used + width_of(c.value) > width) {
            break;
        }
        used += width_of(c.value);
        at += c.size;
    }
    return std::string(text.substr(0, at)) + "\u2026";
}

std::vector<std::string> wrapped(std::string_view text, int width) {
    std::vector<std::string> lines;
    std::string line;
    int used = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const int needed = display_width(word);
        if (needed == 0) {
            continue;
        }
        if (!line.empty() && used + 1 + needed > width) {
            lines.push_back(std::exchange(line, {}));
            used = 0;
        }
        line += (line.empty() ? "" : " ") + std::string(word);
        used += needed + (used == 0 ? 0 : 1);
    }
    if (!line.empty()) {
        lines.push_back(std::move(line));
    }
    return lines;
}

std::vector<int> TextTable::widths() const {
    std::vector<int> out;
    for (const auto& row : rows) {
        out.resize(std::max(out.size(), row.size()), 0);
        for (std::size_t c = 0; c < row.size(); ++c) {
            out[c] = std::max(out[c], display_width(row[c]));
        }
    }
    return out;
}

std::vector<std::string> TextTable::lines(int indent) const {
    const std::vector<int> columns = widths();
    std::vector<std::string> out;
    for (const auto& row : rows) {
        std::string line(static_cast<std::size_t>(indent), ' ');
        for (std::size_t c = 0; c < row.size(); ++c) {
            const std::string pad(static_cast<std::size_t>(columns[c] - display_width(row[c])), ' ');
            const bool is_right = c < right.size() && right[c];
            line += (c == 0 ? "" : "  ") + (is_right ? pad + row[c] : row[c] + pad);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out.push_back(std::move(line));
    }
    return out;
}

}  // namespace landauer
