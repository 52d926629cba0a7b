#include "meters/wire/tc66c.h"

#include <algorithm>

namespace landauer {
namespace {

constexpr std::size_t kBlockBytes = 64;
constexpr std::size_t kChecksum = 60;

bool starts_with(Bytes bytes, std::string_view text) noexcept {
    return bytes.size() >= text.size() &&
           std::equal(text.begin(), text.end(), bytes.begin(),
                      [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

bool is_whole(Bytes block, std::string_view name) noexcept {
    return starts_with(block, name) && u32_le(block, kChecksum) == crc16_modbus(block.first(kChecksum));
}

}  // namespace

const std::array<std::uint8_t, 32>& tc66c_key() noexcept {
    static constexpr std::array<std::uint8_t, 32> kKey = {
        0x58, 0x21, 0xFA, 0x56, 0x01, 0xB2, 0xF0, 0x26, 0x87, 0xFF, 0x12, 0x04, 0x62, 0x2A, 0x4F, 0xB0,
        0x86, 0xF4, 0x02, 0x60, 0x81, 0x6F, 0x9A, 0x0B, 0xA7, 0xF1, 0x06, 0x61, 0x9A, 0xB8, 0x72, 0x88};
    return kKey;
}

std::uint16_t crc16_modbus(Bytes bytes) noexcept {
    constexpr unsigned kPolynomial = 0xA001;  // 0x8005 with its bits reversed
    unsigned crc = 0xFFFF;
    for (const std::uint8_t byte : bytes) {
        crc ^= byte;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 1U) != 0 ? ((crc >> 1U) ^ kPolynomial) : (crc >> 1U);
        }
    }
    return static_cast<std::uint16_t>(crc);
}

std::optional<DcReading> parse_tc66c(Bytes plain) noexcept {
    if (plain.size() != kTc66cBytes || !is_whole(plain.first(kBlockBytes), "pac1") ||
        !is_whole(plain.subspan(kBlockBytes, kBlockBytes), "pac2") ||
        !is_whole(plain.subspan(2 * kBlockBytes), "pac3")) {
        return std::nullopt;
    }
    const std::int64_t tenth_millivolts = u32_le(plain, 48);
    const std::int64_t ten_microamps = u32_le(plain, 52);
    const std::int64_t tenth_milliwatts = u32_le(plain, 56);
    const DcReading reading{tenth_millivolts * 100, ten_microamps * 10, tenth_milliwatts * 100};
    return is_plausible(reading) ? std::optional(reading) : std::nullopt;
}

}  // namespace landauer
