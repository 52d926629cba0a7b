// How long things took, in fixed buckets an eighth of an octave wide: quantiles within
// 5 %, without memory or locks. One thread adds, any thread asks.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace landauer {

class LatencyHistogram {
   public:
    void add(std::int64_t ns) noexcept;
    // The time that the fraction q of all stayed below; 0 when there was none.
    [[nodiscard]] double quantile_us(double q) const noexcept;
    [[nodiscard]] double max_us() const noexcept;

   private:
    static constexpr std::size_t kBuckets = std::size_t{8} * 40;  // 2^40 ns is 18 minutes
    std::array<std::atomic<std::uint32_t>, kBuckets> counts_{};
    std::atomic<std::int64_t> max_ns_{0};
};

}  // namespace landauer
