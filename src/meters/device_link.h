// A device that may be unplugged and come back.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "core/clock.h"
#include "platform/byte_device.h"

namespace landauer {

using DeviceOpener = std::function<Result<std::unique_ptr<ByteDevice>>()>;

class DeviceLink {
   public:
    DeviceLink(DeviceOpener open, Clock* clock)
        : open_(std::move(open)), clock_(clock != nullptr ? clock : &system_clock()) {}

    // Opens it now, or says why not.
    [[nodiscard]] Result<void> open();
    // The device, or null while it is gone; looked for again at most once a second.
    [[nodiscard]] ByteDevice* device() noexcept;
    // How often it was opened: whoever has to greet a device sees here that it is a new one.
    [[nodiscard]] int times_opened() const noexcept { return times_opened_; }
    void drop() noexcept;

   private:
    DeviceOpener open_;
    Clock* clock_;
    std::unique_ptr<ByteDevice> device_;
    std::int64_t last_try_ns_ = 0;
    int times_opened_ = 0;
};

// Reads until `into` is full. False when the device went silent for `timeout_ms` in all, or away; then `is_gone`
// says which.
[[nodiscard]] bool gather(ByteDevice& device, std::span<std::uint8_t> into, int timeout_ms, bool& is_gone) noexcept;

}  // namespace landauer
