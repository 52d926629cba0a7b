// The one clock: monotonic, nanoseconds. Injectable, so that tests own time.
#pragma once

#include <cstdint>
#include <string>

namespace landauer {

class Clock {
   public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    Clock(Clock&&) = delete;
    Clock& operator=(Clock&&) = delete;
    virtual ~Clock() = default;

    [[nodiscard]] virtual std::int64_t now_ns() const noexcept = 0;
    virtual void sleep_until(std::int64_t t_ns) noexcept = 0;
};

// CLOCK_MONOTONIC; never steps, stands still in suspend.
Clock& system_clock();

// "2026-01-31T12:34:56Z" of the wall clock.
[[nodiscard]] std::string utc_now();

}  // namespace landauer
