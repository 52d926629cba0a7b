#include "run/anchor.h"

#include <algorithm>
#include <limits>

#include "core/clock.h"

namespace landauer {
namespace {

constexpr int kRepetitions = 5;
constexpr std::uint64_t kSteps = 1'000'000;
constexpr std::int64_t kPauseNs = 100'000'000;

// A chain of dependent integer steps: bound by the clock frequency, not by memory.
std::int64_t work_ns() {
    const std::int64_t begin = system_clock().now_ns();
    volatile std::uint64_t sink = 0;
    std::uint64_t x = 88172645463325252U;
    for (std::uint64_t i = 0; i < kSteps; ++i) {
        x ^= x << 13U;
        x ^= x >> 7U;
        x ^= x << 17U;
    }
    sink = x;
    static_cast<void>(sink);
    return system_clock().now_ns() - begin;
}

// The least of several: other processes can only make it longer.
std::int64_t least_work_ns() {
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    for (int i = 0; i < kRepetitions; ++i) {
        least = std::min(least, work_ns());
    }
    return least;
}

}  // namespace

Anchor::Anchor() : reference_ns_(least_work_ns()) {}

double Anchor::wait(double tolerance, double cap_s, const std::function<bool()>& abort) const {
    const std::int64_t begin = system_clock().now_ns();
    const double limit_ns = static_cast<double>(reference_ns_) * (1.0 + tolerance);
    while (true) {
        const bool is_back = static_cast<double>(least_work_ns()) <= limit_ns;
        const double waited_s = static_cast<double>(system_clock().now_ns() - begin) * 1e-9;
        if (is_back || (abort && abort())) {
            return waited_s;
        }
        if (waited_s >= cap_s) {
            return -1.0;
        }
        system_clock().sleep_until(system_clock().now_ns() + kPauseNs);
    }
}

}  // namespace landauer
