// RDTech TC66 and TC66C: three encrypted blocks of 64 bytes, each with its own checksum.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "meters/wire/bytes.h"
#include "meters/wire/dc_reading.h"

namespace landauer {

inline constexpr std::size_t kTc66cBytes = 192;
inline constexpr std::string_view kTc66cRequest = "getva";

// The key in every tester's firmware, found by Ben V. Brown and published in sigrok's wiki (RDTech TC66C).
// It hides the protocol and no secret of anybody's.
[[nodiscard]] const std::array<std::uint8_t, 32>& tc66c_key() noexcept;

// Of the decrypted bytes. Empty unless all three blocks are whole.
[[nodiscard]] std::optional<DcReading> parse_tc66c(Bytes plain) noexcept;

// CRC-16/MODBUS, as each block carries it.
[[nodiscard]] std::uint16_t crc16_modbus(Bytes bytes) noexcept;

}  // namespace landauer
