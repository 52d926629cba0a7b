// Notices suspends and steps of the wall clock by comparing the system's clocks.
#pragma once

#include <atomic>
#include <cstdint>

namespace landauer {

// The three clocks at one instant.
struct ClockReading {
    std::int64_t monotonic_ns = 0;
    std::int64_t boot_ns = 0;
    std::int64_t wall_ns = 0;
};

// Reads them again when the thread seems to have been interrupted in between.
[[nodiscard]] ClockReading read_clocks() noexcept;

// One thread notes readings, any thread asks.
class ClockWatch {
   public:
    void note(const ClockReading& now) noexcept;
    [[nodiscard]] std::int64_t suspended_ns() const noexcept { return suspended_ns_.load(std::memory_order_relaxed); }
    // The step with the largest size, with its sign: above 0 when the clock was set forward.
    [[nodiscard]] std::int64_t largest_step_ns() const noexcept { return step_ns_.load(std::memory_order_relaxed); }

   private:
    bool has_first_ = false;
    ClockReading first_;
    ClockReading last_;
    std::atomic<std::int64_t> suspended_ns_{0};
    std::atomic<std::int64_t> step_ns_{0};
};

}  // namespace landauer
