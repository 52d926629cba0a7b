// USB power testers that answer when they are asked: one reading a request.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "meters/device_link.h"
#include "meters/table.h"
#include "meters/wire/dc_reading.h"

namespace landauer {

// Asks once. Empty after a stall or nonsense; `is_gone` when the device went away.
using DcPoll = std::function<std::optional<DcReading>(ByteDevice& device, bool& is_gone)>;

struct DcTester {
    std::string name;   // "usb-tc66c"
    std::string title;  // "a TC66C"
    double accuracy = 0.0;
    double period_s = 0.0;
};

inline constexpr int kDcTimeout_ms = 800;

// Failed when the device opens but nothing on it answers like such a tester.
[[nodiscard]] MeterResult make_dc_meter(const DcTester& tester, DeviceOpener open, DcPoll poll, Clock* clock);

// The pieces that usb_*.cpp are made of, for tests to give them another device.
[[nodiscard]] MeterResult make_tc66c(DeviceOpener open, Clock* clock);
[[nodiscard]] MeterResult make_um25c(DeviceOpener open, Clock* clock);
[[nodiscard]] MeterResult make_km003c(DeviceOpener open, Clock* clock);
// `asks_often`: FNB48 and C1, which send only while they are asked after each report.
[[nodiscard]] MeterResult make_fnirsi(DeviceOpener open, bool asks_often, Clock* clock);

}  // namespace landauer
