#include "score/code_points.h"

#include "core/utf8.h"

namespace landauer {
namespace {

constexpr char32_t kLowBits = 0x3F;

char32_t continued(char32_t so_far, char byte) {
    return (so_far << 6U) | (static_cast<char32_t>(static_cast<unsigned char>(byte)) & kLowBits);
}

bool is_between(char32_t c, char32_t low, char32_t high) { return c >= low && c <= high; }

}  // namespace

std::u32string code_points(std::string_view text) {
    const std::string valid = is_valid_utf8(text) ? std::string(text) : to_valid_utf8(text);
    std::u32string out;
    out.reserve(valid.size());
    for (std::size_t i = 0; i < valid.size();) {
        const auto lead = static_cast<unsigned char>(valid[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        char32_t c = length == 1 ? lead : lead & (0xFFU >> (length + 1));
        for (std::size_t k = 1; k < length && i + k < valid.size(); ++k) {
            c = continued(c, valid[i + k]);
        }
        out += c;
        i += length;
    }
    return out;
}

void append_utf8(std::string& text, char32_t c) {
    const auto tail = [&](unsigned shift) { text += static_cast<char>(0x80U | ((c >> shift) & kLowBits)); };
    if (c < 0x80) {
        text += static_cast<char>(c);
    } else if (c < 0x800) {
        text += static_cast<char>(0xC0U | (c >> 6U));
        tail(0);
    } else if (c < 0x10000) {
        text += static_cast<char>(0xE0U | (c >> 12U));
        tail(6);
        tail(0);
    } else {
        text += static_cast<char>(0xF0U | (c >> 18U));
        tail(12);
        tail(6);
        tail(0);
    }
}

bool is_word_character(char32_t c) noexcept {
    if (c < 0x80) {
        return is_between(c, U'a', U'z') || is_between(c, U'A', U'Z') || is_between(c, U'0', U'9');
    }
    // Latin-1 signs, general punctuation to arrows and boxes, CJK punctuation, full-width punctuation, replacement.
    return !(is_between(c, 0x80, 0xBF) || c == 0xD7 || c == 0xF7 || is_between(c, 0x2000, 0x206F) ||
             is_between(c, 0x2190, 0x2BFF) || is_between(c, 0x3000, 0x303F) || is_between(c, 0xFF00, 0xFF0F) ||
             is_between(c, 0xFF1A, 0xFF20) || c == 0xFFFD);
}

char32_t to_lower(char32_t c) noexcept {
    const bool shifts_32 = is_between(c, U'A', U'Z') || (is_between(c, 0xC0, 0xDE) && c != 0xD7) ||
                           is_between(c, 0x391, 0x3A9) || is_between(c, 0x410, 0x42F);
    if (shifts_32) {
        return c + 0x20;
    }
    if (is_between(c, 0x400, 0x40F)) {
        return c + 0x50;
    }
    // Latin Extended-A pairs: capital first, on even numbers but for two stretches.
    const bool even_pairs = is_between(c, 0x100, 0x137) || is_between(c, 0x14A, 0x177);
    const bool odd_pairs = is_between(c, 0x139, 0x148) || is_between(c, 0x179, 0x17E);
    return (even_pairs && c % 2 == 0) || (odd_pairs && c % 2 == 1) ? c + 1 : c;
}

}  // namespace landauer
