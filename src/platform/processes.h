// Who else is busy: CPU time of all processes, twice, and the difference.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace landauer {

struct ProcessTimes {
    std::int64_t pid = 0;
    std::string name;              // as the process calls itself, control characters replaced
    std::int64_t ticks = 0;        // user and system
    std::int64_t start_ticks = 0;  // since boot; tells a reused pid
};

// One line of /proc/PID/stat; the name in it may hold blanks and parentheses.
[[nodiscard]] std::optional<ProcessTimes> parse_process_stat(std::string_view text);

// All processes that can be seen, in the order of their pid.
[[nodiscard]] std::vector<ProcessTimes> read_processes(const std::filesystem::path& root);

struct BusyProcess {
    std::int64_t pid = 0;
    std::string name;
    double cores = 0.0;  // CPU seconds a second
};

// Processes that used at least `least_cores` between two readings, busiest first; those
// that started in between count from their start. `but_pid` is left out.
[[nodiscard]] std::vector<BusyProcess> busiest(const std::vector<ProcessTimes>& before,
                                               const std::vector<ProcessTimes>& after, double elapsed_s,
                                               double least_cores, std::int64_t but_pid);

[[nodiscard]] std::int64_t own_pid() noexcept;

}  // namespace landauer
