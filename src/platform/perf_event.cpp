#include "platform/perf_event.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <limits>
#include <system_error>
#include <utility>

#ifdef __linux__
#include <linux/perf_event.h>
#include <sys/syscall.h>
#endif

namespace landauer {
namespace {

#ifdef __linux__
Error perf_error(int error_number, int cpu) {
    switch (error_number) {
        case EACCES:
        case EPERM:
            return {ErrorKind::Denied, fmt::format("This user may not open a perf counter on CPU {}.", cpu),
                    "Until the next boot: sudo sysctl kernel.perf_event_paranoid=0"};
        case ENOENT:
        case ENODEV:
        case ENOSYS:
        case EOPNOTSUPP:
            return {ErrorKind::Absent, fmt::format("The kernel has no such perf counter on CPU {}.", cpu),
                    "Measure with another meter; landauer meters lists them."};
        default:
            return {ErrorKind::Failed,
                    fmt::format("Could not open a perf counter on CPU {}: {}.", cpu,
                                std::generic_category().message(error_number)),
                    "Check that no limit on open files is met (ulimit -n), or measure with another meter."};
    }
}
#endif

}  // namespace

Result<int> open_perf_counter(std::uint32_t type, std::uint64_t config, int cpu) {
#ifdef __linux__
    perf_event_attr event{};
    event.type = type;
    event.size = sizeof event;
    event.config = config;
    event.sample_period = 0;  // counts, and never interrupts
    constexpr int kEveryProcess = -1;
    constexpr int kNoGroup = -1;
    const long descriptor = ::syscall(SYS_perf_event_open, &event, kEveryProcess, cpu, kNoGroup, PERF_FLAG_FD_CLOEXEC);
    if (descriptor < 0) {
        return tl::unexpected(perf_error(errno, cpu));
    }
    return static_cast<int>(descriptor);
#else
    return fail(ErrorKind::Absent,
                fmt::format("Only Linux has perf counters (asked: {}/{} on CPU {}).", type, config, cpu),
                "Measure with another meter; landauer meters lists them.");
#endif
}

PerfCounter::PerfCounter(PerfCounter&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

PerfCounter& PerfCounter::operator=(PerfCounter&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

PerfCounter::~PerfCounter() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

std::optional<std::int64_t> PerfCounter::read() const noexcept {
    std::array<std::byte, sizeof(std::uint64_t)> bytes{};
    ssize_t got = -1;
    do {
        got = ::read(descriptor_, bytes.data(), bytes.size());
    } while (got < 0 && errno == EINTR);
    const auto count = std::bit_cast<std::uint64_t>(bytes);
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (got != static_cast<ssize_t>(bytes.size()) || count > kMost) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(count);
}

}  // namespace landauer
