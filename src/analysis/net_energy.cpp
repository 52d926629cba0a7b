#include "analysis/net_energy.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "analysis/series_view.h"
#include "analysis/stats.h"

namespace landauer {
namespace {

constexpr double kZ95 = 1.959963984540054;
constexpr double kLeastUnrest = 0.02;      // no machine's idle power is steadier from second to second
constexpr double kMostGap = 0.5;           // of a window
constexpr double kLeastTelling_s = 0.005;  // shorter steps show the counter's delay and not the power

double seconds_of(Window window) { return static_cast<double>(window.end_ns - window.begin_ns) * 1e-9; }

void add(WindowEnergy& sum, const WindowEnergy& rail) {
    sum.energy_j += rail.energy_j;
    sum.u_edges_j = std::hypot(sum.u_edges_j, rail.u_edges_j);
    sum.u_quantum_j = std::hypot(sum.u_quantum_j, rail.u_quantum_j);
    sum.u_gaps_j += rail.u_gaps_j;  // rails of one meter lose the same readings
    sum.u_sampling_j = std::hypot(sum.u_sampling_j, rail.u_sampling_j);
    sum.gap_s = std::max(sum.gap_s, rail.gap_s);
    sum.linked.insert(sum.linked.end(), rail.linked.begin(), rail.linked.end());
}

// A window's own error, and what it shares with its neighbours. Small ones are not worth telling apart.
ErrorParts apart(const WindowEnergy& window) {
    constexpr double kWorthTelling = 0.05;  // of the linked doubts together
    const double least_j = kWorthTelling * window.u_linked_j();
    ErrorParts out;
    double square = window.u_edges_j * window.u_edges_j + window.u_quantum_j * window.u_quantum_j +
                    window.u_gaps_j * window.u_gaps_j + window.u_sampling_j * window.u_sampling_j;
    for (const CausedDoubt& doubt : window.linked) {
        if (std::abs(doubt.signed_j) < least_j) {
            square += doubt.signed_j * doubt.signed_j;
        } else {
            out.linked.push_back({doubt.cause, kZ95 * doubt.signed_j});
        }
    }
    out.own = kZ95 * std::sqrt(square);
    return out;
}

std::vector<Window> in_order(std::span<const Window> windows) {
    std::vector<Window> out(windows.begin(), windows.end());
    std::sort(out.begin(), out.end(), [](const Window& a, const Window& b) { return a.begin_ns < b.begin_ns; });
    return out;
}

// Powers of the steps that lie wholly in one of the windows, which are in order of time.
std::vector<double> powers_within(const EnergySteps& rail, std::span<const Window> windows) {
    std::vector<double> powers;
    auto at = windows.begin();
    for (const EnergyStep& step : rail.steps) {
        while (at != windows.end() && at->end_ns < step.end_ns) {
            ++at;
        }
        if (at != windows.end() && step.begin_ns >= at->begin_ns && !step.is_gap && step.seconds() > kLeastTelling_s) {
            powers.push_back(step.watts());
        }
    }
    return powers;
}

}  // namespace

EnergyModel::EnergyModel(const Trace& trace, std::vector<std::size_t> rails, std::span<const Window> idle,
                         std::span<const Window> busy)
    : busy_(join_windows(in_order(busy), -1)), idle_(IdlePower::fit(trace, rails, idle)) {
    rails_.reserve(rails.size());
    for (const std::size_t i : rails) {
        RailSteps rail;
        rail.steps = energy_steps(view(trace.series[i]), busy_);
        if (const auto powers = powers_within(rail.steps, in_order(idle)); !powers.empty()) {
            rail.idle_w = mean(powers);
            rail.idle_sd_w = std::max(sample_sd(powers), kLeastUnrest * *rail.idle_w);
        }
        if (const auto powers = powers_within(rail.steps, busy_); !powers.empty()) {
            rail.busy_w = mean(powers);
        }
        rails_.push_back(std::move(rail));
        accuracy_ = std::max(accuracy_, trace.series[i].channel.rail.accuracy);
        clock_error_s_ = std::max(clock_error_s_, trace.series[i].channel.rail.clock_error_s);
    }
}

std::optional<NetEnergy> EnergyModel::over(Window window) const {
    NetEnergy out;
    for (std::size_t i = 0; i < rails_.size(); ++i) {
        const RailSteps& rail = rails_[i];
        auto part = energy_over(rail.steps, window, {busy_, rail.idle_w, rail.busy_w, rail.idle_sd_w});
        if (!part) {
            return std::nullopt;
        }
        for (CausedDoubt& doubt : part->linked) {
            doubt.cause.rail = static_cast<std::uint32_t>(i);
        }
        add(out.window, *part);
    }
    const double seconds = seconds_of(window);
    if (rails_.empty() || out.window.gap_s > kMostGap * seconds) {
        return std::nullopt;
    }
    out.gross_j = out.window.energy_j;
    out.gross_error = apart(out.window);
    out.gross_error.gain = accuracy_ * std::abs(out.gross_j);
    if (idle_) {
        const IdlePower::Level level = idle_->over(window);
        out.net_j = out.gross_j - level.mean_w * seconds;
        out.u_idle_j = level.u_mean_w * seconds;
        out.u_drift_j = level.u_drift_w * seconds;
        out.u_gain_j = accuracy_ * std::abs(*out.net_j) / kZ95;
        const double t95 = student_t95(level.dof);
        // A recording that lies wrong by a moment loses that moment's power above idle at one edge.
        const double shifted = seconds > 0.0 ? clock_error_s_ * std::abs(*out.net_j) / seconds : 0.0;
        out.gross_error.own = std::hypot(out.gross_error.own, shifted);
        out.net_error = out.gross_error;
        out.net_error.shared = std::hypot(t95 * level.u_common_w * seconds, kZ95 * out.u_drift_j);
        out.net_error.gain = accuracy_ * std::abs(*out.net_j);
        out.net_error.tilt = t95 * level.tilt_w * seconds;
    }
    return out;
}

}  // namespace landauer
