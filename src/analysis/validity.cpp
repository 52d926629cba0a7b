#include <fmt/format.h>

#include <algorithm>

#include "analysis/figures.h"

namespace landauer {
namespace {

std::optional<double> get(const std::map<std::string, double>& figures, const char* metric) {
    const auto found = figures.find(metric);
    return found == figures.end() ? std::nullopt : std::optional(found->second);
}

Grade worse(Grade a, Grade b) { return std::max(a, b); }

// What one kind of disturbance took, against the trial's length.
struct Share {
    double taken_s = 0.0;
    double part = 0.0;
};

std::optional<Share> share(const std::map<std::string, double>& figures, const char* metric, double floor_s) {
    const auto taken = get(figures, metric);
    const auto seconds = get(figures, "seconds");
    if (!taken || !seconds || *seconds <= 0 || !(*taken > floor_s)) {
        return std::nullopt;
    }
    return Share{*taken, *taken / *seconds};
}

Grade grade_share(double part, double limit_b, double limit_c) {
    if (part > limit_c) {
        return Grade::C;
    }
    return part > limit_b ? Grade::B : Grade::A;
}

Severity severity(Grade grade) { return grade == Grade::C ? Severity::spoiled : Severity::warning; }

void grade_others(const std::map<std::string, double>& figures, const ValidityLimits& limits, Validity& out) {
    if (!get(figures, "others_cpu_s")) {
        out.grade = worse(out.grade, Grade::B);
        out.caveats.push_back(
            {"contention-unknown", Severity::note,
             "Other programs' CPU time could not be read, so a disturbed trial cannot be told from a quiet one.",
             "Run `landauer meters` to see why the machine's CPU counters are missing."});
        return;
    }
    const auto others = share(figures, "others_cpu_s", limits.floor_s);
    const Grade grade = others ? grade_share(others->part, limits.others_b, limits.others_c) : Grade::A;
    if (grade != Grade::A) {
        out.grade = worse(out.grade, grade);
        out.caveats.push_back(
            {"contended", severity(grade),
             fmt::format("Other programs used {:.2f} s of CPU time during the trial, {:.0f} % of one core.",
                         others->taken_s, 100.0 * others->part),
             "Close other programs, or leave a core free with -t below the core count."});
    }
}

void grade_steal(const std::map<std::string, double>& figures, const ValidityLimits& limits, Validity& out) {
    const auto steal = share(figures, "steal_s", limits.floor_s);
    const Grade grade = steal ? grade_share(steal->part, limits.steal_b, limits.steal_c) : Grade::A;
    if (grade != Grade::A) {
        out.grade = worse(out.grade, grade);
        out.caveats.push_back(
            {"steal", severity(grade),
             fmt::format(
                 "The hypervisor gave {:.2f} s of this trial's CPU time to other machines, {:.0f} % of one core.",
                 steal->taken_s, 100.0 * steal->part),
             "Measure on a dedicated or less loaded host."});
    }
}

void grade_events(const std::map<std::string, double>& figures, const ValidityLimits& limits, Validity& out) {
    const double throttled = get(figures, "throttle_events").value_or(0.0);
    if (throttled > 0) {
        out.grade = worse(out.grade, Grade::B);
        out.caveats.push_back(
            {"throttled", Severity::warning,
             fmt::format("The processor throttled itself {:.0f} times during the trial because of heat or power.",
                         throttled),
             "Improve cooling, or leave longer pauses between trials with --delay."});
    }
    const double faults = get(figures, "major_faults").value_or(0.0);
    if (faults > limits.faults_b) {
        out.grade = worse(out.grade, Grade::B);
        out.caveats.push_back({"disk-reads", Severity::warning,
                               fmt::format("{:.0f} memory pages were read from disk during the trial.", faults),
                               "Free memory for the model, or run once more so that its file is in the page cache."});
    }
}

}  // namespace

Validity grade_trial(const std::map<std::string, double>& figures, const ValidityLimits& limits) {
    Validity out;
    grade_others(figures, limits, out);
    grade_steal(figures, limits, out);
    grade_events(figures, limits, out);
    return out;
}

}  // namespace landauer
