#include "selftest/virtual_session.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace landauer {
namespace {

constexpr double kRate_hz = 5.0;
constexpr double kMostReading_s = 60e-6;     // how long after its stamp, or before, a meter is really read
constexpr std::int64_t kApart_ns = 200'000;  // a tick waits while an edge is read

struct Instant {
    enum class Kind : std::uint8_t { tick, begin, phase, end };
    std::int64_t t_ns = 0;
    Kind kind = Kind::tick;
};

void add_window(std::vector<Instant>& instants, Window window) {
    instants.push_back({window.begin_ns, Instant::Kind::begin});
    instants.push_back({window.end_ns, Instant::Kind::end});
}

// Ticks are a little late as a rule, and very late now and then.
std::int64_t late_ns(Draws& draws) {
    constexpr double kSeldom = 0.005;
    const double late_s = draws.chance(kSeldom) ? draws.uniform(0.01, 0.15) : draws.uniform(0.0, 1.0e-3);
    return std::llround(late_s * 1e9);
}

std::vector<Instant> instants_of(const SessionPlan& plan, Draws& draws) {
    std::vector<Instant> edges;
    add_window(edges, plan.before);
    for (const PlannedTrial& trial : plan.trials) {
        add_window(edges, trial.window());
        edges.push_back({trial.prefill.end_ns, Instant::Kind::phase});
    }
    add_window(edges, plan.after);
    std::vector<Instant> all = edges;
    constexpr double kPeriod_ns = 1e9 / kRate_hz;
    for (double due = draws.uniform(0.0, 0.02) * 1e9; due < static_cast<double>(plan.end_ns); due += kPeriod_ns) {
        std::int64_t t = std::llround(due) + late_ns(draws);
        for (const Instant& edge : edges) {
            t = std::abs(t - edge.t_ns) < kApart_ns ? edge.t_ns + kApart_ns : t;
        }
        all.push_back({t, Instant::Kind::tick});
    }
    std::stable_sort(all.begin(), all.end(), [](const Instant& a, const Instant& b) { return a.t_ns < b.t_ns; });
    return all;
}

// Inside a phase only what counts is read, and quickly.
bool is_read(const MeterInfo& info, Instant::Kind kind) {
    return kind != Instant::Kind::phase ||
           std::any_of(info.channels.begin(), info.channels.end(),
                       [](const Channel& channel) { return channel.kind == ChannelKind::counter; });
}

std::int64_t read_at(const Instant& instant, Draws& draws) {
    const std::int64_t skew_ns = std::llround(draws.uniform(0.0, kMostReading_s) * 1e9);
    switch (instant.kind) {
        case Instant::Kind::begin:
            return instant.t_ns - skew_ns;
        case Instant::Kind::tick:
            return instant.t_ns + skew_ns - std::llround(0.5e9 * kMostReading_s);
        default:
            return instant.t_ns + skew_ns;
    }
}

void append(Trace& trace, std::size_t first, const std::vector<std::int64_t>& values, std::int64_t t_ns) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        Series& series = trace.series[first + i];
        if (values[i] != kMissing && (series.t_ns.empty() || t_ns > series.t_ns.back())) {
            series.t_ns.push_back(t_ns);
            series.raw.push_back(values[i]);
        }
    }
}

}  // namespace

Result<Trace> record_session(const SessionPlan& plan, const MachinePower& machine, Rig& rig, Draws& draws) {
    Trace trace;
    for (const auto& meter : rig.meters()) {
        for (const Channel& channel : meter->info().channels) {
            trace.series.push_back({channel, {}, {}});
        }
    }
    std::vector<std::int64_t> values;
    for (const Instant& instant : instants_of(plan, draws)) {
        if (!rig.show(machine, std::max<std::int64_t>(0, read_at(instant, draws)))) {
            return fail(ErrorKind::Failed, "The self-test could not write its emulated meters.",
                        "Make room in the folder for temporary files, or set TMPDIR to another one.");
        }
        std::size_t first = 0;
        for (const auto& meter : rig.meters()) {
            values.assign(meter->info().channels.size(), kMissing);
            if (is_read(meter->info(), instant.kind)) {
                meter->read(values);
                append(trace, first, values, instant.t_ns);
            }
            first += values.size();
        }
    }
    return trace;
}

}  // namespace landauer
