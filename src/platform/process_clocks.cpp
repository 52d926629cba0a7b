#include "platform/process_clocks.h"

#include <sys/resource.h>

#include <ctime>

namespace landauer {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kNsPerMicrosecond = 1'000;

std::int64_t read_clock(clockid_t clock) noexcept {
    timespec now{};
    ::clock_gettime(clock, &now);
    return static_cast<std::int64_t>(now.tv_sec) * kNsPerSecond + now.tv_nsec;
}

std::int64_t to_ns(const timeval& time) noexcept {
    return static_cast<std::int64_t>(time.tv_sec) * kNsPerSecond + time.tv_usec * kNsPerMicrosecond;
}

rusage own_usage() noexcept {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage;
}

}  // namespace

std::int64_t read_process_cpu_ns() noexcept { return read_clock(CLOCK_PROCESS_CPUTIME_ID); }
std::int64_t read_thread_cpu_ns() noexcept { return read_clock(CLOCK_THREAD_CPUTIME_ID); }
std::int64_t read_wall_clock_ns() noexcept { return read_clock(CLOCK_REALTIME); }
std::int64_t read_monotonic_ns() noexcept { return read_clock(CLOCK_MONOTONIC); }

std::int64_t read_boot_clock_ns() noexcept {
#ifdef CLOCK_BOOTTIME
    return read_clock(CLOCK_BOOTTIME);
#else
    return read_clock(CLOCK_MONOTONIC);
#endif
}

std::int64_t read_major_faults() noexcept { return own_usage().ru_majflt; }

std::int64_t read_rusage_cpu_ns() noexcept {
    const rusage usage = own_usage();
    return to_ns(usage.ru_utime) + to_ns(usage.ru_stime);
}

}  // namespace landauer
