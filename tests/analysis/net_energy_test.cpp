#include "analysis/net_energy.h"

#include <gmock/gmock.h>

#include <vector>

#include "analysis/idle_power.h"
#include "traces.h"

namespace landauer {
namespace {

using test::grid;
using test::ns;
using test::sample;

Window seconds(double from, double to) { return {ns(from), ns(to)}; }

const std::vector<Window> kIdle = {seconds(0, 10), seconds(20, 30)};
const std::vector<Window> kBusy = {seconds(12, 16)};

// Idle at 10 W up to 10 s and 12 W from 20 s on, a straight line between; 40 W more in the load.
double idle_w(double t) { return 10.0 + 2.0 * std::clamp((t - 5.0) / 20.0, 0.0, 1.0); }
double energy_j(double t) {
    const double over = std::clamp(t - 5.0, 0.0, 20.0);
    return 10.0 * t + 0.05 * over * over + 2.0 * std::max(0.0, t - 25.0) + 40.0 * std::clamp(t - 12.0, 0.0, 4.0);
}

Trace planted(const Channel& channel) {
    Trace trace;
    trace.series.push_back(sample(channel, grid(0, 30, 0.2), energy_j));
    return trace;
}

TEST(NetEnergyOf, SubtractsTheIdleLineBetweenTheBaselines) {
    const Trace trace = planted(test::package());
    const EnergyModel model(trace, {0}, kIdle, kBusy);
    const auto energy = model.over(kBusy[0]);
    ASSERT_TRUE(energy && energy->net_j);
    EXPECT_NEAR(energy->gross_j, 160.0 + 4.0 * idle_w(14.0), 1e-3);
    EXPECT_NEAR(*energy->net_j, 160.0, 0.5);
    EXPECT_GT(energy->net_error.half_width(), 0.0);
    EXPECT_GT(energy->u_drift_j, 0.0);
}

TEST(NetEnergyOf, WithoutABaselineOnlyGross) {
    const Trace trace = planted(test::package());
    const EnergyModel model(trace, {0}, {}, kBusy);
    const auto energy = model.over(kBusy[0]);
    ASSERT_TRUE(energy);
    EXPECT_FALSE(energy->net_j);
    EXPECT_FALSE(model.idle());
}

TEST(NetEnergyOf, TheGainOfTheMeterIsAPartOfTheInterval) {
    Channel channel = test::package();
    channel.rail.accuracy = 0.02;
    const Trace trace = planted(channel);
    const auto energy = EnergyModel(trace, {0}, kIdle, kBusy).over(kBusy[0]);
    ASSERT_TRUE(energy && energy->net_j);
    EXPECT_NEAR(energy->net_error.gain, 0.02 * *energy->net_j, 1e-9);
    EXPECT_NEAR(energy->gross_error.gain, 0.02 * energy->gross_j, 1e-9);
}

TEST(NetEnergyOf, RefusesAWindowThatIsMostlyUnread) {
    Trace trace = planted(test::watts());
    Series& series = trace.series[0];
    series = sample(test::watts(), grid(0, 30, 0.2), [](double t) { return t > 12.0 && t < 16.0 ? 50.0 : 10.0; });
    const auto erase = [&](double from, double to) {
        for (std::size_t i = series.size(); i-- > 0;) {
            if (series.t_ns[i] > ns(from) && series.t_ns[i] < ns(to)) {
                series.t_ns.erase(series.t_ns.begin() + static_cast<std::ptrdiff_t>(i));
                series.raw.erase(series.raw.begin() + static_cast<std::ptrdiff_t>(i));
            }
        }
    };
    erase(13.0, 14.5);
    const auto some = EnergyModel(trace, {0}, kIdle, kBusy).over(kBusy[0]);
    ASSERT_TRUE(some);
    EXPECT_GT(some->window.gap_s, 1.0);
    EXPECT_GT(some->window.u_gaps_j, 0.0);
    erase(12.5, 15.5);
    EXPECT_FALSE(EnergyModel(trace, {0}, kIdle, kBusy).over(kBusy[0]));
}

TEST(NetEnergyOf, OfAWindowBeyondTheReadingsThereIsNone) {
    const Trace trace = planted(test::package());
    const EnergyModel model(trace, {0}, kIdle, kBusy);
    EXPECT_FALSE(model.over(seconds(29, 31)));
    EXPECT_FALSE(EnergyModel(trace, {}, kIdle, kBusy).over(kBusy[0]));
}

}  // namespace
}  // namespace landauer
