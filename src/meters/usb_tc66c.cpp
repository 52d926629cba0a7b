// RDTech TC66 and TC66C over their USB serial line.
#include <algorithm>
#include <array>

#include "meters/dc_meter.h"
#include "meters/wire/tc66c.h"
#include "platform/aes.h"
#include "platform/serial_port.h"

namespace landauer {
namespace {

constexpr int kBaud = 115200;

std::optional<DcReading> poll_tc66c(ByteDevice& device, bool& is_gone) {
    std::array<std::uint8_t, kTc66cRequest.size()> request{};
    std::copy(kTc66cRequest.begin(), kTc66cRequest.end(), request.begin());
    std::array<std::uint8_t, kTc66cBytes> reply{};
    if (!device.write(request)) {
        is_gone = true;
        return std::nullopt;
    }
    if (!gather(device, reply, kDcTimeout_ms, is_gone) || !aes256_ecb_decrypt(tc66c_key(), reply)) {
        return std::nullopt;
    }
    return parse_tc66c(reply);
}

}  // namespace

MeterResult make_tc66c(DeviceOpener open, Clock* clock) {
    // The maker states 0.05 % + 2 digits for volts and 0.1 % + 5 digits for amps; for currents of some 100 mA
    // together under half a percent. It refreshes its reading about four times a second.
    return make_dc_meter({"usb-tc66c", "a TC66C", 0.005, 0.25}, std::move(open), poll_tc66c, clock);
}

MeterResult probe_usb_tc66c(const MeterSources& sources, const std::string& argument) {
    if (argument.empty()) {
        return fail(ErrorKind::Invalid, "The meter usb-tc66c was not told its device.",
                    "Name it: --meter usb-tc66c:/dev/ttyACM0");
    }
    return make_tc66c([argument] { return open_serial(argument, kBaud); }, sources.clock);
}

}  // namespace landauer
