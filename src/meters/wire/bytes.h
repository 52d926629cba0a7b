// Numbers in the bytes of a packet. The caller has seen to it that the packet is long enough.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace landauer {

using Bytes = std::span<const std::uint8_t>;

[[nodiscard]] inline std::uint16_t u16_le(Bytes bytes, std::size_t at) noexcept {
    return static_cast<std::uint16_t>(bytes[at] | (bytes[at + 1] << 8U));
}
[[nodiscard]] inline std::uint32_t u32_le(Bytes bytes, std::size_t at) noexcept {
    return u16_le(bytes, at) | (static_cast<std::uint32_t>(u16_le(bytes, at + 2)) << 16U);
}
[[nodiscard]] inline std::int32_t i32_le(Bytes bytes, std::size_t at) noexcept {
    return static_cast<std::int32_t>(u32_le(bytes, at));
}
[[nodiscard]] inline std::uint16_t u16_be(Bytes bytes, std::size_t at) noexcept {
    return static_cast<std::uint16_t>((bytes[at] << 8U) | bytes[at + 1]);
}
[[nodiscard]] inline std::uint32_t u32_be(Bytes bytes, std::size_t at) noexcept {
    return (static_cast<std::uint32_t>(u16_be(bytes, at)) << 16U) | u16_be(bytes, at + 2);
}

}  // namespace landauer
