// What /proc/stat, /proc/self/statm and /proc/meminfo say. Text in, numbers out; a number
// that is missing or absurd is kMissing, never 0. Nothing here allocates.
#pragma once

#include <landauer/meter.h>

#include <cstdint>
#include <span>
#include <string_view>

namespace landauer {

// CPU time in the kernel's ticks (ticks_per_second() of them a second).
// busy = user + nice + system + irq + softirq. Guests are inside user already; idle,
// waiting for disks and stolen time are not busy.
struct CpuTimes {
    std::int64_t busy = kMissing;
    std::int64_t steal = kMissing;
};

// Fills the machine's total and, by CPU number, each CPU's; CPUs that the text does not
// name (offline) stay kMissing. Returns how many CPU lines were understood.
int parse_proc_stat(std::string_view text, CpuTimes& total, std::span<CpuTimes> cpus) noexcept;

// One more than the highest CPU number in /proc/stat.
[[nodiscard]] int count_cpus(std::string_view proc_stat) noexcept;

// Resident memory in pages: all, and the part backed by files or shared.
struct ResidentPages {
    std::int64_t resident = kMissing;
    std::int64_t shared = kMissing;
};
[[nodiscard]] ResidentPages parse_statm(std::string_view text) noexcept;

struct SystemMemory {
    std::int64_t total_bytes = kMissing;
    std::int64_t available_bytes = kMissing;
    std::int64_t swap_total_bytes = kMissing;
    std::int64_t swap_free_bytes = kMissing;
};
[[nodiscard]] SystemMemory parse_meminfo(std::string_view text) noexcept;

[[nodiscard]] std::int64_t ticks_per_second() noexcept;
[[nodiscard]] std::int64_t page_bytes() noexcept;

}  // namespace landauer
