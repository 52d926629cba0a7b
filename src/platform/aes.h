// AES by OpenSSL.
#pragma once

#include <cstdint>
#include <span>

namespace landauer {

// Both in place, whole blocks of 16 bytes, each by itself (ECB). False, and the data undefined, for another size.
[[nodiscard]] bool aes256_ecb_decrypt(std::span<const std::uint8_t, 32> key, std::span<std::uint8_t> data) noexcept;
[[nodiscard]] bool aes256_ecb_encrypt(std::span<const std::uint8_t, 32> key, std::span<std::uint8_t> data) noexcept;

}  // namespace landauer
