// CPU time and faults of this process and thread, and the clocks whose disagreement tells
// of suspends and steps. Each call takes well under a microsecond.
#pragma once

#include <cstdint>

namespace landauer {

[[nodiscard]] std::int64_t read_process_cpu_ns() noexcept;  // all threads, user and system
[[nodiscard]] std::int64_t read_thread_cpu_ns() noexcept;   // the calling thread
[[nodiscard]] std::int64_t read_wall_clock_ns() noexcept;   // since 1970; may step
[[nodiscard]] std::int64_t read_boot_clock_ns() noexcept;   // monotonic, goes on in suspend
[[nodiscard]] std::int64_t read_monotonic_ns() noexcept;    // stands still in suspend

// Page faults of this process that had to wait for a disk.
[[nodiscard]] std::int64_t read_major_faults() noexcept;

// User and system time of this process as getrusage counts it.
[[nodiscard]] std::int64_t read_rusage_cpu_ns() noexcept;

}  // namespace landauer
