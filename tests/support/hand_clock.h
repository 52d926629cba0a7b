// A clock that a test turns.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/clock.h"

namespace landauer::testing {

class HandClock final : public Clock {
   public:
    [[nodiscard]] std::int64_t now_ns() const noexcept override { return now; }
    void sleep_until(std::int64_t t_ns) noexcept override { now = std::max(now, t_ns); }
    void pass_ms(std::int64_t ms) { now += ms * 1'000'000; }
    void pass_s(double seconds) { now += std::llround(seconds * 1e9); }
    std::int64_t now = 1'000'000'000'000;
};

}  // namespace landauer::testing
