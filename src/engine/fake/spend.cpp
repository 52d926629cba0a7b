#include "engine/fake/spend.h"

#include <algorithm>

#include "core/clock.h"
#include "engine/phase_timer.h"

namespace landauer {
namespace {

constexpr double kSlice = 0.004;  // s between abort polls

void spin_until(std::int64_t t_ns) {
    while (system_clock().now_ns() < t_ns) {
    }
}

std::int64_t to_ns(double seconds) { return static_cast<std::int64_t>(seconds * 1e9); }

}  // namespace

bool spend(double seconds, double busy, const EngineHooks& hooks, const std::function<void(double)>& progress) {
    Clock& clock = system_clock();
    const std::int64_t begin = clock.now_ns();
    // Deadlines from the beginning, so that late wake-ups do not add up.
    for (double spent = 0.0; spent < seconds;) {
        if (wants_abort(hooks)) return false;
        const double next = std::min(seconds, spent + kSlice);
        spin_until(begin + to_ns(spent + busy * (next - spent)));
        clock.sleep_until(begin + to_ns(next));
        spent = next;
        if (progress) progress(spent / seconds);
    }
    return !wants_abort(hooks);
}

}  // namespace landauer
