// A USB peer with one bulk endpoint each way.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <memory>

#include "platform/byte_device.h"

namespace landauer {

struct UsbPeer {
    std::uint16_t vendor = 0;
    std::uint16_t product = 0;
    int interface = 0;
    std::uint8_t endpoint_out = 0x01;
    std::uint8_t endpoint_in = 0x81;
};

// Takes the interface over from a kernel driver while it is open. Absent, Denied, Failed (used by another program).
[[nodiscard]] Result<std::unique_ptr<ByteDevice>> open_usb(const UsbPeer& peer);

}  // namespace landauer
