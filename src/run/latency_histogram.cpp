#include "run/latency_histogram.h"

#include <algorithm>
#include <cmath>

namespace landauer {
namespace {

constexpr double kPerOctave = 8.0;
constexpr double kUsPerNs = 1e-3;

}  // namespace

void LatencyHistogram::add(std::int64_t ns) noexcept {
    ns = std::max<std::int64_t>(ns, 1);
    const auto wanted = static_cast<std::size_t>(std::log2(static_cast<double>(ns)) * kPerOctave);
    auto& count = counts_[std::min(wanted, kBuckets - 1)];
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    max_ns_.store(std::max(max_ns_.load(std::memory_order_relaxed), ns), std::memory_order_relaxed);
}

double LatencyHistogram::quantile_us(double q) const noexcept {
    std::uint64_t total = 0;
    for (const auto& count : counts_) {
        total += count.load(std::memory_order_relaxed);
    }
    if (total == 0) {
        return 0.0;
    }
    const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(total))));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < kBuckets; ++i) {
        seen += counts_[i].load(std::memory_order_relaxed);
        if (seen >= rank) {
            const double middle_ns = std::exp2((static_cast<double>(i) + 0.5) / kPerOctave);
            return std::min(middle_ns * kUsPerNs, max_us());
        }
    }
    return max_us();
}

double LatencyHistogram::max_us() const noexcept {
    return static_cast<double>(max_ns_.load(std::memory_order_relaxed)) * kUsPerNs;
}

}  // namespace landauer
