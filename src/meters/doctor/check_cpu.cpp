// How the processor is set up: governor, turbo, cores, quota, throttling, AMX.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include "meters/doctor/checks.h"
#include "meters/table.h"
#include "platform/machine_facts.h"
#include "platform/topology.h"

namespace landauer::doctor {
namespace {

constexpr int kFewCores = 2;
constexpr int kFirstGoodGcc = 13;

// 12 of "GCC 12.2.0" or "GNU 12.2"; -1 for other compilers and words.
int gcc_major(std::string_view compiler) {
    std::string name;
    for (const char c : compiler.substr(0, 3)) {
        name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    const std::size_t digit = compiler.find_first_of("0123456789");
    if ((name != "GCC" && name != "GNU") || digit == std::string_view::npos) {
        return -1;
    }
    int major = 0;
    for (const char c : compiler.substr(digit, 3)) {
        if (c < '0' || c > '9') {
            break;
        }
        major = major * 10 + (c - '0');
    }
    return major;
}

}  // namespace

void check_governor(const Patient& patient, Findings& out) {
    const std::string governor = read_governor(patient.root);
    if (governor.empty() || governor == "performance") {
        return;
    }
    out.push_back({"governor", Severity::warning,
                   fmt::format("The CPU frequency governor is \"{}\", so the first moments of a trial run at a lower "
                               "clock.",
                               governor),
                   "sudo cpupower frequency-set -g performance"});
}

void check_turbo(const Patient& patient, Findings& out) {
    if (read_turbo(patient.root) != "on") {
        return;
    }
    out.push_back({"turbo", Severity::note, "Turbo is on, so the clock depends on heat and on how many cores are busy.",
                   "For the steadiest figures switch it off: echo 1 | sudo tee "
                   "/sys/devices/system/cpu/intel_pstate/no_turbo, or echo 0 | sudo tee "
                   "/sys/devices/system/cpu/cpufreq/boost"});
}

void check_cores(const Patient& patient, Findings& out) {
    const CpuTopology topology = read_topology(patient.root);
    if (topology.usable_cores() > kFewCores) {
        return;
    }
    const int cores = topology.usable_cores();
    out.push_back({"few-cores", Severity::note,
                   fmt::format("Only {} {} usable: with as many threads as cores, one busy neighbour can slow "
                               "decoding many times over and multiply the CPU time.",
                               cores, cores == 1 ? "core is" : "cores are"),
                   cores == 1 ? "Close everything else while measuring."
                              : "Use -t 1, or close everything else while measuring."});
}

void check_quota(const Patient& patient, Findings& out) {
    const CpuTopology topology = read_topology(patient.root);
    if (!topology.quota_cores || *topology.quota_cores >= static_cast<double>(topology.allowed.size())) {
        return;
    }
    out.push_back(
        {"cpu-quota", Severity::warning,
         fmt::format("A quota allows this container {:g} of the {} CPUs it sees; beyond it, all threads are "
                     "stopped for part of every tenth of a second.",
                     *topology.quota_cores, topology.allowed.size()),
         fmt::format("Give it whole CPUs instead (docker run --cpuset-cpus), or use -t {}.", topology.usable_cores())});
}

void check_throttling(const Patient& patient, Findings& out) {
    const auto meter = probe_throttle(patient.root);
    if (!meter) {
        return;
    }
    const auto& channels = (*meter)->info().channels;
    std::vector<std::int64_t> values(channels.size(), kMissing);
    (*meter)->read(values);
    std::int64_t since_boot = 0;
    bool now = false;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (values[i] > 0) {
            now = now || channels[i].kind == ChannelKind::gauge;
            since_boot = std::max(since_boot, channels[i].kind == ChannelKind::counter ? values[i] : 0);
        }
    }
    if (now) {
        out.push_back({"throttled-now", Severity::warning,
                       "The processor is being slowed down now, because of heat or too low a supply voltage.",
                       "Cool it, and use the power supply made for this board."});
    }
    if (since_boot > 0) {
        out.push_back(
            {"throttled-before", Severity::note,
             fmt::format("The processor throttled itself {} times since the machine was started.", since_boot),
             "Improve the cooling, or leave longer pauses between trials with --delay."});
    }
}

void check_amx(const Patient& patient, Findings& out) {
    const int major = gcc_major(patient.compiler);
    const auto flags = read_cpu_flags(patient.root);
    const bool has_amx = std::find(flags.begin(), flags.end(), "amx_tile") != flags.end();
    if (!has_amx || major < 0 || major >= kFirstGoodGcc) {
        return;
    }
    out.push_back({"amx-compiler", Severity::note,
                   fmt::format("This processor has AMX, but llama.cpp was built with {}, which makes AMX code that "
                               "crashes, so it must be left out and prefill is slower than it could be.",
                               patient.compiler),
                   "Build with clang, or with GCC 13 or newer."});
}

}  // namespace landauer::doctor
