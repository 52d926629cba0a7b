// Properties of joules that hold on any grid of readings and any place of a wrap.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "analysis/idle_power.h"
#include "analysis/net_energy.h"
#include "analysis/stats.h"
#include "traces.h"

namespace landauer {
namespace {

using test::kSecond;
using test::ns;

constexpr double kIdle_w = 12.0;
constexpr double kBusy_w = 47.0;
constexpr double kBegin_s = 12.0;
constexpr double kEnd_s = 20.0;
constexpr double kTrial_j = kBusy_w * (kEnd_s - kBegin_s);

// What a machine has used that is idle but for one trial.
double used_j(double t_s) {
    return kIdle_w * t_s + (kBusy_w - kIdle_w) * std::clamp(t_s - kBegin_s, 0.0, kEnd_s - kBegin_s);
}

double uniform(std::mt19937_64& random, double low, double high) {
    return low + (high - low) * static_cast<double>(random() >> 11U) * 0x1.0p-53;
}

// Any number of readings at any times, with the trial's edges among them.
std::vector<double> random_grid(std::mt19937_64& random) {
    std::vector<double> at = test::grid(0.0, 32.0, 0.5);  // no silence so long that a wrap might hide in it
    const auto n = static_cast<int>(uniform(random, 0.0, 500.0));
    for (int i = 0; i < n; ++i) {
        at.push_back(uniform(random, 0.001, 31.999));
    }
    std::sort(at.begin(), at.end());
    const auto same = [](double a, double b) { return b - a < 1e-6; };
    at.erase(std::unique(at.begin(), at.end(), same), at.end());
    return at;
}

Trace counted(const std::vector<double>& at_s, std::int64_t range_uj, double start_j) {
    Trace trace;
    trace.series.push_back(test::sample(test::package(range_uj), at_s, [&](double t) { return start_j + used_j(t); }));
    return trace;
}

double gross_j(const Trace& trace, Window window) {
    const EnergyModel model(trace, {0}, std::vector<Window>{});
    const auto energy = model.over(window);
    EXPECT_TRUE(energy.has_value());
    return energy ? energy->gross_j : -1.0;
}

const Window kTrial{ns(kBegin_s), ns(kEnd_s)};

TEST(EnergyProperty, AnyGridGivesTheSameCounterEnergy) {
    std::mt19937_64 random(11);
    for (int i = 0; i < 700; ++i) {
        const Trace trace = counted(random_grid(random), 0, 0.0);
        ASSERT_NEAR(gross_j(trace, kTrial), kTrial_j, 2e-6) << "grid " << i;
    }
}

TEST(EnergyProperty, AWrapAnywhereChangesNothing) {
    std::mt19937_64 random(12);
    constexpr std::int64_t kRange_uj = 700'000'000;
    for (int i = 0; i < 700; ++i) {
        const double start_j = 700.0 * static_cast<double>(i) / 700.0;  // the wrap falls on each joule once
        const Trace trace = counted(random_grid(random), kRange_uj, start_j);
        ASSERT_NEAR(gross_j(trace, kTrial), kTrial_j, 2e-6) << "start " << start_j << " J";
    }
}

TEST(EnergyProperty, AWrapInTheVeryStepOfAnEdgeChangesNothing) {
    const std::vector<double> at = test::grid(0.0, 32.0, 0.2);
    constexpr std::int64_t kRange_uj = 1'000'000'000;
    const double at_begin = used_j(kBegin_s);
    for (const double before : {-1.0, -1e-6, 0.0, 1e-6, 1.0, 9.39, 9.4}) {
        const Trace trace = counted(at, kRange_uj, 1000.0 - at_begin - before);
        EXPECT_NEAR(gross_j(trace, kTrial), kTrial_j, 3e-6) << before;
    }
}

TEST(EnergyProperty, WindowsThatMeetAddUp) {
    std::mt19937_64 random(13);
    for (int i = 0; i < 200; ++i) {
        std::vector<double> at = random_grid(random);
        const double middle = at[at.size() / 2];
        const Trace trace = counted(at, 0, 5.0);
        const Window first{ns(at[2]), ns(middle)};
        const Window second{ns(middle), ns(at[at.size() - 3])};
        const double whole = gross_j(trace, {first.begin_ns, second.end_ns});
        ASSERT_NEAR(gross_j(trace, first) + gross_j(trace, second), whole, 1e-6 * std::max(1.0, whole)) << i;
    }
}

TEST(EnergyProperty, IdleIsTakenOffExactlyWhereItIsStill) {
    const Trace trace = counted(test::grid(0.0, 32.0, 0.2), 0, 0.0);
    const std::vector<Window> idle = {{0, ns(10.0)}, {ns(21.0), ns(31.0)}};
    const auto energy = EnergyModel(trace, {0}, idle).over(kTrial);
    const NetEnergy known = energy.value_or(NetEnergy{});
    ASSERT_TRUE(known.net_j.has_value());
    EXPECT_NEAR(known.net_j.value_or(0.0), (kBusy_w - kIdle_w) * (kEnd_s - kBegin_s), 1e-4);
    EXPECT_LT(known.net_error.half_width(), 1e-2);
}

// Means, a step each, of a process that forgets itself over tau steps; 0: independent values.
std::vector<double> planted(std::mt19937_64& random, std::size_t n, double level, double tau) {
    constexpr int kWithin = 10;
    const double rho = tau > 0.0 ? std::exp(-1.0 / (kWithin * tau)) : 0.0;
    std::vector<double> out;
    out.reserve(n);
    double state = test::normal(random);
    for (std::size_t i = 0; i < n; ++i) {
        double sum = 0.0;
        for (int j = 0; j < kWithin; ++j) {
            sum += state;
            state = rho * state + std::sqrt(1.0 - rho * rho) * test::normal(random);
        }
        out.push_back(level + sum / kWithin);
    }
    return out;
}

class PlantedLevel : public ::testing::TestWithParam<double> {};

TEST_P(PlantedLevel, IntervalHoldsItAsOftenAsStated) {
    const double tau = GetParam();
    std::mt19937_64 random(14);
    int inside = 0;
    constexpr int kCases = 1500;
    for (int i = 0; i < kCases; ++i) {
        const std::vector<std::vector<double>> stretches = {planted(random, 50, 20.0, tau),
                                                            planted(random, 50, 23.0, tau)};
        const auto levels = autoregressive_levels(stretches);
        const double half = student_t95(levels[0].dof) * std::sqrt(levels[0].variance);
        inside += std::abs(levels[0].mean - 20.0) <= half ? 1 : 0;
    }
    EXPECT_NEAR(static_cast<double>(inside) / kCases, 0.95, 0.025) << "tau " << tau;
}

INSTANTIATE_TEST_SUITE_P(Memories, PlantedLevel, ::testing::Values(0.0, 0.3, 1.0, 2.5, 5.0));

TEST(AutoregressiveLevels, StillSeriesHaveNoVarianceAndEmptyOnesNoLevel) {
    const std::vector<std::vector<double>> still = {{5.0, 5.0, 5.0, 5.0, 5.0}};
    const auto levels = autoregressive_levels(still);
    ASSERT_EQ(levels.size(), 1U);
    EXPECT_EQ(levels[0].mean, 5.0);
    EXPECT_EQ(levels[0].variance, 0.0);
    EXPECT_TRUE(autoregressive_levels(std::vector<std::vector<double>>{}).empty());
}

}  // namespace
}  // namespace landauer
