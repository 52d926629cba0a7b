// Meters for tests: they count their own readings and do what a test wants on the way.
#pragma once

#include <landauer/meter.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

namespace landauer::testing {

// Shared by a meter and its test; outlives the meter.
struct MeterLog {
    std::atomic<std::int64_t> reads{0};

    // Waits until that many readings were begun; false after a minute.
    [[nodiscard]] bool wait_for(std::int64_t wanted) const {
        const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        while (reads.load() < wanted && std::chrono::steady_clock::now() < end) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return reads.load() >= wanted;
    }
};

// One counter that goes up by one each reading; `on_read` gets the number of the reading
// (from 1) and may change the value.
class CountingMeter final : public Meter {
   public:
    using OnRead = std::function<void(std::int64_t number, std::int64_t& value)>;

    CountingMeter(std::shared_ptr<MeterLog> log, std::string name, OnRead on_read = nullptr)
        : log_(std::move(log)), on_read_(std::move(on_read)) {
        info_.name = std::move(name);
        info_.channels = {{info_.name, "count", "1", ChannelKind::counter, 1.0, 0}};
    }
    // The same as an energy counter, or as one whose readings may block.
    void count_energy() { info_.channels[0].rail.kind = RailKind::package; }
    void block(double period_s) {
        info_.blocks = true;
        info_.period_s = period_s;
    }
    [[nodiscard]] const MeterInfo& info() const noexcept override { return info_; }

    int read(std::span<std::int64_t> values) noexcept override {
        values[0] = ++log_->reads;
        if (on_read_) {
            on_read_(values[0], values[0]);
        }
        return values[0] == kMissing ? 0 : 1;
    }

   private:
    std::shared_ptr<MeterLog> log_;
    OnRead on_read_;
    MeterInfo info_;
};

}  // namespace landauer::testing
