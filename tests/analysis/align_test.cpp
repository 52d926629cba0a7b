// Planted lags, gains and offsets are found again.
#include "analysis/align.h"

#include <gmock/gmock.h>

#include "traces.h"

namespace landauer {
namespace {

using namespace test;
using testing::HasSubstr;

struct Planted {
    double lag_s = 1234.567;
    double gain_w = 6.0;
    double offset_w = 3.5;
    double noise_w = 0.2;
    double spacing_s = 1.0;
    bool instant = false;
    bool periodic = false;
    std::uint64_t seed = 1;
};

// Load as bursts of uneven length and height, over 120 s of the session's clock.
std::vector<std::array<double, 3>> bursts(const Planted& plant) {
    std::mt19937_64 random(plant.seed);
    const auto uniform = [&] { return static_cast<double>(random() >> 11U) * 0x1.0p-53; };
    std::vector<std::array<double, 3>> out;
    for (double t = plant.periodic ? -6 : 8; t < (plant.periodic ? 130 : 110);) {
        const double length = plant.periodic ? 3.0 : 0.5 + 5.0 * uniform();
        out.push_back({t, t + length, plant.periodic ? 1.5 : 1.0 + uniform()});
        t += length + (plant.periodic ? 3.0 : 0.5 + 4.0 * uniform());
    }
    return out;
}

double busy_until(const std::vector<std::array<double, 3>>& all, double t) {
    double sum = 20 + 0.02 * t;
    for (const auto& [from, to, level] : all) {
        sum += level * std::clamp(t - from, 0.0, to - from);
    }
    return sum;
}

Series busy_series(const Planted& plant) {
    const auto all = bursts(plant);
    return sample(busy(), grid(0, 120, 0.2), [&](double t) { return busy_until(all, t); });
}

Recording record(const Planted& plant) {
    const auto all = bursts(plant);
    std::mt19937_64 random(plant.seed + 1000);
    Recording out;
    for (double t = 3.3; t < 118; t += plant.spacing_s) {
        const double span = plant.instant ? 0.01 : plant.spacing_s;
        const double load = (busy_until(all, t) - busy_until(all, t - span)) / span;
        out.t_s.push_back(t - plant.lag_s);
        out.watts.push_back(plant.offset_w + plant.gain_w * load + plant.noise_w * normal(random));
    }
    return out;
}

TEST(Align, FindsLagGainAndOffsetOfAOneHertzMeter) {
    int covered = 0;
    const int seeds = 40;
    for (int seed = 1; seed <= seeds; ++seed) {
        Planted plant;
        plant.seed = static_cast<std::uint64_t>(seed);
        const auto found = align_recording(record(plant), busy_series(plant));
        ASSERT_TRUE(found) << found.error().sentence;
        EXPECT_NEAR(found->lag_s.value, plant.lag_s, 0.1);
        EXPECT_NEAR(found->gain_w.value, plant.gain_w, 0.4);
        EXPECT_NEAR(found->offset_w.value, plant.offset_w, 0.4);
        EXPECT_EQ(found->averaging_s, 1.0);
        EXPECT_GT(found->r2, 0.9);
        covered += plant.lag_s >= found->lag_s.ci95.low && plant.lag_s <= found->lag_s.ci95.high ? 1 : 0;
    }
    EXPECT_GE(covered, seeds * 85 / 100);
}

TEST(Align, AMeterThatReadsAnInstantIsRecognised) {
    Planted plant;
    plant.instant = true;
    plant.spacing_s = 0.5;
    const auto found = align_recording(record(plant), busy_series(plant));
    ASSERT_TRUE(found) << found.error().sentence;
    EXPECT_NEAR(found->lag_s.value, plant.lag_s, 0.1);
    EXPECT_LT(found->averaging_s, 0.1);
}

TEST(Align, TheSeriesCarriesWhatIsNotKnown) {
    const Planted plant;
    const Recording recording = record(plant);
    const auto found = align_recording(recording, busy_series(plant));
    ASSERT_TRUE(found);
    const Series series = aligned_series(recording, *found, watts());
    ASSERT_EQ(series.size(), recording.t_s.size());
    EXPECT_NEAR(static_cast<double>(series.t_ns[0]) * 1e-9, 3.3, 0.1);
    EXPECT_NEAR(series.si(0), recording.watts[0], 1e-6);
    EXPECT_GT(series.channel.rail.clock_error_s, 0.0);
    EXPECT_LT(series.channel.rail.clock_error_s, 0.2);
    EXPECT_EQ(series.channel.rail.averaging_s, 1.0);
}

TEST(Align, ALoadThatRepeatsItselfIsRefusedUnlessTheLagIsRoughlyKnown) {
    Planted plant;
    plant.periodic = true;
    const auto found = align_recording(record(plant), busy_series(plant));
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind, ErrorKind::Failed);
    EXPECT_THAT(found.error().sentence, HasSubstr("several lags"));
    EXPECT_THAT(found.error().remedy, HasSubstr("--lag"));
    const auto told = align_recording(record(plant), busy_series(plant), {plant.lag_s - 2, plant.lag_s + 2});
    ASSERT_TRUE(told) << told.error().sentence;
    EXPECT_NEAR(told->lag_s.value, plant.lag_s, 0.1);
}

TEST(Align, ARecordingOfSomethingElseIsRefused) {
    Planted other;
    other.seed = 99;
    Recording noise = record(other);
    std::mt19937_64 random(5);
    for (double& watts : noise.watts) {
        watts = 5.0 + normal(random);
    }
    const auto found = align_recording(noise, busy_series({}));
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind, ErrorKind::Failed);
    EXPECT_THAT(found.error().sentence, HasSubstr("does not follow"));
}

TEST(Align, TooLittleIsInvalid) {
    const Recording few{{1, 2, 3}, {4, 5, 6}};
    EXPECT_EQ(align_recording(few, busy_series({})).error().kind, ErrorKind::Invalid);
    EXPECT_EQ(align_recording(record({}), Series{busy(), {}, {}}).error().kind, ErrorKind::Invalid);
    const auto apart = align_recording(record({}), busy_series({}), {5000.0, 4000.0});
    EXPECT_EQ(apart.error().kind, ErrorKind::Failed);
}

}  // namespace
}  // namespace landauer
