// ChargerLAB POWER-Z KM003C by its vendor interface, where the kernel has no driver for it.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "meters/dc_meter.h"
#include "meters/usb_tree.h"
#include "meters/wire/km003c.h"
#include "platform/usb_bulk.h"

namespace landauer {
namespace {

constexpr UsbKind kKm003c = {0x5FC9, 0x0063};
constexpr int kInterface = 0;

struct Poll {
    std::uint8_t transaction = 0;

    std::optional<DcReading> operator()(ByteDevice& device, bool& is_gone) {
        ++transaction;
        if (!device.write(km003c_request(transaction))) {
            is_gone = true;
            return std::nullopt;
        }
        std::array<std::uint8_t, kKm003cMostBytes> packet{};
        // An answer to an earlier request, which came too late then, may come first.
        constexpr int kMostLateAnswers = 4;
        for (int i = 0; i < kMostLateAnswers; ++i) {
            const int got = device.read(packet, kDcTimeout_ms / kMostLateAnswers);
            is_gone = got < 0;
            if (is_gone) {
                return std::nullopt;
            }
            const auto size = std::min(static_cast<std::size_t>(got), packet.size());
            if (const auto reading = parse_km003c(Bytes(packet).first(size), transaction)) {
                return reading;
            }
        }
        return std::nullopt;
    }
};

}  // namespace

MeterResult make_km003c(DeviceOpener open, Clock* clock) {
    // No data sheet is at hand that states more than a resolution of 0.1 mV and 0.01 mA; half a percent is what its
    // class of testers states at the worst. The converter's reading is refreshed at 50 Hz or more.
    return make_dc_meter({"usb-km003c", "a POWER-Z KM003C", 0.005, 0.02}, std::move(open), Poll{}, clock);
}

MeterResult probe_usb_km003c(const MeterSources& sources, const std::string& /*argument*/) {
    const auto devices = list_usb(sources.root);
    const auto found =
        std::find_if(devices.begin(), devices.end(), [](const UsbDevice& device) { return device.kind == kKm003c; });
    if (found == devices.end()) {
        return fail(ErrorKind::Absent, "No POWER-Z KM003C tester is plugged in.",
                    "Plug its data port into this machine, its other ports between supply and board.");
    }
    if (const std::string driver = driver_of(*found, kInterface); !driver.empty()) {
        return fail(ErrorKind::Absent, fmt::format("The kernel's driver {} has the POWER-Z KM003C tester.", driver),
                    "Read it through the meter hwmon.");
    }
    auto meter =
        make_km003c([] { return open_usb({kKm003c.vendor, kKm003c.product, kInterface, 0x01, 0x81}); }, sources.clock);
    if (!meter && meter.error().kind == ErrorKind::Denied) {
        meter.error().remedy = udev_remedy(kKm003c, "usb");
    }
    return meter;
}

}  // namespace landauer
