#include "core/clock.h"

#include <array>
#include <cerrno>
#include <ctime>

namespace landauer {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

class SystemClock final : public Clock {
   public:
    [[nodiscard]] std::int64_t now_ns() const noexcept override {
        timespec now{};
        clock_gettime(CLOCK_MONOTONIC, &now);
        return static_cast<std::int64_t>(now.tv_sec) * kNsPerSecond + now.tv_nsec;
    }
    void sleep_until(std::int64_t t_ns) noexcept override {
        timespec deadline{};
        deadline.tv_sec = t_ns / kNsPerSecond;
        deadline.tv_nsec = t_ns % kNsPerSecond;
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, nullptr) == EINTR) {
        }
    }
};

}  // namespace

Clock& system_clock() {
    static SystemClock clock;
    return clock;
}

std::string utc_now() {
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&now, &utc);
    std::array<char, 32> text{};
    const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
    return {text.data(), length};
}

}  // namespace landauer
