// Counters of the kernel's perf events that belong to a CPU and to no process.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <optional>

namespace landauer {

// Opens the event `config` of the unit `type` on one CPU and returns its descriptor, which the
// caller closes. Absent where the kernel has no such event, Denied where this user may not
// count on a whole CPU.
[[nodiscard]] Result<int> open_perf_counter(std::uint32_t type, std::uint64_t config, int cpu);

// Owns a descriptor that answers each read with 8 bytes: the count since it was opened.
class PerfCounter {
   public:
    explicit PerfCounter(int descriptor) noexcept : descriptor_(descriptor) {}
    PerfCounter(const PerfCounter&) = delete;
    PerfCounter& operator=(const PerfCounter&) = delete;
    PerfCounter(PerfCounter&& other) noexcept;
    PerfCounter& operator=(PerfCounter&& other) noexcept;
    ~PerfCounter();

    // Empty when it cannot be read, or holds more than a signed number can.
    [[nodiscard]] std::optional<std::int64_t> read() const noexcept;

   private:
    int descriptor_;
};

}  // namespace landauer
