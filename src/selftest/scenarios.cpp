#include "selftest/scenarios.h"

#include <fmt/format.h>

#include <cmath>

namespace landauer {
namespace {

using Fault = SourceFault::Kind;

const double kRaplUnit = std::ldexp(1.0, -14);
constexpr double kMicro = 1e-6;
constexpr std::int64_t kUsualRange_uj = 262'143'328'850;  // 2^32 - 1 units of 2^-14 J

std::uint64_t any_seed(Draws& draws) { return static_cast<std::uint64_t>(draws.uniform(0.0, 1e15)); }

// RAPL: a new value about every millisecond, in units of 2^-14 J.
SourceModel rapl(RailShare share, Draws& draws) {
    SourceModel model;
    model.share = share;
    model.publication = {1e-3, 0.2, 0.0, any_seed(draws)};
    model.unit = kRaplUnit;
    model.start_j = draws.uniform(0.0, 2e5);
    return model;
}

SourceModel gauge(double period_s, double averaging_s, double unit_w, Draws& draws) {
    SourceModel model;
    model.is_gauge = true;
    model.publication = {period_s, 0.02, 0.0, any_seed(draws)};
    model.averaging_s = averaging_s;
    model.unit = unit_w;
    return model;
}

// A gain that lies within the stated accuracy in 95 of 100 machines.
double true_gain(double accuracy, Draws& draws) { return 1.0 + accuracy / 1.96 * draws.normal(); }

// A stretch in the midst of the session: from the first trial's begin to the last one's end.
Window somewhere(const SessionPlan& plan, double shortest_s, double longest_s, Draws& draws) {
    const auto length = std::llround(draws.uniform(shortest_s, longest_s) * 1e9);
    const auto first = static_cast<double>(plan.trials.front().prefill.begin_ns);
    const auto last = static_cast<double>(plan.trials.back().decode.end_ns - length);
    const std::int64_t begin = std::llround(draws.uniform(first, last));
    return {begin, begin + length};
}

std::optional<Window> package_and_dram(Rig& rig, const SessionPlan& /*plan*/, Draws& draws) {
    rig.add_powercap("intel-rapl:0", "package-0", rapl({0.9, 0.0}, draws), kUsualRange_uj);
    rig.add_powercap("intel-rapl:0:0", "core", rapl({0.6, 0.0}, draws), kUsualRange_uj);
    rig.add_powercap("intel-rapl:0:1", "dram", rapl({0.1, 1.0}, draws), kUsualRange_uj);
    return std::nullopt;
}

std::optional<Window> two_sockets(Rig& rig, const SessionPlan& /*plan*/, Draws& draws) {
    rig.add_powercap("intel-rapl:0", "package-0", rapl({0.7, 0.0}, draws), kUsualRange_uj);
    rig.add_powercap("intel-rapl:1", "package-1", rapl({0.3, 5.0}, draws), kUsualRange_uj);
    return std::nullopt;
}

std::optional<Window> perf(Rig& rig, const SessionPlan& /*plan*/, Draws& draws) {
    SourceModel model = rapl({0.9, 0.0}, draws);
    model.written = std::ldexp(1.0, -32);
    rig.add_perf(2, "energy-pkg", model);
    model = rapl({0.1, 1.0}, draws);
    model.written = std::ldexp(1.0, -32);
    rig.add_perf(3, "energy-ram", model);
    return std::nullopt;
}

std::optional<Window> wraps(Rig& rig, const SessionPlan& /*plan*/, Draws& draws) {
    rig.add_powercap("intel-rapl:0", "package-0", rapl({}, draws), std::llround(draws.uniform(4e8, 9e8)));
    return std::nullopt;
}

std::optional<Window> batches(Rig& rig, const SessionPlan& /*plan*/, Draws& draws) {
    SourceModel model = rapl({}, draws);
    model.publication = {draws.uniform(0.3, 2.0), 0.1, 0.0, any_seed(draws)};
    model.unit = kMicro;
    rig.add_hwmon(0, "amd_energy", "energy1_input", model, {{"energy1_label", "Esocket0"}});
    return std::nullopt;
}

std::optional<Window> averaging_gauge(Rig& rig, const SessionPlan& /*plan*/, Draws& draws) {
    const double period_s = std::round(draws.uniform(0.25, 1.0) * 1e3) * 1e-3;
    const std::string ms = fmt::format("{:.0f}", period_s * 1e3);
    SourceModel model = gauge(period_s, period_s, 0.01, draws);
    model.gain = true_gain(0.01, draws);
    rig.add_hwmon(0, "power_meter", "power1_average", model,
                  {{"update_interval", ms}, {"power1_average_interval", ms}, {"power1_accuracy", "99.00%"}});
    return std::nullopt;
}

std::optional<Window> quick_gauge(Rig& rig, const SessionPlan& /*plan*/, Draws& draws) {
    const double period_s = std::round(draws.uniform(2.0, 36.0)) * 1e-3;
    SourceModel model = gauge(period_s, period_s, 0.0125, draws);
    model.gain = true_gain(0.012, draws);
    rig.add_hwmon(0, "ina226", "power1_input", model, {{"update_interval", fmt::format("{:.0f}", period_s * 1e3)}});
    return std::nullopt;
}

std::optional<Window> wall(Rig& rig, const SessionPlan& /*plan*/, Draws& draws) {
    SourceModel model = gauge(1.0, 1.0, 0.01, draws);
    model.publication.lag_s = draws.uniform(0.0, 0.1);
    model.share = {1.15, 6.0};
    model.gain = true_gain(0.01, draws);
    rig.add_hwmon(0, "power_meter", "power1_average", model,
                  {{"power1_average_interval", "1000"}, {"power1_accuracy", "99.00%"}});
    return std::nullopt;
}

// One package counter, and what befalls it.
std::optional<Window> faulty_counter(Rig& rig, Fault kind, Window when, Draws& draws) {
    SourceModel model = rapl({}, draws);
    model.start_j += 1e3;
    model.fault = {kind, when};
    rig.add_powercap("intel-rapl:0", "package-0", model, kUsualRange_uj);
    return when;
}

std::optional<Window> reset(Rig& rig, const SessionPlan& plan, Draws& draws) {
    Window when = somewhere(plan, 0.01, 0.02, draws);
    SourceModel model = rapl({}, draws);
    model.unit = kMicro;
    model.start_j = 1e4;
    model.fault = {Fault::reset, when};
    rig.add_hwmon(0, "amd_energy", "energy1_input", model, {{"energy1_label", "Esocket0"}});
    return when;
}

std::optional<Window> stuck(Rig& rig, const SessionPlan& plan, Draws& draws) {
    return faulty_counter(rig, Fault::stuck, somewhere(plan, 0.5, 4.0, draws), draws);
}

std::optional<Window> held(Rig& rig, const SessionPlan& plan, Draws& draws) {
    return faulty_counter(rig, Fault::held, somewhere(plan, 0.5, 4.0, draws), draws);
}

std::optional<Window> drop_out(Rig& rig, const SessionPlan& plan, Draws& draws) {
    return faulty_counter(rig, Fault::unreadable, somewhere(plan, 1.0, 6.0, draws), draws);
}

std::optional<Window> denied(Rig& rig, const SessionPlan& plan, Draws& draws) {
    Window when = somewhere(plan, 0.1, 0.2, draws);
    when.end_ns = plan.end_ns + 1000 * kMillisecond;
    return faulty_counter(rig, Fault::gone, when, draws);
}

std::optional<Window> faulty_gauge(Rig& rig, Fault kind, Window when, Draws& draws) {
    SourceModel model = gauge(2e-2, 2e-2, 0.0125, draws);
    model.gain = true_gain(0.012, draws);
    model.fault = {kind, when};
    rig.add_hwmon(0, "ina226", "power1_input", model, {{"update_interval", "20"}});
    return when;
}

std::optional<Window> gauge_drop_out(Rig& rig, const SessionPlan& plan, Draws& draws) {
    return faulty_gauge(rig, Fault::unreadable, somewhere(plan, 1.0, 4.0, draws), draws);
}

std::optional<Window> unplugged(Rig& rig, const SessionPlan& plan, Draws& draws) {
    Window when = somewhere(plan, 0.1, 0.2, draws);
    when.end_ns = plan.end_ns + 1000 * kMillisecond;
    return faulty_gauge(rig, Fault::gone, when, draws);
}

std::optional<Window> stuck_for_good(Rig& rig, const SessionPlan& plan, Draws& draws) {
    Window when = somewhere(plan, 0.1, 0.2, draws);
    when.end_ns = plan.end_ns + 1000 * kMillisecond;
    return faulty_counter(rig, Fault::stuck, when, draws);
}

std::optional<Window> frozen(Rig& rig, const SessionPlan& plan, Draws& draws) {
    Window when = somewhere(plan, 0.1, 0.2, draws);
    when.end_ns = plan.end_ns + 1000 * kMillisecond;
    return faulty_gauge(rig, Fault::stuck, when, draws);
}

std::optional<Window> nonsense(Rig& rig, const SessionPlan& plan, Draws& draws) {
    return faulty_gauge(rig, Fault::nonsense, {plan.before.begin_ns, plan.end_ns}, draws);
}

std::optional<Window> mirrored_dies(Rig& rig, const SessionPlan& plan, Draws& draws) {
    const SourceModel model = rapl({}, draws);
    rig.add_powercap("intel-rapl:0", "package-0-die-0", model, kUsualRange_uj);
    rig.add_powercap("intel-rapl:1", "package-0-die-1", model, kUsualRange_uj);
    return Window{plan.before.begin_ns, plan.end_ns};
}

// A board's meter that tells a thousandth or the thousandfold, beside package counters that tell the truth.
std::optional<Window> wrong_unit(Rig& rig, const SessionPlan& plan, Draws& draws) {
    SourceModel model = gauge(2e-2, 2e-2, 1e-6, draws);
    model.share = {1.0, 3.0};
    model.gain = draws.chance(0.5) ? 1e3 : 1e-3;
    rig.add_hwmon(0, "ina226", "power1_input", model, {{"power1_label", "total"}, {"update_interval", "20"}});
    rig.add_powercap("intel-rapl:0", "package-0", rapl({0.8, 0.0}, draws), kUsualRange_uj);
    return Window{plan.before.begin_ns, plan.end_ns};
}

}  // namespace

std::span<const Scenario> scenario_table() {
    static const std::vector<Scenario> kTable = {
        {"rapl", "package and dram counters of powercap, 2^-14 J, 1 ms", package_and_dram, {"powercap"}},
        {"two-sockets", "two packages, read one after the other", two_sockets, {"powercap"}},
        {"perf-rapl", "the same counters through perf events", perf, {"perf-rapl"}},
        {"wraps", "a counter that wraps every 10 to 60 s", wraps, {"powercap"}},
        {"batches", "a counter that publishes every 0.3 to 2 s", batches, {"hwmon"}},
        {"averaging", "a gauge that averages over 0.25 to 1 s", averaging_gauge, {"hwmon"}},
        {"quick-gauge", "a gauge of 2 to 36 ms, read at 5 Hz", quick_gauge, {"hwmon"}},
        {"wall-1hz", "a wall meter of 1 Hz that lags up to 0.1 s", wall, {"hwmon"}},
        {"reset", "a counter starts again from 0", reset, {"hwmon"}, true},
        {"stuck", "a counter stands still and loses joules", stuck, {"powercap"}, true},
        {"stuck-for-good", "a counter stands still to the end", stuck_for_good, {"powercap"}, true},
        {"frozen", "a gauge shows one value to the end", frozen, {"hwmon"}, true},
        {"held", "a counter stands still and catches up", held, {"powercap"}, true},
        {"drop-out", "a counter cannot be read for 1 to 6 s", drop_out, {"powercap"}, true},
        {"denied", "a counter's file is denied in mid-run", denied, {"powercap"}, true},
        {"gauge-drop-out", "a gauge cannot be read for 1 to 4 s", gauge_drop_out, {"hwmon"}, true},
        {"unplugged", "a meter is unplugged in mid-run", unplugged, {"hwmon"}, true},
        {"nonsense", "negative, enormous and unreadable values", nonsense, {"hwmon"}, true},
        {"mirrored-dies", "two dies show the counter of their socket", mirrored_dies, {"powercap"}, true},
        {"wrong-unit", "a board meter off by a thousand", wrong_unit, {"hwmon", "powercap"}, true},
    };
    return kTable;
}

}  // namespace landauer
