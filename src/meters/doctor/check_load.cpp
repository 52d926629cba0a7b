// What else the machine is doing: other programs, the host's other guests, memory.
#include <fmt/format.h>

#include <algorithm>

#include "meters/doctor/checks.h"
#include "platform/cgroup.h"
#include "platform/files.h"

namespace landauer::doctor {
namespace {

constexpr double kBusyCores = 0.05;
constexpr double kVeryBusyCores = 0.5;
constexpr std::size_t kMostNamed = 3;
constexpr double kStealNow = 0.02;        // of one core, while watched
constexpr double kStealSinceBoot = 0.01;  // of the time that CPUs were wanted
constexpr double kGib = 1024.0 * 1024.0 * 1024.0;
constexpr double kLittleMemory_gib = 1.0;
constexpr double kLittleMemoryPart = 0.10;
constexpr double kSwapInUse_gib = 0.0625;

double gib(std::int64_t bytes) { return static_cast<double>(bytes) / kGib; }

double seconds(std::int64_t ticks) { return static_cast<double>(ticks) / static_cast<double>(ticks_per_second()); }

SystemMemory memory_of(const Patient& patient) { return parse_meminfo(read_trimmed(patient.root / "proc/meminfo")); }

}  // namespace

void check_busy_processes(const Patient& patient, Findings& out) {
    const auto busy =
        busiest(patient.processes_before, patient.processes_after, patient.watched_s, kBusyCores, own_pid());
    if (busy.empty()) {
        return;
    }
    std::string names;
    double cores = 0.0;
    for (std::size_t i = 0; i < busy.size(); ++i) {
        cores += busy[i].cores;
        if (i < kMostNamed) {
            names += fmt::format("{}{} (pid {}, {:.0f} %)", i == 0 ? "" : ", ", busy[i].name, busy[i].pid,
                                 100.0 * busy[i].cores);
        }
    }
    const std::size_t unnamed = busy.size() - std::min(busy.size(), kMostNamed);
    if (unnamed > 0) {
        names += fmt::format(" and {} more", unnamed);
    }
    out.push_back({"busy-neighbours", cores >= kVeryBusyCores ? Severity::spoiled : Severity::warning,
                   fmt::format("Other programs use {:.2f} cores: {}.", cores, names),
                   "Close them or wait until they end. Lowering their priority does not help."});
}

void check_steal(const Patient& patient, Findings& out) {
    if (patient.after.steal == kMissing || patient.before.steal == kMissing) {
        return;
    }
    const double stolen_s = seconds(patient.after.steal - patient.before.steal);
    if (patient.watched_s > 0.0 && stolen_s > kStealNow * patient.watched_s) {
        out.push_back({"steal", Severity::warning,
                       fmt::format("The host gives {:.0f} % of one core that was wanted here to other machines.",
                                   100.0 * stolen_s / patient.watched_s),
                       "Measure at another hour, or on a host or instance type with CPUs of its own."});
        return;
    }
    const double wanted = static_cast<double>(patient.after.busy) + static_cast<double>(patient.after.steal);
    const double part = wanted > 0.0 ? static_cast<double>(patient.after.steal) / wanted : 0.0;
    if (part > kStealSinceBoot) {
        out.push_back({"steal-before", Severity::note,
                       fmt::format("Since it was started, this machine lost {:.1f} % of the CPU time it wanted to "
                                   "others on its host.",
                                   100.0 * part),
                       "Watch the trials' grades; measure on a host or instance type with CPUs of its own if they "
                       "suffer."});
    }
}

void check_memory(const Patient& patient, Findings& out) {
    const SystemMemory memory = memory_of(patient);
    if (memory.available_bytes == kMissing || memory.total_bytes == kMissing) {
        return;
    }
    const auto limit = read_cgroup_limits(patient.root).memory_bytes;
    if (limit && *limit < memory.total_bytes) {
        out.push_back({"memory-limit", Severity::note,
                       fmt::format("This container may use {:.1f} of the machine's {:.1f} GiB of memory.", gib(*limit),
                                   gib(memory.total_bytes)),
                       "Choose models that fit, or raise the limit (docker run --memory)."});
    }
    const double available = gib(memory.available_bytes);
    if (available < kLittleMemory_gib || available < kLittleMemoryPart * gib(memory.total_bytes)) {
        out.push_back({"low-memory", Severity::warning,
                       fmt::format("Only {:.1f} of {:.1f} GiB of memory are available, so a model may be read from "
                                   "disk again and again.",
                                   available, gib(memory.total_bytes)),
                       "Close other programs, or use a smaller model."});
    }
}

void check_swap(const Patient& patient, Findings& out) {
    const SystemMemory memory = memory_of(patient);
    if (memory.swap_total_bytes == kMissing || memory.swap_free_bytes == kMissing) {
        return;
    }
    const double used = gib(memory.swap_total_bytes - memory.swap_free_bytes);
    if (used >= kSwapInUse_gib) {
        out.push_back(
            {"swap-in-use", Severity::note,
             fmt::format("{:.2f} GiB of memory are swapped out; bringing them back would disturb a trial.", used),
             "sudo swapoff -a, if there is memory enough, and sudo swapon -a afterwards."});
    }
}

}  // namespace landauer::doctor
