#include "run/clock_watch.h"

#include <cstdlib>

#include "platform/process_clocks.h"

namespace landauer {
namespace {

constexpr int kTries = 5;
constexpr std::int64_t kLongestReading_ns = 20'000;

}  // namespace

ClockReading read_clocks() noexcept {
    ClockReading now;
    for (int i = 0; i < kTries; ++i) {
        now.monotonic_ns = read_monotonic_ns();
        now.boot_ns = read_boot_clock_ns();
        now.wall_ns = read_wall_clock_ns();
        if (read_monotonic_ns() - now.monotonic_ns < kLongestReading_ns) {
            break;
        }
    }
    return now;
}

void ClockWatch::note(const ClockReading& now) noexcept {
    if (has_first_) {
        const std::int64_t asleep = (now.boot_ns - now.monotonic_ns) - (first_.boot_ns - first_.monotonic_ns);
        suspended_ns_.store(asleep, std::memory_order_relaxed);
        // Against the boot clock, which goes on in suspend as the wall clock does.
        const std::int64_t step = (now.wall_ns - now.boot_ns) - (last_.wall_ns - last_.boot_ns);
        if (std::llabs(step) > std::llabs(step_ns_.load(std::memory_order_relaxed))) {
            step_ns_.store(step, std::memory_order_relaxed);
        }
    } else {
        first_ = now;
        has_first_ = true;
    }
    last_ = now;
}

}  // namespace landauer
