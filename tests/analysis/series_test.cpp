// Differences of counters and integrals of gauges over windows: known answers and properties.
#include <gmock/gmock.h>

#include <algorithm>

#include "analysis/figures.h"
#include "traces.h"

namespace landauer {
namespace {

using namespace test;
using testing::DoubleEq;
using testing::DoubleNear;
using testing::Optional;

TEST(CounterDelta, InterpolatesBothEdges) {
    // 2 CPU seconds a second from t = 1: 0 at 0 and 1 s, 2 at 2 s, 4 at 3 s.
    const Series s = sample(busy(), {0, 1, 2, 3}, [](double t) { return t < 1 ? 0.0 : 2 * (t - 1); });
    EXPECT_THAT(counter_delta(s, {ns(1), ns(3)}), Optional(DoubleEq(4.0)));
    EXPECT_THAT(counter_delta(s, {ns(1.5), ns(2.25)}), Optional(DoubleEq(1.5)));
    EXPECT_THAT(counter_delta(s, {ns(1.25), ns(1.5)}), Optional(DoubleEq(0.5)));
    EXPECT_THAT(counter_delta(s, {ns(0.5), ns(1.5)}), Optional(DoubleEq(1.0)));
}

TEST(CounterDelta, IsAbsentWhereTheSeriesDoesNotReach) {
    const Series s = sample(busy(), {1, 2}, [](double t) { return t; });
    EXPECT_EQ(counter_delta(s, {ns(0.5), ns(1.5)}), std::nullopt);
    EXPECT_EQ(counter_delta(s, {ns(1.5), ns(2.5)}), std::nullopt);
    EXPECT_EQ(counter_delta(s, {ns(1.8), ns(1.2)}), std::nullopt);
    EXPECT_EQ(counter_delta(Series{busy(), {}, {}}, {0, 1}), std::nullopt);
}

TEST(CounterDelta, OfAnEmptyWindowIsZero) {
    const Series s = sample(busy(), {1, 2}, [](double t) { return t; });
    EXPECT_THAT(counter_delta(s, {ns(1), ns(1)}), Optional(0.0));
    EXPECT_THAT(counter_delta(s, {ns(2), ns(2)}), Optional(0.0));
    EXPECT_THAT(counter_delta(s, {ns(1.3), ns(1.3)}), Optional(0.0));
}

TEST(CounterDelta, UndoesAWrapAtEveryOffset) {
    const std::int64_t range = 2'000'003;  // 2 J and a bit
    const auto at = grid(0, 4, 0.25);
    for (std::int64_t offset = 0; offset < range; offset += 9'973) {
        Series s{package(range), {}, {}};
        for (const double t : at) {  // 1 W
            s.t_ns.push_back(ns(t));
            s.raw.push_back((offset + std::llround(t * 1e6)) % range);
        }
        s.channel.scale = 1e-6;
        s.channel.unit = "1";  // the rule on hidden wraps is for joules, and tested below
        ASSERT_THAT(counter_delta(s, {ns(0.1), ns(3.9)}), Optional(DoubleNear(3.8, 1e-9))) << offset;
    }
}

TEST(CounterDelta, UndoesAWrapOfJoules) {
    const std::int64_t range = 262'143'328'850;  // of a real powercap zone
    Series s{package(range), {0, kSecond}, {range - 40'000'000, 35'000'000}};
    EXPECT_THAT(counter_delta(s, {0, kSecond}), Optional(DoubleNear(75.0, 1e-6)));
}

TEST(CounterDelta, RefusesAGapThatMayHideAWrap) {
    const std::int64_t range = 65'532'610'987;  // 65.5 kJ: 66 s at 1000 W
    const Series s{package(range), {0, 70 * kSecond}, {0, 1'000'000}};
    EXPECT_EQ(counter_delta(s, {0, 70 * kSecond}), std::nullopt);
    const Series shorter{package(range), {0, 60 * kSecond}, {0, 1'000'000}};
    EXPECT_THAT(counter_delta(shorter, {0, 60 * kSecond}), Optional(DoubleNear(1.0, 1e-9)));
}

TEST(CounterDelta, RefusesAResetButNotTwoReadersThatCrossed) {
    const Series reset{busy(), {0, kSecond, 2 * kSecond}, {5 * kSecond, 0, kSecond}};
    EXPECT_EQ(counter_delta(reset, {0, 2 * kSecond}), std::nullopt);
    EXPECT_THAT(counter_delta(reset, {kSecond, 2 * kSecond}), Optional(1.0));
    const Series crossed{busy(), {0, 1000, 2 * kSecond}, {50'000, 20'000, 2 * kSecond}};
    EXPECT_THAT(counter_delta(crossed, {0, 2 * kSecond}), Optional(DoubleNear(1.99995, 1e-12)));
    // A step back of a counter that wraps is a wrap only if its joules can have been spent.
    const Series joules{package(262'143'328'850), {0, 1000, kSecond}, {5'000'000, 4'999'000, 65'000'000}};
    EXPECT_THAT(counter_delta(joules, {0, kSecond}), Optional(DoubleNear(60.0, 1e-9)));
}

TEST(CounterDelta, IsTheSameOnEverySamplingGrid) {
    // A counter that grows evenly: any grid, any extra samples, any window.
    std::mt19937_64 random(7);
    const auto uniform = [&](double most) { return most * static_cast<double>(random() >> 11U) * 0x1.0p-53; };
    for (int seed = 0; seed < 300; ++seed) {
        std::vector<double> at = {0.0, 100.0};
        for (std::size_t i = 0; i < 5 + random() % 200; ++i) {
            at.push_back(static_cast<double>(random() % 100'000) * 1e-3);
        }
        std::sort(at.begin(), at.end());
        at.erase(std::unique(at.begin(), at.end()), at.end());
        const Series s = sample(package(1'000'000'000'000), at, [](double t) { return 900 + 28 * t; });
        const double begin = uniform(60.0);
        const double end = begin + uniform(40.0);
        ASSERT_THAT(counter_delta(s, {ns(begin), ns(end)}), Optional(DoubleNear(28 * (end - begin), 2e-6)));
    }
}

TEST(GaugeIntegral, IsTheTrapezoidWithInterpolatedEdges) {
    const Series s = sample(watts(), {0, 1, 2}, [](double t) { return t < 1 ? 10.0 : 10 + 20 * (t - 1); });
    EXPECT_THAT(gauge_integral(s, {0, ns(2)}), Optional(DoubleNear(30.0, 1e-9)));          // 10 + 20
    EXPECT_THAT(gauge_integral(s, {ns(0.5), ns(1.5)}), Optional(DoubleNear(12.5, 1e-9)));  // 5 + 7.5
    EXPECT_THAT(gauge_integral(s, {ns(1.5), ns(1.5)}), Optional(0.0));
    EXPECT_EQ(gauge_integral(s, {ns(1.5), ns(2.5)}), std::nullopt);
}

TEST(GaugeMeanAndMax, LookAtTheWindowAlone) {
    const Series s = sample(rss(), {0, 1, 2, 3}, [](double t) { return t == 3 ? 1000.0 : 100 * t; });
    EXPECT_THAT(gauge_mean(s, {0, ns(2)}), Optional(DoubleEq(100.0)));
    EXPECT_THAT(gauge_mean(s, {ns(0.5), ns(0.5)}), Optional(DoubleEq(50.0)));
    EXPECT_THAT(gauge_max(s, {0, ns(2)}), Optional(DoubleEq(200.0)));
    EXPECT_THAT(gauge_max(s, {ns(0.5), ns(1.5)}), Optional(DoubleEq(150.0)));
    EXPECT_THAT(gauge_max(s, {ns(1), ns(2.5)}), Optional(DoubleEq(600.0)));
    EXPECT_EQ(gauge_max(s, {ns(1), ns(4)}), std::nullopt);
    EXPECT_EQ(gauge_mean(Series{rss(), {}, {}}, {0, 1}), std::nullopt);
}

TEST(Utilisation, IsPlacedAtTheEndOfEachInterval) {
    const Series s = sample(busy(), {0, 1, 2, 4}, [](double t) { return t <= 1 ? 0.0 : 2 * (t - 1); });
    const SampledSignal u = utilisation_percent(s);
    EXPECT_THAT(u.t_ns, testing::ElementsAre(ns(1), ns(2), ns(4)));
    EXPECT_THAT(u.value, testing::ElementsAre(DoubleEq(0.0), DoubleEq(200.0), DoubleEq(200.0)));
    EXPECT_TRUE(utilisation_percent(Series{busy(), {5}, {5}}).t_ns.empty());
    EXPECT_TRUE(utilisation_percent(Series{busy(), {}, {}}).t_ns.empty());
}

TEST(Utilisation, PassesOverReadingsThatAreTooNear) {
    // A 10 ms tick falls into the 2 ms between an edge reading and the sampler's own.
    const Series s{busy(), {0, 200'000'000, 202'000'000, 400'000'000}, {0, 20'000'000, 30'000'000, 40'000'000}};
    EXPECT_THAT(utilisation_percent(s).value[1], DoubleNear(500.0, 1e-9));
    const SampledSignal calm = utilisation_percent(s, 0.1);
    EXPECT_THAT(calm.t_ns, testing::ElementsAre(200'000'000, 400'000'000));
    EXPECT_THAT(calm.value, testing::Each(DoubleNear(10.0, 1e-9)));
}

TEST(Utilisation, StartsAnewAfterAReset) {
    const Series s{busy(), {0, kSecond, 2 * kSecond, 3 * kSecond}, {9 * kSecond, 0, kSecond, 2 * kSecond}};
    const SampledSignal u = utilisation_percent(s);
    EXPECT_THAT(u.t_ns, testing::ElementsAre(2 * kSecond, 3 * kSecond));
    EXPECT_THAT(u.value, testing::Each(DoubleEq(100.0)));
}

TEST(Auc, SubtractsTheBaselineUnclipped) {
    const SampledSignal u{{0, kSecond, 2 * kSecond}, {0.0, 100.0, 100.0}};
    EXPECT_THAT(auc(u, 10.0, {0, 2 * kSecond}), Optional(DoubleNear(130.0, 1e-9)));
    EXPECT_THAT(auc(u, 150.0, {kSecond, 2 * kSecond}), Optional(DoubleNear(-50.0, 1e-9)));
    EXPECT_THAT(auc(u, 0.0, {ns(0.5), ns(1.5)}), Optional(DoubleNear(37.5 + 50.0, 1e-9)));
    EXPECT_THAT(auc(u, 0.0, {ns(2), ns(2)}), Optional(0.0));
    EXPECT_EQ(auc(u, 0.0, {0, 3 * kSecond}), std::nullopt);
    EXPECT_EQ(auc({}, 0.0, {0, kSecond}), std::nullopt);
}

}  // namespace
}  // namespace landauer
