#include "analysis/energy_steps.h"

#include <gmock/gmock.h>

#include <vector>

#include "analysis/counter_health.h"
#include "analysis/energy_window.h"
#include "analysis/gauge_steps.h"
#include "analysis/publications.h"
#include "traces.h"

namespace landauer {
namespace {

using test::grid;
using test::kSecond;
using test::ns;
using test::sample;

Window seconds(double from, double to) { return {ns(from), ns(to)}; }

Channel quick_counter(double period_s = 0.0) {
    Channel channel = test::package();
    channel.rail.period_s = period_s;
    return channel;
}

double total(const EnergySteps& all) {
    double sum = 0.0;
    for (const EnergyStep& step : all.steps) {
        sum += step.energy_j;
    }
    return sum;
}

std::size_t gaps(const EnergySteps& all) {
    std::size_t n = 0;
    for (const EnergyStep& step : all.steps) {
        n += step.is_gap ? 1 : 0;
    }
    return n;
}

// 10 W, and 50 W from 10 s to 14 s, as energy since 0.
double stepped_j(double t) { return 10.0 * t + 40.0 * std::clamp(t - 10.0, 0.0, 4.0); }
double stepped_w(double t) { return t > 10.0 && t <= 14.0 ? 50.0 : 10.0; }

TEST(EnergySteps, ACounterGivesItsDifferences) {
    const Series series = sample(quick_counter(), grid(0, 20, 0.2), stepped_j);
    const EnergySteps all = energy_steps(view(series));
    EXPECT_NEAR(total(all), stepped_j(20.0), 1e-4);
    EXPECT_EQ(gaps(all), 0U);
    EXPECT_DOUBLE_EQ(all.quantum_j, 1e-6);
}

TEST(EnergySteps, AResetIsOneGap) {
    Series series = sample(quick_counter(), grid(0, 20, 0.2), [](double t) { return stepped_j(t) + 1000.0; });
    for (std::size_t i = 60; i < series.size(); ++i) {
        series.raw[i] -= series.raw[59];
    }
    EXPECT_EQ(gaps(energy_steps(view(series))), 1U);
}

TEST(EnergySteps, AStandstillIsAGapWithTheStepsBesideIt) {
    const Series series = sample(quick_counter(1e-3), grid(0, 20, 0.2), [](double t) {
        return t < 5.0 ? 10.0 * t : t < 6.0 ? 50.0 : 10.0 * (t - 1.0);
    });
    const auto still = standstills(view(series));
    ASSERT_EQ(still.size(), 1U);
    EXPECT_FALSE(still[0].caught_up);
    EXPECT_FALSE(still[0].to_the_end);
    EXPECT_EQ(gaps(energy_steps(view(series))), 5U + 2U);
}

TEST(EnergySteps, ACounterThatCatchesUpLosesNothing) {
    const Series series = sample(quick_counter(1e-3), grid(0, 20, 0.2),
                                 [](double t) { return t >= 5.0 && t < 6.0 - 1e-9 ? 50.0 : 10.0 * t; });
    const auto still = standstills(view(series));
    ASSERT_EQ(still.size(), 1U);
    EXPECT_TRUE(still[0].caught_up);
    const EnergySteps all = energy_steps(view(series));
    EXPECT_EQ(gaps(all), 0U);
    EXPECT_NEAR(total(all), 200.0, 1e-4);
}

TEST(EnergySteps, ACoarseCounterAtLowPowerIsNotStuck) {
    Channel coarse = quick_counter(1e-3);
    coarse.scale = 1.0;  // one joule at a time, at 2 W and five readings a second
    const Series series = sample(coarse, grid(0, 20, 0.2), [](double t) { return std::floor(2.0 * t); });
    EXPECT_TRUE(standstills(view(series)).empty());
    EXPECT_EQ(gaps(energy_steps(view(series))), 0U);
}

TEST(EnergySteps, ABatchCounterStepsFromPublicationToPublication) {
    const Series series =
        sample(quick_counter(), grid(0, 30, 0.2), [](double t) { return 10.0 * std::floor((t + 1e-6) / 1.1) * 1.1; });
    const EnergySteps all = energy_steps(view(series));
    ASSERT_GT(all.steps.size(), 20U);
    for (const EnergyStep& step : all.steps) {
        EXPECT_NEAR(step.energy_j, 11.0, 1e-4);
        EXPECT_NEAR(step.seconds(), 1.1, 0.15);
        EXPECT_GT(step.u_begin_s, 0.0);
        EXPECT_LT(step.u_begin_s, 0.06);
    }
}

TEST(EnergySteps, AQuickGaugeJumpsAtTheEdgesOfLoad) {
    const Series series = sample(test::watts(), grid(0.05, 20, 0.2), stepped_w);
    const std::vector<Window> busy = {seconds(10, 14)};
    const auto with = energy_over(energy_steps(view(series), busy), seconds(10, 14));
    ASSERT_TRUE(with);
    EXPECT_NEAR(with->energy_j, 200.0, 1e-6);
}

TEST(EnergySteps, GaugeReadingsThatTellOfBothSidesOfAnEdgeAreLeftOut) {
    Channel gauge = test::watts();
    gauge.rail.period_s = 0.05;
    gauge.rail.averaging_s = 0.1;  // a reading tells of up to 150 ms before it
    const Series series =
        sample(gauge, grid(0.02, 20, 0.2), [](double t) { return (stepped_j(t) - stepped_j(t - 0.1)) / 0.1; });
    const std::vector<Window> busy = {seconds(10, 14)};
    const auto energy = energy_over(energy_steps(view(series), busy), seconds(10, 14));
    ASSERT_TRUE(energy);
    EXPECT_NEAR(energy->energy_j, 200.0, 1e-6);
}

TEST(EnergySteps, ImplausibleReadingsAreLeftOutAndLongSilenceIsAGap) {
    Series series = sample(test::watts(), grid(0, 20, 0.2), [](double) { return 20.0; });
    series.raw[30] = -5'000'000;
    series.raw[31] = 9'000'000'000;
    EXPECT_NEAR(total(energy_steps(view(series))), 400.0, 1e-6);
    series.t_ns.erase(series.t_ns.begin() + 50, series.t_ns.begin() + 60);
    series.raw.erase(series.raw.begin() + 50, series.raw.begin() + 60);
    EXPECT_EQ(gaps(energy_steps(view(series))), 1U);
}

TEST(EnergySteps, AnAveragingGaugeThatShowsTheSameTwiceHasNoGap) {
    Channel gauge = test::watts();
    gauge.rail.period_s = 1.0;
    gauge.rail.averaging_s = 1.0;
    const Series series = sample(gauge, grid(0, 40, 0.2), [](double t) {
        const double second = std::floor(t + 1e-6);
        return second == 21.0 ? 20.0 + 20.0 : 20.0 + second;  // as the second before
    });
    const EnergySteps all = energy_steps(view(series));
    EXPECT_EQ(gaps(all), 0U);
    const auto energy = energy_over(all, seconds(19.9, 22.9));
    ASSERT_TRUE(energy);
    // Each publication tells of the second before it.
    EXPECT_NEAR(energy->energy_j, 0.1 * 40.0 + 40.0 + 42.0 + 0.9 * 43.0, 0.6);
}

TEST(EnergySteps, FewOrNoReadingsGiveNoSteps) {
    EXPECT_TRUE(energy_steps(view(Series{quick_counter(), {}, {}})).steps.empty());
    EXPECT_TRUE(energy_steps(view(Series{quick_counter(), {0}, {1}})).steps.empty());
    EXPECT_TRUE(energy_steps(view(Series{test::watts(), {}, {}})).steps.empty());
    EXPECT_TRUE(energy_steps(view(Series{test::watts(), {0}, {1}})).steps.empty());
}

TEST(EnergyOver, EmptyWhereTheStepsDoNotReach) {
    const Series series = sample(quick_counter(), grid(1, 5, 0.2), stepped_j);
    const EnergySteps all = energy_steps(view(series));
    EXPECT_FALSE(energy_over(all, seconds(0.5, 3)));
    EXPECT_FALSE(energy_over(all, seconds(2, 5.5)));
    EXPECT_FALSE(energy_over(all, seconds(3, 2)));
    EXPECT_FALSE(energy_over({}, seconds(2, 3)));
}

TEST(EnergyOver, TheDelayOfACounterIsPutRightOnAverage) {
    const Series series = sample(quick_counter(0.01), {8.0, 9.0, 10.0, 12.0, 14.0, 15.0, 16.0}, stepped_j);
    const auto energy = energy_over(energy_steps(view(series)), seconds(10, 14));
    ASSERT_TRUE(energy);
    EXPECT_NEAR(energy->energy_j, 200.0 + 0.5 * 0.01 * (50.0 - 10.0), 1e-9);
    EXPECT_NEAR(energy->u_edges_j, 0.01 / std::sqrt(12.0) * std::hypot(10.0, 50.0), 1e-9);
    EXPECT_NEAR(energy->u_quantum_j, 1e-6 * std::sqrt(2.0 / 12.0), 1e-12);
}

TEST(EnergyOver, ACutStepKeepsItsEnergyAndGivesTheRestToTheLoad) {
    EnergySteps all;
    for (int i = 0; i < 20; ++i) {
        all.steps.push_back({i * kSecond, (i + 1) * kSecond, stepped_j(i + 1 + 0.3) - stepped_j(i + 0.3)});
    }
    // The load lies from 9.7 s to 13.7 s of these steps; its edges cut two of them.
    const std::vector<Window> busy = {seconds(9.7, 13.7)};
    const auto energy = energy_over(all, seconds(9.7, 13.7), {busy, 10.0, 50.0, 0.5});
    ASSERT_TRUE(energy);
    EXPECT_NEAR(energy->energy_j, 200.0, 1e-9);
    EXPECT_NEAR(energy->u_linked_j(), std::hypot(0.5 * 0.7, 0.5 * 0.3), 1e-9);
    EXPECT_DOUBLE_EQ(energy->u_edges_j, 0.0);
}

TEST(EnergyOver, TwoLoadsOfOneStepShareItByTheirPower) {
    EnergySteps all;
    all.steps = {{0, kSecond, 10.0},
                 {kSecond, 2 * kSecond, 60.0},
                 {2 * kSecond, 3 * kSecond, 0.4 * 60.0 + 0.2 * 10.0 + 0.4 * 30.0},
                 {3 * kSecond, 4 * kSecond, 30.0},
                 {4 * kSecond, 5 * kSecond, 10.0}};
    const std::vector<Window> busy = {seconds(1, 2.4), seconds(2.6, 4)};
    const auto first = energy_over(all, busy[0], {busy, 10.0, 45.0, 0.1});
    const auto second = energy_over(all, busy[1], {busy, 10.0, 45.0, 0.1});
    ASSERT_TRUE(first && second);
    EXPECT_NEAR(first->energy_j, 60.0 * 1.4, 1e-9);
    EXPECT_NEAR(second->energy_j, 30.0 * 1.4, 1e-9);
    EXPECT_GT(first->u_linked_j(), 0.1 * 0.2);  // how they share it is in doubt
}

TEST(EnergyOver, AGapTakesThePowerBesideItAndIsDoubted) {
    EnergySteps all;
    all.steps = {{0, kSecond, 10.0},
                 {kSecond, 2 * kSecond, 40.0},
                 {2 * kSecond, 3 * kSecond, 0.0, true},
                 {3 * kSecond, 4 * kSecond, 60.0},
                 {4 * kSecond, 5 * kSecond, 10.0}};
    const auto energy = energy_over(all, seconds(1, 4));
    ASSERT_TRUE(energy);
    EXPECT_NEAR(energy->energy_j, 40.0 + 50.0 + 60.0, 1e-9);
    EXPECT_DOUBLE_EQ(energy->gap_s, 1.0);
    EXPECT_NEAR(energy->u_gaps_j, (60.0 - 10.0) / std::sqrt(12.0), 1e-9);
}

TEST(Publications, AnEvenBeatIsFoundWithinTheReadings) {
    std::vector<PublicationTime> times;
    for (int k = 0; k < 40; ++k) {
        const double published_s = 0.123 + 0.53 * k;
        const double seen_s = std::ceil(published_s / 0.2) * 0.2;
        times.push_back({ns(seen_s), 0.2});
    }
    const Beat beat = place_publications(times);
    EXPECT_NEAR(beat.period_s, 0.53, 0.003);
    for (int k = 0; k < 40; ++k) {
        EXPECT_NEAR(static_cast<double>(times[static_cast<std::size_t>(k)].t_ns) * 1e-9, 0.123 + 0.53 * k, 0.05);
        EXPECT_LT(times[static_cast<std::size_t>(k)].u_s, 0.2 / std::sqrt(12.0));
    }
}

TEST(Publications, AMissedOneDoesNotShiftTheBeat) {
    std::vector<PublicationTime> times;
    for (int k = 0; k < 40; ++k) {
        if (k != 17 && k != 18) {
            times.push_back({ns(1.0 * k + 0.1), 0.1});
        }
    }
    EXPECT_NEAR(place_publications(times).period_s, 1.0, 1e-6);
}

TEST(Publications, TooFewAreLeftWhereTheReadingsPutThem) {
    std::vector<PublicationTime> times = {{ns(1.0), 0.2}, {ns(2.0), 0.2}};
    EXPECT_NEAR(place_publications(times).period_s, 1.0, 1e-9);
    EXPECT_EQ(times[0].t_ns, ns(0.9));
    EXPECT_NEAR(times[0].u_s, 0.2 / std::sqrt(12.0), 1e-12);
    std::vector<PublicationTime> none;
    EXPECT_DOUBLE_EQ(place_publications(none).period_s, 0.0);
}

}  // namespace
}  // namespace landauer
