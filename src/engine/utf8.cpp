#include "engine/utf8.h"

#include <cstddef>
#include <cstdint>

namespace landauer {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

struct Lead {
    std::size_t length = 0;    // of the whole sequence; 0: no lead byte
    std::uint8_t low = 0x80;   // range of the second byte, which excludes overlong forms,
    std::uint8_t high = 0xBF;  // surrogates and what lies beyond U+10FFFF
};

Lead lead_of(std::uint8_t byte) {
    if (byte < 0x80) return {1};
    if (byte < 0xC2) return {0};
    if (byte < 0xE0) return {2};
    if (byte == 0xE0) return {3, 0xA0, 0xBF};
    if (byte == 0xED) return {3, 0x80, 0x9F};
    if (byte < 0xF0) return {3};
    if (byte == 0xF0) return {4, 0x90, 0xBF};
    if (byte < 0xF4) return {4};
    if (byte == 0xF4) return {4, 0x80, 0x8F};
    return {0};
}

// How many bytes from `at` on are the beginning of a well-formed sequence, at least one.
std::size_t good_part(std::string_view text, std::size_t at, const Lead& lead) {
    std::size_t n = 1;
    while (n < lead.length && at + n < text.size()) {
        const auto byte = static_cast<std::uint8_t>(text[at + n]);
        const std::uint8_t low = n == 1 ? lead.low : 0x80;
        const std::uint8_t high = n == 1 ? lead.high : 0xBF;
        if (byte < low || byte > high) break;
        ++n;
    }
    return n;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const Lead lead = lead_of(static_cast<std::uint8_t>(text[at]));
        const std::size_t n = good_part(text, at, lead);
        out += n == lead.length ? text.substr(at, n) : kReplacement;
        at += n;
    }
    return out;
}

}  // namespace landauer
