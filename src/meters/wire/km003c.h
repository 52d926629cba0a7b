// ChargerLAB POWER-Z KM003C over its vendor interface: one request, one packet with the present reading.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "meters/wire/bytes.h"
#include "meters/wire/dc_reading.h"

namespace landauer {

inline constexpr std::size_t kKm003cMostBytes = 512;

// Asks for the converter's reading; the answer carries the same transaction number.
[[nodiscard]] std::array<std::uint8_t, 4> km003c_request(std::uint8_t transaction) noexcept;

// Empty for another transaction's answer, another kind of packet, one cut short, or nonsense.
[[nodiscard]] std::optional<DcReading> parse_km003c(Bytes packet, std::uint8_t transaction) noexcept;

}  // namespace landauer
