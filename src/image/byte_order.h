// Numbers out of bytes whose end is never taken on trust.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace landauer {

using Bytes = std::span<const std::uint8_t>;

// nullopt where the bytes end before the number does.
[[nodiscard]] inline std::optional<std::uint32_t> read_unsigned(Bytes bytes, std::size_t at, std::size_t width,
                                                                bool big_endian) {
    if (at > bytes.size() || bytes.size() - at < width) {
        return std::nullopt;
    }
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < width; ++i) {
        value = value << 8U | bytes[big_endian ? at + i : at + width - 1 - i];
    }
    return value;
}

[[nodiscard]] inline std::optional<std::uint32_t> big16(Bytes bytes, std::size_t at) {
    return read_unsigned(bytes, at, 2, true);
}
[[nodiscard]] inline std::optional<std::uint32_t> big32(Bytes bytes, std::size_t at) {
    return read_unsigned(bytes, at, 4, true);
}
[[nodiscard]] inline std::optional<std::uint32_t> little16(Bytes bytes, std::size_t at) {
    return read_unsigned(bytes, at, 2, false);
}
[[nodiscard]] inline std::optional<std::uint32_t> little32(Bytes bytes, std::size_t at) {
    return read_unsigned(bytes, at, 4, false);
}

}  // namespace landauer
