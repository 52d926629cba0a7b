// Absolute deadlines at a fixed rate. A late tick skips deadlines; it never runs twice to
// catch up, and no rounding adds up.
#pragma once

#include <cmath>
#include <cstdint>

namespace landauer {

class Deadlines {
   public:
    Deadlines(std::int64_t origin_ns, double rate_hz) : origin_ns_(origin_ns), period_ns_(1e9 / rate_hz) {}

    [[nodiscard]] std::int64_t next_ns() const noexcept { return at(number_); }

    // Goes on to the first deadline after now; returns how many were passed over.
    std::uint64_t advance(std::int64_t now_ns) noexcept {
        const std::uint64_t wanted = number_ + 1;
        number_ = wanted;
        if (at(wanted) <= now_ns) {
            number_ = static_cast<std::uint64_t>(std::floor(static_cast<double>(now_ns - origin_ns_) / period_ns_));
            while (at(number_) <= now_ns) {
                ++number_;
            }
        }
        return number_ - wanted;
    }

   private:
    [[nodiscard]] std::int64_t at(std::uint64_t number) const noexcept {
        return origin_ns_ + std::llround(static_cast<double>(number) * period_ns_);
    }

    std::int64_t origin_ns_;
    double period_ns_;
    std::uint64_t number_ = 0;
};

}  // namespace landauer
