#include "meters/wire/km003c.h"

namespace landauer {
namespace {

constexpr std::uint8_t kGetData = 0x0C;
constexpr std::uint8_t kPutData = 0x41;
constexpr std::uint16_t kConverter = 0x0001;  // the attribute of the converter's reading
constexpr std::size_t kHeaderBytes = 4;
constexpr std::size_t kPayload = 2 * kHeaderBytes;
constexpr std::size_t kPayloadBytes = 44;

}  // namespace

std::array<std::uint8_t, 4> km003c_request(std::uint8_t transaction) noexcept {
    return {kGetData, transaction, kConverter << 1U, 0};
}

std::optional<DcReading> parse_km003c(Bytes packet, std::uint8_t transaction) noexcept {
    if (packet.size() < kPayload + kPayloadBytes || packet.size() > kKm003cMostBytes ||
        (packet[0] & 0x7FU) != kPutData || packet[1] != transaction) {
        return std::nullopt;
    }
    // Second header: 15 bits attribute, 1 bit "more follows", 6 bits chunk, 10 bits size in bytes.
    const std::uint32_t header = u32_le(packet, kHeaderBytes);
    if ((header & 0x7FFFU) != kConverter || (header >> 22U) != kPayloadBytes) {
        return std::nullopt;
    }
    const std::int64_t microvolts = i32_le(packet, kPayload);
    const std::int64_t signed_microamps = i32_le(packet, kPayload + 4);
    const std::int64_t microamps = signed_microamps < 0 ? -signed_microamps : signed_microamps;
    const DcReading reading{microvolts, microamps, microvolts * microamps / 1'000'000};
    return is_plausible(reading) ? std::optional(reading) : std::nullopt;
}

}  // namespace landauer
