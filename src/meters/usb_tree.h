// USB devices as the kernel lists them under ROOT/sys/bus/usb/devices: found without touching any.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace landauer {

struct UsbKind {
    std::uint16_t vendor = 0;
    std::uint16_t product = 0;
    friend bool operator==(const UsbKind&, const UsbKind&) = default;
};

struct UsbDevice {
    UsbKind kind;
    std::filesystem::path folder;  // ROOT/sys/bus/usb/devices/1-2
};
[[nodiscard]] std::vector<UsbDevice> list_usb(const std::filesystem::path& root);

// "hidraw3" of the device's first HID interface; empty when the kernel made none.
[[nodiscard]] std::string hidraw_of(const UsbDevice& device);
// The kernel driver that has the device's interface `number`; empty when none has.
[[nodiscard]] std::string driver_of(const UsbDevice& device, int number);

// The command that gives whoever is logged in access to such devices. `subsystem`: "usb" or "hidraw".
[[nodiscard]] std::string udev_remedy(const UsbKind& kind, const char* subsystem);

}  // namespace landauer
