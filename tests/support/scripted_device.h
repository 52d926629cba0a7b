// A device whose every answer a test decides.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "platform/byte_device.h"
#include "support/hand_clock.h"

namespace landauer::testing {

using Packet = std::vector<std::uint8_t>;

// What outlives the device, so that a test sees it be opened again.
struct Script {
    std::deque<Packet> packets;                             // each read gives one
    std::vector<Packet> written;                            // everything the host said
    std::function<void(const Packet& said)> on_write = {};  // may add packets
    bool gone = false;
    int opened = 0;
};

class ScriptedDevice final : public ByteDevice {
   public:
    explicit ScriptedDevice(Script& script) : script_(script) { ++script.opened; }
    int read(std::span<std::uint8_t> into, int /*timeout_ms*/) noexcept override {
        if (script_.gone) {
            return kGone;
        }
        if (script_.packets.empty()) {
            return 0;
        }
        const Packet packet = script_.packets.front();
        script_.packets.pop_front();
        const std::size_t size = std::min(into.size(), packet.size());
        std::copy_n(packet.begin(), size, into.begin());
        return static_cast<int>(size);
    }
    bool write(std::span<const std::uint8_t> bytes) noexcept override {
        if (script_.gone) {
            return false;
        }
        script_.written.emplace_back(bytes.begin(), bytes.end());
        if (script_.on_write) {
            script_.on_write(script_.written.back());
        }
        return true;
    }

   private:
    Script& script_;
};

}  // namespace landauer::testing
