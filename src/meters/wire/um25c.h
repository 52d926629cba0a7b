// RDTech UM24C, UM25C and UM34C, over Bluetooth's serial port: one byte asks, 130 answer.
#pragma once

#include <cstdint>
#include <optional>

#include "meters/wire/bytes.h"
#include "meters/wire/dc_reading.h"

namespace landauer {

inline constexpr std::size_t kUm25cBytes = 130;
inline constexpr std::uint8_t kUm25cRequest = 0xF0;

// Empty for an unknown model, a broken end mark, or power that is not volts times amps.
[[nodiscard]] std::optional<DcReading> parse_um25c(Bytes packet) noexcept;

}  // namespace landauer
