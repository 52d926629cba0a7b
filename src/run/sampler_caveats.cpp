#include "run/sampler_caveats.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace landauer {
namespace {

constexpr double kMissedPart = 0.01;     // of all deadlines
constexpr double kGapPeriods = 5.0;      // a gap of so many periods is a stall
constexpr double kSmallestGap_s = 1.0;   // but one of less than this hides little
constexpr double kSmallestStep_s = 0.1;  // time servers slew smaller differences
constexpr double kSmallestSuspend_s = 0.1;
constexpr double kOwnCpuPart = 0.01;  // of one core: ten times what the sampler should need

void add(std::vector<Caveat>& out, const char* code, Severity severity, std::string sentence, const char* remedy) {
    out.push_back({code, severity, std::move(sentence), remedy});
}

void deadline_caveats(const SamplerStats& stats, double period_s, std::vector<Caveat>& out) {
    const auto deadlines = static_cast<double>(stats.ticks + stats.missed_deadlines);
    if (deadlines > 0 && static_cast<double>(stats.missed_deadlines) > kMissedPart * deadlines) {
        add(out, "missed-deadlines", Severity::warning,
            fmt::format("The sampler missed {} of {:.0f} deadlines, so sampled curves are coarser than asked; counters "
                        "are not affected.",
                        stats.missed_deadlines, deadlines),
            "Leave a core free with -t below the core count, or sample more slowly.");
    }
    if (stats.largest_gap_s > std::max(kSmallestGap_s, kGapPeriods * period_s)) {
        add(out, "sampling-gap", Severity::warning,
            fmt::format("Nothing was sampled for {:.1f} s; peaks and sampled areas in that gap are not known.",
                        stats.largest_gap_s),
            "Close other programs, and keep the machine from sleeping.");
    }
    if (stats.dropped_ticks > 0) {
        add(out, "dropped-ticks", Severity::warning,
            fmt::format("{} samples were lost because nobody collected them in time.", stats.dropped_ticks),
            "Report this with the length of the longest trial: the ring is too short for it.");
    }
}

void clock_caveats(const SamplerStats& stats, std::vector<Caveat>& out) {
    if (std::abs(stats.clock_step_s) >= kSmallestStep_s) {
        add(out, "clock-step", Severity::note,
            fmt::format("The system's clock was set {} by {:.1f} s during the session; durations are not affected, "
                        "dates may be.",
                        stats.clock_step_s > 0 ? "forward" : "back", std::abs(stats.clock_step_s)),
            "Let the time service settle before a long run.");
    }
    if (stats.suspended_s >= kSmallestSuspend_s) {
        add(out, "suspended", Severity::spoiled,
            fmt::format("The machine slept for {:.1f} s during the session.", stats.suspended_s),
            "Keep it awake, for example with systemd-inhibit landauer bench ..., and run the session again.");
    }
}

}  // namespace

std::vector<Caveat> sampler_caveats(const SamplerStats& stats, const SamplerOptions& options) {
    std::vector<Caveat> out;
    deadline_caveats(stats, 1.0 / options.rate_hz, out);
    clock_caveats(stats, out);
    if (stats.read_errors > 0) {
        add(out, "unread-channels", Severity::note,
            fmt::format("{} single readings failed and are missing from the curves.", stats.read_errors),
            "See landauer meters for what can be read here.");
    }
    if (stats.wall_s > 1.0 && stats.cpu_s > kOwnCpuPart * stats.wall_s) {
        add(out, "sampler-cost", Severity::warning,
            fmt::format("Sampling itself took {:.1f} % of one core.", 100.0 * stats.cpu_s / stats.wall_s),
            "Sample more slowly.");
    }
    return out;
}

}  // namespace landauer
