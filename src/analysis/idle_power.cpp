#include "analysis/idle_power.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "analysis/energy_steps.h"
#include "analysis/stats.h"

namespace landauer {
namespace {

// Power that relaxes exponentially from one baseline to the other strays from the straight line: half-way
// by this part of the difference, the root mean square over time constants from a fifth of the time
// between the baselines to five times that.
constexpr double kStray = 0.2;
// With a baseline on one side alone nobody has seen the drift: idle power is taken to wander by this part
// in a minute, and with the square root of the time.
constexpr double kUnseenDrift = 0.02;
constexpr double kLeastRho = -0.5;
constexpr double kMostRho = 0.97;

std::vector<EnergyStep> inside(const EnergySteps& all, Window window) {
    std::vector<EnergyStep> out;
    std::copy_if(all.steps.begin(), all.steps.end(), std::back_inserter(out), [&](const EnergyStep& step) {
        return step.begin_ns >= window.begin_ns && step.end_ns <= window.end_ns;
    });
    return out;
}

// Energies of rails read at the same instants, added step by step. Gaps of any rail are gaps of all.
std::vector<EnergyStep> summed_steps(const std::vector<EnergySteps>& rails, Window window) {
    std::vector<EnergyStep> sum;
    for (std::size_t r = 0; r < rails.size(); ++r) {
        const std::vector<EnergyStep> rail = inside(rails[r], window);
        if (r == 0) {
            sum = rail;
            continue;
        }
        std::vector<EnergyStep> both;
        both.reserve(sum.size());
        std::size_t j = 0;
        for (const EnergyStep& step : sum) {
            while (j < rail.size() && rail[j].begin_ns < step.begin_ns) {
                ++j;
            }
            if (j < rail.size() && rail[j].begin_ns == step.begin_ns && rail[j].end_ns == step.end_ns) {
                both.push_back(
                    {step.begin_ns, step.end_ns, step.energy_j + rail[j].energy_j, step.is_gap || rail[j].is_gap});
            }
        }
        sum = std::move(both);
    }
    std::erase_if(sum, [](const EnergyStep& step) { return step.is_gap || step.end_ns <= step.begin_ns; });
    return sum;
}

// Steps much shorter than the usual one (readings at the edges of a window) are joined to their
// neighbour, so that each value weighs about the same.
std::vector<double> even_powers(const std::vector<EnergyStep>& steps) {
    std::vector<double> lengths;
    lengths.reserve(steps.size());
    for (const EnergyStep& step : steps) {
        lengths.push_back(step.seconds());
    }
    const double least_s = 0.5 * median(lengths);
    std::vector<double> out;
    double joules = 0.0;
    double seconds = 0.0;
    for (const EnergyStep& step : steps) {
        joules += step.energy_j;
        seconds += step.seconds();
        if (seconds >= least_s) {
            out.push_back(joules / seconds);
            joules = 0.0;
            seconds = 0.0;
        }
    }
    return out;
}

double mean_power(const std::vector<EnergyStep>& steps) {
    double joules = 0.0;
    double seconds = 0.0;
    for (const EnergyStep& step : steps) {
        joules += step.energy_j;
        seconds += step.seconds();
    }
    return joules / seconds;
}

// How many independent values a value of an autocorrelated series is worth, from its correlation with
// the one before. Energy steps are means of a process that goes on between them: of one with the
// correlation exp(-t / tau) two neighbouring means over x tau correlate as (1 - e^-x)^2 / (2 (x - 1 + e^-x)),
// more than exp(-x), so that taking their correlation for the process's own would doubt too much.
double worth_of(double rho) {
    if (rho <= 0.0) {
        return (1.0 - rho) / (1.0 + rho);
    }
    const auto neighbours = [](double x) {
        const double decay = std::exp(-x);
        return (1.0 - decay) * (1.0 - decay) / (2.0 * (x - 1.0 + decay));
    };
    double low = 1e-3;
    double high = 1e3;
    constexpr int kHalvings = 60;
    for (int i = 0; i < kHalvings; ++i) {
        const double x = std::sqrt(low * high);
        (neighbours(x) > rho ? low : high) = x;
    }
    return 1.0 / (1.0 + 2.0 * rho / (1.0 - std::exp(-low)));
}

std::int64_t middle(Window window) { return window.begin_ns + (window.end_ns - window.begin_ns) / 2; }

}  // namespace

std::vector<LevelEstimate> autoregressive_levels(std::span<const std::vector<double>> stretches) {
    std::vector<LevelEstimate> out;
    double squares = 0.0;
    double products = 0.0;
    std::size_t n_all = 0;
    for (const std::vector<double>& stretch : stretches) {
        const double centre = mean(stretch);
        out.push_back({centre, 0.0, 1.0});
        n_all += stretch.size();
        for (std::size_t i = 0; i < stretch.size(); ++i) {
            squares += (stretch[i] - centre) * (stretch[i] - centre);
            products += i == 0 ? 0.0 : (stretch[i] - centre) * (stretch[i - 1] - centre);
        }
    }
    const auto n = static_cast<double>(n_all);
    const auto k = static_cast<double>(stretches.size());
    if (n - 3.0 * k <= 0.0 || !(squares > 0.0)) {
        return out;
    }
    const double rho = std::clamp((n * products / squares + k) / (n - 3.0 * k), kLeastRho, kMostRho);
    const double variance = squares / (n - k);
    const double worth = worth_of(rho);
    for (std::size_t s = 0; s < stretches.size(); ++s) {
        const double effective = std::max(2.0, worth * static_cast<double>(stretches[s].size()));
        out[s].variance = variance / effective;
        out[s].dof = std::max(1.0, worth * n);
    }
    return out;
}

std::optional<IdlePower> IdlePower::fit(const Trace& trace, std::span<const std::size_t> rails,
                                        std::span<const Window> stretches) {
    IdlePower out;
    std::vector<EnergySteps> all;
    all.reserve(rails.size());
    for (const std::size_t rail : rails) {
        all.push_back(energy_steps(view(trace.series[rail])));
    }
    std::vector<std::vector<double>> powers;
    for (const Window& window : stretches) {
        const std::vector<EnergyStep> steps = summed_steps(all, window);
        if (!steps.empty()) {
            out.stretches_.push_back({window, {mean_power(steps), 0.0, 1.0}});
            powers.push_back(even_powers(steps));
        }
    }
    if (out.stretches_.empty()) {
        return std::nullopt;
    }
    const std::vector<LevelEstimate> levels = autoregressive_levels(powers);
    for (std::size_t s = 0; s < levels.size(); ++s) {
        out.stretches_[s].level.variance = levels[s].variance;
        out.stretches_[s].level.dof = levels[s].dof;
    }
    std::sort(out.stretches_.begin(), out.stretches_.end(),
              [](const Stretch& a, const Stretch& b) { return a.window.begin_ns < b.window.begin_ns; });
    return out;
}

IdlePower::Level IdlePower::over(Window window) const {
    const std::int64_t at_ns = middle(window);
    const auto after = std::find_if(stretches_.begin(), stretches_.end(),
                                    [&](const Stretch& stretch) { return middle(stretch.window) >= at_ns; });
    if (after == stretches_.begin() || after == stretches_.end()) {
        const LevelEstimate& nearest = (after == stretches_.end() ? stretches_.back() : stretches_.front()).level;
        const Stretch& beside = after == stretches_.end() ? stretches_.back() : stretches_.front();
        const double away_s = std::abs(static_cast<double>(at_ns - middle(beside.window))) * 1e-9;
        const double u_w = std::sqrt(nearest.variance);
        return {nearest.mean, u_w, u_w, 0.0, nearest.dof, kUnseenDrift * nearest.mean * std::sqrt(away_s / 60.0)};
    }
    return between(*(after - 1), *after, at_ns);
}

IdlePower::Level IdlePower::between(const Stretch& before, const Stretch& after, std::int64_t at_ns) const {
    const double part = static_cast<double>(at_ns - middle(before.window)) /
                        static_cast<double>(middle(after.window) - middle(before.window));
    const double difference = after.level.mean - before.level.mean;
    const double known = difference * difference - before.level.variance - after.level.variance;
    Level out;
    out.mean_w = before.level.mean + part * difference;
    // Errors a of the one mean and b of the other make (1 - p) a + p b = level + (p - p0) (b - a), and
    // these two are not correlated where p0 = va / (va + vb).
    const double both = before.level.variance + after.level.variance;
    if (both > 0.0) {
        out.u_common_w = std::sqrt(before.level.variance * after.level.variance / both);
        out.tilt_w = (part - before.level.variance / both) * std::sqrt(both);
        out.u_mean_w = std::hypot(out.u_common_w, out.tilt_w);
    }
    // One autocorrelation serves all stretches, so their uncertainties are not independent.
    out.dof = std::max(before.level.dof, after.level.dof);
    out.u_drift_w = kStray * 4.0 * part * (1.0 - part) * std::sqrt(std::max(0.0, known));
    return out;
}

}  // namespace landauer
