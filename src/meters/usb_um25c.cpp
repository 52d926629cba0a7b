// RDTech UM24C, UM25C and UM34C over Bluetooth's serial line.
#include <array>

#include "meters/dc_meter.h"
#include "meters/wire/um25c.h"
#include "platform/serial_port.h"

namespace landauer {
namespace {

constexpr int kBaud = 9600;

std::optional<DcReading> poll_um25c(ByteDevice& device, bool& is_gone) {
    const std::array<std::uint8_t, 1> request = {kUm25cRequest};
    std::array<std::uint8_t, kUm25cBytes> reply{};
    if (!device.write(request)) {
        is_gone = true;
        return std::nullopt;
    }
    return gather(device, reply, kDcTimeout_ms, is_gone) ? parse_um25c(reply) : std::nullopt;
}

}  // namespace

MeterResult make_um25c(DeviceOpener open, Clock* clock) {
    // The maker states 0.05 % + 2 digits for volts and 0.1 % + 4 digits for amps (UM25C); the UM24C and UM34C
    // show ten times coarser digits. An answer takes about 0.2 s over the air.
    return make_dc_meter({"usb-um25c", "a UM24C, UM25C or UM34C", 0.01, 0.5}, std::move(open), poll_um25c, clock);
}

MeterResult probe_usb_um25c(const MeterSources& sources, const std::string& argument) {
    if (argument.empty()) {
        return fail(ErrorKind::Invalid, "The meter usb-um25c was not told its device.",
                    "Pair it, bind it (sudo rfcomm bind 0 ADDRESS) and name it: --meter usb-um25c:/dev/rfcomm0");
    }
    return make_um25c([argument] { return open_serial(argument, kBaud); }, sources.clock);
}

}  // namespace landauer
