// A device that bytes are written to and read from: a serial line, a HID or USB peer.
#pragma once

#include <cstdint>
#include <span>

namespace landauer {

class ByteDevice {
   public:
    ByteDevice() = default;
    ByteDevice(const ByteDevice&) = delete;
    ByteDevice& operator=(const ByteDevice&) = delete;
    ByteDevice(ByteDevice&&) = delete;
    ByteDevice& operator=(ByteDevice&&) = delete;
    virtual ~ByteDevice() = default;

    static constexpr int kGone = -1;

    // Whatever is there, after at most `timeout_ms`: how many bytes, 0 when none came, kGone when the device went away.
    [[nodiscard]] virtual int read(std::span<std::uint8_t> into, int timeout_ms) noexcept = 0;
    // All of it, or false.
    [[nodiscard]] virtual bool write(std::span<const std::uint8_t> bytes) noexcept = 0;
    // Forgets what came and was not read.
    virtual void discard_input() noexcept {}
};

}  // namespace landauer
