// Idle baselines: means, what contaminates them, when they are long enough.
#include "analysis/idle.h"

#include <gmock/gmock.h>

#include "traces.h"

namespace landauer {
namespace {

using namespace test;

// A counter whose rate follows a function of time, in quanta like the kernel's ticks.
Series counter(const Channel& channel, double seconds, double quantum, const std::function<double(double)>& rate) {
    Series out{channel, {}, {}};
    double sum = 0.0;
    for (const double t : grid(0, seconds, 0.2)) {
        out.t_ns.push_back(ns(t));
        const double shown = quantum > 0 ? std::floor(sum / quantum + 1e-9) * quantum : sum;
        out.raw.push_back(std::llround(shown / channel.scale));
        sum += 0.2 * rate(t + 0.1);
    }
    return out;
}

Trace quiet(double seconds, double others = 0.02, std::uint64_t seed = 1) {
    std::mt19937_64 random(seed);
    Trace t;
    t.series.push_back(
        counter(busy(), seconds, 0.01, [&](double) { return std::max(0.0, others + 0.01 * normal(random)); }));
    t.series.push_back(counter(process_cpu(), seconds, 0, [](double) { return 0.0005; }));
    t.series.push_back(sample(rss(), grid(0, seconds, 0.2), [](double) { return 4e6; }));
    t.series.push_back(counter(package(), seconds, 0, [&](double) { return 12 + 0.3 * normal(random); }));
    return t;
}

Window first(double seconds) { return {0, ns(seconds)}; }

std::vector<std::string> codes(const IdleBaseline& idle) {
    std::vector<std::string> out;
    for (const Caveat& caveat : idle.caveats) {
        out.push_back(caveat.code);
    }
    return out;
}

TEST(Idle, OneTickOfTheKernelInABaselineOfNoLengthIsNobodysLoad) {
    Trace trace;
    const std::int64_t end = 7'000;  // ns
    trace.series = {{busy(), {0, end}, {0, 10'000'000}}, {process_cpu(), {0, end}, {0, 0}}};
    EXPECT_FALSE(measure_idle(trace, {0, end}, "after").contaminated);
    trace.series[0].raw = {0, 1'000'000'000};  // a whole second in no time is no tick
    EXPECT_TRUE(measure_idle(trace, {0, end}, "after").contaminated);
}

TEST(Idle, MeansOfAQuietMachine) {
    const IdleBaseline idle = measure_idle(quiet(20), first(20), "before");
    EXPECT_EQ(idle.where, "before");
    EXPECT_FALSE(idle.contaminated);
    EXPECT_NEAR(idle.means.at("cpu_percent").value, 2.0, 0.5);
    EXPECT_NEAR(idle.means.at("others_percent").value, 1.95, 0.5);
    EXPECT_EQ(idle.means.at("rss_bytes"), (Estimate{4e6, {4e6, 4e6}}));
    const Estimate power = idle.means.at("power_w");
    EXPECT_NEAR(power.value, 12, 0.15);
    EXPECT_LT(power.ci95.low, power.value);
    EXPECT_LT(power.ci95.high - power.ci95.low, 0.4);
    EXPECT_FALSE(idle.means.contains("system_used_bytes"));
}

TEST(Idle, IntervalsCoverTheTruth) {
    int covered = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const Estimate power = measure_idle(quiet(10, 0.02, seed), first(10), "before").means.at("power_w");
        covered += power.ci95.low <= 12 && 12 <= power.ci95.high ? 1 : 0;
    }
    EXPECT_GE(covered, 182);
}

TEST(Idle, ExtraReadingsAtTheEdgesDoNotCount) {
    const Series plain = counter(busy(), 10, 0.01, [](double) { return 0.05; });  // a tick every 0.2 s
    Series extra = plain;
    // A reading 2 ms after a sample that already sees the next tick: 500 % for 2 ms.
    extra.t_ns.insert(extra.t_ns.begin() + 6, extra.t_ns[5] + 2'000'000);
    extra.raw.insert(extra.raw.begin() + 6, extra.raw[6]);
    ASSERT_EQ(extra.raw[6] - extra.raw[5], 10'000'000);
    const auto level = [](const Series& series) {
        Trace t;
        t.series = {series};
        return measure_idle(t, first(10), "before").means.at("cpu_percent");
    };
    EXPECT_NEAR(level(plain).value, 5.0, 0.2);
    EXPECT_NEAR(level(extra).value, 5.0, 0.2);
    EXPECT_LT(level(extra).ci95.high - level(extra).ci95.low, 1.0);
}

TEST(Idle, ABusyNeighbourContaminates) {
    const IdleBaseline idle = measure_idle(quiet(10, 1.0), first(10), "before");
    EXPECT_TRUE(idle.contaminated);
    EXPECT_THAT(codes(idle), testing::Contains("idle-busy"));
    EXPECT_THAT(idle.caveats.front().sentence, testing::HasSubstr("before the trials"));
    EXPECT_FALSE(idle.caveats.front().remedy.empty());
}

TEST(Idle, AShortBurstContaminates) {
    Trace t;
    t.series.push_back(counter(busy(), 20, 0.01, [](double at) { return at > 5 && at < 6.2 ? 0.9 : 0.01; }));
    t.series.push_back(counter(process_cpu(), 20, 0, [](double) { return 0.001; }));
    const IdleBaseline idle = measure_idle(t, first(20), "after");
    EXPECT_TRUE(idle.contaminated);
    EXPECT_THAT(codes(idle), testing::Contains("idle-busy"));
}

TEST(Idle, OurOwnSamplingIsNoNeighbour) {
    Trace t;
    t.series.push_back(counter(busy(), 10, 0, [](double) { return 0.5; }));
    t.series.push_back(counter(process_cpu(), 10, 0, [](double) { return 0.49; }));
    EXPECT_FALSE(measure_idle(t, first(10), "before").contaminated);
}

TEST(Idle, DriftBetweenHalvesContaminates) {
    Trace t = quiet(20);
    t.series.back() = counter(package(), 20, 0, [](double at) { return at < 10 ? 12.0 : 15.0; });
    const IdleBaseline idle = measure_idle(t, first(20), "before");
    EXPECT_THAT(codes(idle), testing::ElementsAre("idle-drift"));
    EXPECT_TRUE(idle.contaminated);
}

TEST(Idle, QuietBaselinesAreNotAccused) {
    int accused = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        accused += measure_idle(quiet(10, 0.02, seed), first(10), "before").contaminated ? 1 : 0;
    }
    EXPECT_LE(accused, 2);
}

TEST(Idle, NoiseIsNoDrift) {
    int accused = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {  // halves of 5 s differ by 0.6 W or more half of the time
        std::mt19937_64 random(seed);
        Trace t;
        t.series.push_back(counter(package(), 10, 0, [&](double) { return 12 + 3 * normal(random); }));
        accused += measure_idle(t, first(10), "before").contaminated ? 1 : 0;
    }
    EXPECT_LE(accused, 4);
}

TEST(Idle, DriftBetweenBaselinesContaminatesTheLater) {
    IdleBaseline before = measure_idle(quiet(10), first(10), "before");
    IdleBaseline after = measure_idle(quiet(10, 0.02, 2), first(10), "after");
    compare_idle(before, after);
    EXPECT_FALSE(after.contaminated);
    after.means["power_w"] = {14, {13.9, 14.1}};
    compare_idle(before, after);
    EXPECT_TRUE(after.contaminated);
    EXPECT_FALSE(before.contaminated);
    EXPECT_THAT(codes(after), testing::ElementsAre("idle-drift"));
}

TEST(Idle, EmptyInputsGiveNoMeans) {
    EXPECT_TRUE(measure_idle({}, first(10), "before").means.empty());
    const IdleBaseline nothing = measure_idle(quiet(10), {ns(50), ns(60)}, "before");
    EXPECT_TRUE(nothing.means.empty());
    EXPECT_FALSE(nothing.contaminated);
    EXPECT_TRUE(measure_idle(quiet(10), {ns(3), ns(3)}, "before").means.contains("rss_bytes"));
}

TEST(IdleSettled, WaitsForItsLeastAndStopsAtItsMost) {
    const IdleGoal goal{10, 30, 2.0, 0.02};
    EXPECT_FALSE(idle_is_settled(quiet(60), first(9.8), goal));
    EXPECT_TRUE(idle_is_settled(quiet(60), first(10), goal));
    std::mt19937_64 random(3);
    Trace noisy;
    noisy.series.push_back(counter(busy(), 60, 0, [&](double) { return std::abs(normal(random)); }));
    EXPECT_FALSE(idle_is_settled(noisy, first(10), goal));
    EXPECT_FALSE(idle_is_settled(noisy, first(29.8), goal));
    EXPECT_TRUE(idle_is_settled(noisy, first(30), goal));
}

TEST(IdleSettled, AsksForPowerToo) {
    Trace t = quiet(60);
    std::mt19937_64 random(3);
    t.series.back() = counter(package(), 60, 0, [&](double) { return 12 + 4 * normal(random); });
    EXPECT_FALSE(idle_is_settled(t, first(10)));
    EXPECT_TRUE(idle_is_settled(t, first(60)));
    EXPECT_TRUE(idle_is_settled({}, first(10)));  // nothing sampled, nothing to wait for
}

TEST(IdleLevel, HoldsTheDriftBetweenBaselines) {
    IdleBaseline a;
    IdleBaseline b;
    a.means["power_w"] = {10, {9.7, 10.3}};
    b.means["power_w"] = {12, {11.6, 12.4}};
    const auto level = idle_level({&a, &b}, "power_w");
    ASSERT_TRUE(level);
    EXPECT_DOUBLE_EQ(level->value, 11.0);
    EXPECT_NEAR(level->ci95.high - 11.0, std::hypot(0.25, 1.0), 1e-12);
    EXPECT_NEAR(idle_level({&a}, "power_w")->ci95.high, 10.3, 1e-12);
    EXPECT_EQ(idle_level({&a}, "rss_bytes"), std::nullopt);
    EXPECT_EQ(idle_level({}, "power_w"), std::nullopt);
}

}  // namespace
}  // namespace landauer
