// Decrypted packets of the TC66C, as they are and with their checksums put right.
#include <algorithm>
#include <array>

#include "fuzz/fuzz.h"
#include "meters/wire/tc66c.h"

using namespace landauer;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto raw = parse_tc66c({data, size});
    fuzz::must(!raw || is_plausible(*raw));
    std::array<std::uint8_t, kTc66cBytes> packet{};
    std::copy_n(data, std::min(size, packet.size()), packet.begin());
    constexpr std::size_t kBlock = 64;
    constexpr std::size_t kChecksum = 60;
    for (std::size_t block = 0; block < packet.size(); block += kBlock) {
        const std::uint16_t crc = crc16_modbus(Bytes(packet).subspan(block, kChecksum));
        packet[block + kChecksum] = static_cast<std::uint8_t>(crc & 0xFFU);
        packet[block + kChecksum + 1] = static_cast<std::uint8_t>(crc >> 8U);
        packet[block + kChecksum + 2] = packet[block + kChecksum + 3] = 0;
    }
    const auto reading = parse_tc66c(packet);
    fuzz::must(!reading || is_plausible(*reading));
    return 0;
}
