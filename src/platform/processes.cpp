#include "platform/processes.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>

#include "platform/files.h"
#include "platform/proc_files.h"
#include "platform/text.h"

namespace landauer {
namespace {

// Positions after the name, counted from the state: utime, stime, starttime (proc(5)).
constexpr std::size_t kUserTime = 11;
constexpr std::size_t kSystemTime = 12;
constexpr std::size_t kStartTime = 19;

std::string printable(std::string_view name) {
    std::string out(name);
    std::replace_if(
        out.begin(), out.end(),
        [](char c) {
            const auto code = static_cast<unsigned char>(c);
            return code < 0x20 || code >= 0x7F;
        },
        '?');
    return out;
}

}  // namespace

std::optional<ProcessTimes> parse_process_stat(std::string_view text) {
    const std::size_t open = text.find('(');
    const std::size_t close = text.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
        return std::nullopt;
    }
    const auto pid = parse_integer(text.substr(0, open));
    std::string_view rest = trim(text.substr(close + 1));
    std::array<std::string_view, kStartTime + 1> fields;
    for (std::string_view& field : fields) {
        field = next_word(rest);
    }
    const auto user = parse_integer(fields[kUserTime]);
    const auto system = parse_integer(fields[kSystemTime]);
    const auto start = parse_integer(fields[kStartTime]);
    constexpr std::int64_t kMost = std::int64_t{1} << 60;
    if (!pid || !user || !system || !start || *user < 0 || *system < 0 || *user > kMost || *system > kMost) {
        return std::nullopt;
    }
    return ProcessTimes{*pid, printable(text.substr(open + 1, close - open - 1)), *user + *system, *start};
}

std::vector<ProcessTimes> read_processes(const std::filesystem::path& root) {
    std::vector<ProcessTimes> processes;
    for (const NumberedEntry& folder : list_numbered(root / "proc", "")) {
        if (auto process = parse_process_stat(read_trimmed(folder.path / "stat"))) {
            processes.push_back(std::move(*process));
        }
    }
    return processes;
}

std::vector<BusyProcess> busiest(const std::vector<ProcessTimes>& before, const std::vector<ProcessTimes>& after,
                                 double elapsed_s, double least_cores, std::int64_t but_pid) {
    std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> ticks_before;
    for (const ProcessTimes& process : before) {
        ticks_before[{process.pid, process.start_ticks}] = process.ticks;
    }
    std::vector<BusyProcess> busy;
    for (const ProcessTimes& process : after) {
        const auto known = ticks_before.find({process.pid, process.start_ticks});
        const std::int64_t used = process.ticks - (known == ticks_before.end() ? 0 : known->second);
        const double cores = static_cast<double>(used) / static_cast<double>(ticks_per_second()) / elapsed_s;
        if (process.pid != but_pid && elapsed_s > 0.0 && cores >= least_cores) {
            busy.push_back({process.pid, process.name, cores});
        }
    }
    std::sort(busy.begin(), busy.end(), [](const BusyProcess& a, const BusyProcess& b) { return a.cores > b.cores; });
    return busy;
}

std::int64_t own_pid() noexcept { return ::getpid(); }

}  // namespace landauer
