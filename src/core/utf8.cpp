#include "core/utf8.h"

#include <algorithm>

namespace landauer {
namespace {

struct Sequence {
    std::size_t length = 0;  // bytes taken, at least 1
    bool valid = false;
};

// Range of the second byte that keeps a sequence well-formed (Unicode 15, table 3-7).
struct SecondByte {
    unsigned char low;
    unsigned char high;
};
SecondByte second_byte(unsigned char first) {
    switch (first) {
        case 0xE0:
            return {0xA0, 0xBF};
        case 0xED:
            return {0x80, 0x9F};
        case 0xF0:
            return {0x90, 0xBF};
        case 0xF4:
            return {0x80, 0x8F};
        default:
            return {0x80, 0xBF};
    }
}

std::size_t length_from_first(unsigned char first) {
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xC2 && first <= 0xDF) {
        return 2;
    }
    if (first >= 0xE0 && first <= 0xEF) {
        return 3;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        return 4;
    }
    return 0;
}

Sequence next_sequence(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const std::size_t wanted = length_from_first(byte(0));
    if (wanted <= 1) {
        return {1, wanted == 1};
    }
    const SecondByte second = second_byte(byte(0));
    for (std::size_t i = 1; i < wanted; ++i) {
        const unsigned char low = i == 1 ? second.low : 0x80;
        const unsigned char high = i == 1 ? second.high : 0xBF;
        if (i >= text.size() || byte(i) < low || byte(i) > high) {
            return {i, false};
        }
    }
    return {wanted, true};
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
    while (!text.empty()) {
        const Sequence sequence = next_sequence(text);
        if (!sequence.valid) {
            return false;
        }
        text.remove_prefix(sequence.length);
    }
    return true;
}

std::string to_valid_utf8(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const Sequence sequence = next_sequence(text);
        if (sequence.valid) {
            out += text.substr(0, sequence.length);
        } else {
            out += "\xEF\xBF\xBD";
        }
        text.remove_prefix(sequence.length);
    }
    return out;
}

}  // namespace landauer
