// Variable-length integers (seven bits a byte, low bits first) and the zigzag that keeps
// small negative numbers short.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace landauer {

// Differences wrap modulo 2^64, so that even INT64_MAX - INT64_MIN comes back.
[[nodiscard]] constexpr std::uint64_t bits(std::int64_t value) { return static_cast<std::uint64_t>(value); }
[[nodiscard]] constexpr std::int64_t value_of(std::uint64_t bits) { return static_cast<std::int64_t>(bits); }

[[nodiscard]] constexpr std::uint64_t zigzag(std::uint64_t difference) {
    return (difference << 1U) ^ ((difference >> 63U) != 0 ? ~std::uint64_t{0} : 0);
}
[[nodiscard]] constexpr std::uint64_t unzigzag(std::uint64_t folded) {
    return (folded >> 1U) ^ ((folded & 1U) != 0 ? ~std::uint64_t{0} : 0);
}

inline void put_varint(std::string& out, std::uint64_t value) {
    while (value >= 0x80U) {
        out.push_back(static_cast<char>(static_cast<std::uint8_t>(value | 0x80U)));
        value >>= 7U;
    }
    out.push_back(static_cast<char>(static_cast<std::uint8_t>(value)));
}

[[nodiscard]] constexpr std::size_t varint_size(std::uint64_t value) {
    std::size_t size = 1;
    while (value >= 0x80U) {
        value >>= 7U;
        ++size;
    }
    return size;
}

// Takes one integer off the front; false when the bytes end within it or it exceeds 64 bits.
[[nodiscard]] inline bool take_varint(std::string_view& in, std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 64 && !in.empty(); shift += 7) {
        const auto byte = static_cast<std::uint8_t>(in.front());
        in.remove_prefix(1);
        if (shift == 63 && byte > 1) {
            return false;
        }
        value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
        if ((byte & 0x80U) == 0) {
            return true;
        }
    }
    return false;
}

}  // namespace landauer
