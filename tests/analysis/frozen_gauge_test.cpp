#include "analysis/frozen_gauge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "analysis/meter_faults.h"
#include "analysis/net_energy.h"
#include "traces.h"

namespace landauer {
namespace {

using test::ns;

// 12 W idle and 47 W busy from 12 to 20 s, never twice the same value; from `frozen_s` on always the last.
double shown_w(double t_s, double frozen_s) {
    const double t = std::min(t_s, frozen_s);
    return (t >= 12.0 && t < 20.0 ? 47.0 : 12.0) + 0.01 * std::sin(17.0 * t);
}

Trace read(double frozen_s, double until_s = 32.0) {
    Trace trace;
    trace.series.push_back(
        test::sample(test::watts(), test::grid(0.0, until_s, 0.2), [&](double t) { return shown_w(t, frozen_s); }));
    return trace;
}

std::vector<std::string> codes(const Trace& trace) {
    std::vector<std::string> out;
    for (const Caveat& caveat : meter_caveats(trace)) {
        out.push_back(caveat.code);
    }
    return out;
}

TEST(FrozenGauge, IsFoundWhereItStopped) {
    const Trace trace = read(16.0);
    const auto from = frozen_from(view(trace.series[0]));
    EXPECT_EQ(from, std::optional<std::size_t>(80));
    EXPECT_THAT(codes(trace), ::testing::ElementsAre("gauge-frozen"));
}

TEST(FrozenGauge, AHealthyOneIsNot) {
    EXPECT_EQ(frozen_from(view(read(99.0).series[0])), std::nullopt);
    EXPECT_THAT(codes(read(99.0)), ::testing::IsEmpty());
}

TEST(FrozenGauge, AShortStayAtTheEndIsNone) {
    EXPECT_EQ(frozen_from(view(read(28.0).series[0])), std::nullopt);  // 4 s
    EXPECT_NE(frozen_from(view(read(26.0).series[0])), std::nullopt);  // 6 s
}

TEST(FrozenGauge, ACoarseOneThatOftenStaysIsNone) {
    Trace trace;
    trace.series.push_back(test::sample(test::watts(), test::grid(0.0, 32.0, 0.2), [](double t) {
        return t < 6.0 ? 12.0 : t < 12.0 ? 12.1 : t < 20.0 ? 47.0 : 12.0;
    }));
    EXPECT_EQ(frozen_from(view(trace.series[0])), std::nullopt);
}

TEST(FrozenGauge, OneThatNeverChangedIsAnothersMatter) {
    EXPECT_EQ(frozen_from(view(read(0.0).series[0])), std::nullopt);
    EXPECT_EQ(frozen_from(view(Series{test::watts(), {}, {}})), std::nullopt);
}

TEST(FrozenGauge, WhatFollowsHasNoJoulesAndWhatCameBeforeHas) {
    const Trace trace = read(16.0);
    const std::vector<Window> idle = {{0, ns(10.0)}, {ns(21.0), ns(31.0)}};
    const std::vector<Window> busy = {{ns(12.0), ns(20.0)}};
    const EnergyModel model(trace, {0}, idle, busy);
    EXPECT_FALSE(model.over({ns(12.0), ns(20.0)}).has_value());
    const NetEnergy before = model.over({ns(12.0), ns(15.0)}).value_or(NetEnergy{});
    EXPECT_NEAR(before.net_j.value_or(0.0), 35.0 * 3.0, 0.5);
}

TEST(FrozenGauge, DoesNotDisqualifyWhileMostOfItIsGood) {
    EXPECT_EQ(disqualifying_fault(read(24.0).series[0]), "");
    EXPECT_NE(disqualifying_fault(read(10.0).series[0]), "");
}

}  // namespace
}  // namespace landauer
