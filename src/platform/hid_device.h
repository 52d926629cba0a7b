// A HID peer by its device node, /dev/hidrawN.
#pragma once

#include <landauer/error.h>

#include <filesystem>
#include <memory>

#include "platform/byte_device.h"

namespace landauer {

// A read gives one report; a write is one report, without a report number.
[[nodiscard]] Result<std::unique_ptr<ByteDevice>> open_hid(const std::filesystem::path& device);

}  // namespace landauer
