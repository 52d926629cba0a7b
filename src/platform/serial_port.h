// A serial line: USB testers, Bluetooth's rfcomm.
#pragma once

#include <landauer/error.h>

#include <filesystem>
#include <memory>

#include "platform/byte_device.h"

namespace landauer {

// 8 bits, no parity, one stop bit, no flow control, raw. Absent, Denied (with the group that may), Failed when it is
// no serial line, Invalid for a baud rate no port has.
[[nodiscard]] Result<std::unique_ptr<ByteDevice>> open_serial(const std::filesystem::path& device, int baud);

}  // namespace landauer
