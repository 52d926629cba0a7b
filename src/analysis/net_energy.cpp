#include "analysis/net_energy.h"

#include <algorithm>
#include <cmath>

#include "analysis/series_view.h"
#include "analysis/stats.h"

namespace landauer {
namespace {

constexpr double kZ95 = 1.959963984540054;
constexpr double kMostGap = 0.5;  // of a window

double seconds_of(Window window) { return static_cast<double>(window.end_ns - window.begin_ns) * 1e-9; }

void add(WindowEnergy& sum, const WindowEnergy& rail) {
    sum.energy_j += rail.energy_j;
    sum.u_edges_j = std::hypot(sum.u_edges_j, rail.u_edges_j);
    sum.u_quantum_j = std::hypot(sum.u_quantum_j, rail.u_quantum_j);
    sum.u_gaps_j += rail.u_gaps_j;  // rails of one meter lose the same readings
    sum.u_sampling_j = std::hypot(sum.u_sampling_j, rail.u_sampling_j);
    sum.gap_s = std::max(sum.gap_s, rail.gap_s);
}

double own_half(const WindowEnergy& window) {
    return kZ95 * std::sqrt(window.u_edges_j * window.u_edges_j + window.u_quantum_j * window.u_quantum_j +
                            window.u_gaps_j * window.u_gaps_j + window.u_sampling_j * window.u_sampling_j);
}

}  // namespace

double ErrorParts::half_width() const { return std::sqrt(shared * shared + gain * gain + own * own); }

ErrorParts scaled(const ErrorParts& errors, double factor) {
    return {errors.shared * factor, errors.gain * factor, errors.own * factor};
}

ErrorParts added(const ErrorParts& a, const ErrorParts& b) {
    return {a.shared + b.shared, a.gain + b.gain, std::hypot(a.own, b.own)};
}

EnergyModel::EnergyModel(const Trace& trace, std::vector<std::size_t> rails, std::span<const Window> idle)
    : idle_(IdlePower::fit(trace, rails, idle)) {
    for (const std::size_t i : rails) {
        rails_.push_back(energy_steps(view(trace.series[i])));
        accuracy_ = std::max(accuracy_, trace.series[i].channel.rail.accuracy);
    }
}

std::optional<NetEnergy> EnergyModel::over(Window window) const {
    NetEnergy out;
    for (const EnergySteps& rail : rails_) {
        const auto part = energy_over(rail, window);
        if (!part) {
            return std::nullopt;
        }
        add(out.window, *part);
    }
    const double seconds = seconds_of(window);
    if (rails_.empty() || out.window.gap_s > kMostGap * seconds) {
        return std::nullopt;
    }
    out.gross_j = out.window.energy_j;
    out.gross_error = {0.0, accuracy_ * std::abs(out.gross_j), own_half(out.window)};
    if (idle_) {
        const IdlePower::Level level = idle_->over(window);
        out.net_j = out.gross_j - level.mean_w * seconds;
        out.u_idle_j = level.u_mean_w * seconds;
        out.u_drift_j = level.u_drift_w * seconds;
        out.u_gain_j = accuracy_ * std::abs(*out.net_j) / kZ95;
        out.net_error = {std::hypot(student_t95(level.dof) * out.u_idle_j, kZ95 * out.u_drift_j),
                         accuracy_ * std::abs(*out.net_j), own_half(out.window)};
    }
    return out;
}

}  // namespace landauer
