#include "platform/proc_files.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>

#include "platform/text.h"

namespace landauer {
namespace {

// Larger than any true count, and small enough that sums and kB to B cannot overflow.
constexpr std::int64_t kLargestCount = std::int64_t{1} << 52;
constexpr std::int64_t kKibibyte = 1024;

std::optional<std::int64_t> parse_count(std::string_view text) noexcept {
    const auto value = parse_integer(text);
    return value && *value >= 0 && *value <= kLargestCount ? value : std::nullopt;
}

// The fields after "cpu" or "cpuN": user nice system idle iowait irq softirq steal.
CpuTimes parse_cpu_fields(std::string_view fields) noexcept {
    std::array<std::int64_t, 8> ticks{};
    for (std::int64_t& field : ticks) {
        const auto value = parse_count(next_word(fields));
        if (!value) {
            return {};
        }
        field = *value;
    }
    return {ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6], ticks[7]};
}

// N of "cpuN"; empty for "cpu" itself and other words.
std::optional<std::int64_t> cpu_number(std::string_view word) noexcept {
    if (!word.starts_with("cpu")) {
        return std::nullopt;
    }
    return parse_count(word.substr(3));
}

std::int64_t kibibytes_of(std::string_view meminfo, std::string_view key) noexcept {
    std::string_view value = value_of_key(meminfo, key);
    const auto count = parse_count(next_word(value));
    return count ? *count * kKibibyte : kMissing;
}

}  // namespace

int parse_proc_stat(std::string_view text, CpuTimes& total, std::span<CpuTimes> cpus) noexcept {
    total = {};
    std::fill(cpus.begin(), cpus.end(), CpuTimes{});
    int understood = 0;
    while (!text.empty()) {
        std::string_view line = next_line(text);
        const std::string_view word = next_word(line);
        if (!word.starts_with("cpu")) {
            break;  // the CPU lines come first; the rest is long and not wanted
        }
        const auto number = cpu_number(word);
        CpuTimes* into = nullptr;
        if (word == "cpu") {
            into = &total;
        } else if (number && *number < static_cast<std::int64_t>(cpus.size())) {
            into = &cpus[static_cast<std::size_t>(*number)];
        }
        if (into != nullptr) {
            *into = parse_cpu_fields(line);
            understood += into->busy == kMissing ? 0 : 1;
        }
    }
    return understood;
}

int count_cpus(std::string_view proc_stat) noexcept {
    constexpr std::int64_t kMostCpus = 65536;
    std::int64_t count = 0;
    while (!proc_stat.empty()) {
        std::string_view line = next_line(proc_stat);
        const auto number = cpu_number(next_word(line));
        if (number && *number < kMostCpus) {
            count = std::max(count, *number + 1);
        }
    }
    return static_cast<int>(count);
}

ResidentPages parse_statm(std::string_view text) noexcept {
    std::string_view line = next_line(text);
    static_cast<void>(next_word(line));  // the size of the address space
    const auto resident = parse_count(next_word(line));
    const auto shared = parse_count(next_word(line));
    if (!resident || !shared || *shared > *resident) {
        return {};
    }
    return {*resident, *shared};
}

SystemMemory parse_meminfo(std::string_view text) noexcept {
    return {kibibytes_of(text, "MemTotal"), kibibytes_of(text, "MemAvailable"), kibibytes_of(text, "SwapTotal"),
            kibibytes_of(text, "SwapFree")};
}

std::int64_t ticks_per_second() noexcept {
    const long ticks = ::sysconf(_SC_CLK_TCK);
    return ticks > 0 ? ticks : 100;
}

std::int64_t page_bytes() noexcept {
    const long bytes = ::sysconf(_SC_PAGESIZE);
    return bytes > 0 ? bytes : 4096;
}

}  // namespace landauer
