#include "selftest/machine_power.h"

#include <algorithm>
#include <cmath>

namespace landauer {
namespace {

constexpr double kStep_s = 1e-3;
constexpr std::int64_t kBaseline = 10'000 * kMillisecond;

std::int64_t milliseconds(double seconds) { return std::llround(seconds * 1e3) * kMillisecond; }
std::size_t cell(std::int64_t t_ns) { return static_cast<std::size_t>(t_ns / kMillisecond); }

// Ornstein-Uhlenbeck noise, one value a millisecond.
class Noise {
   public:
    Noise(double sd, double time_s, Draws& draws)
        : keep_(std::exp(-kStep_s / time_s)), kick_(sd * std::sqrt(1.0 - keep_ * keep_)), value_(sd * draws.normal()) {}
    double next(Draws& draws) {
        value_ = keep_ * value_ + kick_ * draws.normal();
        return value_;
    }

   private:
    double keep_;
    double kick_;
    double value_;
};

std::vector<double> summed(const std::vector<double>& watts) {
    std::vector<double> sums(watts.size() + 1, 0.0);
    for (std::size_t i = 0; i < watts.size(); ++i) {
        sums[i + 1] = sums[i] + watts[i] * kStep_s;
    }
    return sums;
}

}  // namespace

SessionPlan make_plan(Draws& draws) {
    constexpr int kFewest = 5;
    constexpr int kMost = 8;
    SessionPlan plan;
    std::int64_t t = milliseconds(draws.uniform(0.3, 0.7));
    plan.before = {t, t + kBaseline};
    t = plan.before.end_ns + milliseconds(draws.uniform(0.2, 1.0));
    const int n = kFewest + static_cast<int>(draws.uniform(0.0, kMost - kFewest + 1.0));
    for (int i = 0; i < n; ++i) {
        PlannedTrial trial;
        trial.prefill = {t, t + milliseconds(draws.uniform(0.3, 2.0))};
        trial.decode = {trial.prefill.end_ns, trial.prefill.end_ns + milliseconds(draws.uniform(1.5, 7.0))};
        plan.trials.push_back(trial);
        t = trial.decode.end_ns + milliseconds(draws.uniform(0.2, 1.5));
    }
    plan.after = {t, t + kBaseline};
    plan.end_ns = plan.after.end_ns + milliseconds(draws.uniform(0.3, 0.7));
    return plan;
}

MachinePower::MachinePower(const SessionPlan& plan, Draws& draws) {
    const std::size_t n = cell(plan.end_ns) + 10;  // readings take a moment
    power_w_.resize(n);
    idle_w_.resize(n);
    base_w_ = draws.uniform(4.0, 25.0);
    add_idle(draws);
    add_housekeeping(draws);
    add_loads(plan, draws);
    energy_j_ = summed(power_w_);
    idle_j_ = summed(idle_w_);
}

void MachinePower::add_idle(Draws& draws) {
    const double drift_w = base_w_ * 0.03 * draws.normal();
    const double relaxation_s = draws.uniform(15.0, 200.0);
    Noise noise(base_w_ * draws.uniform(0.01, 0.05), draws.log_uniform(0.05, 1.0), draws);
    const double keep = std::exp(-kStep_s / relaxation_s);
    double left = 1.0;
    for (std::size_t i = 0; i < power_w_.size(); ++i) {
        idle_w_[i] = base_w_ + drift_w * (1.0 - left);
        left *= keep;
        power_w_[i] = std::max(0.2 * base_w_, idle_w_[i] + noise.next(draws));
    }
}

// The expectation of a task that comes round again and again belongs to the idle level.
void MachinePower::add_housekeeping(Draws& draws) {
    if (!draws.chance(0.3)) {
        return;
    }
    const double period_s = draws.uniform(1.0, 6.0);
    const double length_s = draws.uniform(0.02, 0.08);
    const double watts = base_w_ * draws.uniform(0.1, 0.4);
    for (double& idle : idle_w_) {
        idle += watts * length_s / period_s;
    }
    for (double t_s = draws.uniform(0.0, period_s); t_s < static_cast<double>(power_w_.size()) * kStep_s;
         t_s += period_s * draws.uniform(0.9, 1.1)) {
        const auto from = static_cast<std::size_t>(t_s / kStep_s);
        const auto to = std::min(power_w_.size(), static_cast<std::size_t>((t_s + length_s) / kStep_s));
        for (std::size_t i = from; i < to; ++i) {
            power_w_[i] += watts;
        }
    }
}

void MachinePower::add_loads(const SessionPlan& plan, Draws& draws) {
    const double decode_w = draws.uniform(10.0, 60.0);
    const double prefill_w = decode_w * draws.uniform(1.0, 1.6);
    const bool throttles = draws.chance(0.3);
    const double throttled = draws.uniform(0.6, 0.9);
    const std::int64_t patience_ns = milliseconds(draws.uniform(2.0, 4.0));
    for (const PlannedTrial& trial : plan.trials) {
        const double own = draws.uniform(0.95, 1.05);
        add_load(trial.prefill, prefill_w * own, draws);
        const std::int64_t hot_ns = trial.decode.begin_ns + patience_ns;
        if (throttles && hot_ns < trial.decode.end_ns) {
            add_load({trial.decode.begin_ns, hot_ns}, decode_w * own, draws);
            add_load({hot_ns, trial.decode.end_ns}, decode_w * own * throttled, draws);
        } else {
            add_load(trial.decode, decode_w * own, draws);
        }
        const std::int64_t end_ns = trial.decode.end_ns;
        add_load({end_ns, end_ns + milliseconds(draws.uniform(0.005, 0.02))}, draws.uniform(3.0, 10.0), draws);
    }
}

void MachinePower::add_load(Window window, double watts, Draws& draws) {
    Noise noise(watts * draws.uniform(0.01, 0.04), draws.log_uniform(0.02, 0.5), draws);
    for (std::size_t i = cell(window.begin_ns); i < cell(window.end_ns); ++i) {
        power_w_[i] += std::max(0.0, watts + noise.next(draws));
    }
}

double MachinePower::at(const std::vector<double>& sums, std::int64_t t_ns) {
    const std::int64_t inside =
        std::clamp<std::int64_t>(t_ns, 0, static_cast<std::int64_t>(sums.size() - 2) * kMillisecond);
    const std::size_t i = cell(inside);
    const double part = static_cast<double>(inside % kMillisecond) / static_cast<double>(kMillisecond);
    return sums[i] + part * (sums[i + 1] - sums[i]);
}

double MachinePower::net_j(Window window) const {
    return energy_j(window.end_ns) - energy_j(window.begin_ns) -
           (at(idle_j_, window.end_ns) - at(idle_j_, window.begin_ns));
}

}  // namespace landauer
