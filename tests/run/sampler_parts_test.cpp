// The sampler's parts, without threads and without waiting.
#include <gmock/gmock.h>

#include <atomic>
#include <cmath>
#include <random>
#include <thread>

#include "run/clock_watch.h"
#include "run/deadlines.h"
#include "run/latency_histogram.h"
#include "run/sampler_caveats.h"
#include "run/tick_ring.h"

namespace landauer {
namespace {

using ::testing::IsEmpty;

TEST(Deadlines, InTimeNoneIsMissedAndNoRoundingAddsUp) {
    Deadlines deadlines(1000, 3.0);  // a period that is no whole number of nanoseconds
    for (int tick = 0; tick < 3000; ++tick) {
        EXPECT_EQ(deadlines.advance(deadlines.next_ns() + 100), 0U);
    }
    EXPECT_EQ(deadlines.next_ns(), 1000 + 1'000'000'000'000);
}

TEST(Deadlines, ALateTickSkipsAndNeverBursts) {
    std::mt19937_64 random(5);
    for (const double rate : {1.0, 4.7, 5.0, 49.9, 50.0}) {
        const std::int64_t origin = static_cast<std::int64_t>(random() % 1'000'000'000'000);
        Deadlines deadlines(origin, rate);
        std::uint64_t passed = 0;
        std::int64_t now = origin;
        for (int tick = 0; tick < 2000; ++tick) {
            const auto before = deadlines.next_ns();
            now = std::max(now, before) +
                  static_cast<std::int64_t>(random() % (random() % 7 == 0 ? 3'000'000'000 : 1'000'000));
            passed += 1 + deadlines.advance(now);
            ASSERT_GT(deadlines.next_ns(), now) << "the next one lies ahead";
            ASSERT_LE(deadlines.next_ns() - now, std::llround(1e9 / rate) + 1) << "by at most a period";
            ASSERT_EQ(deadlines.next_ns(), origin + std::llround(static_cast<double>(passed) * (1e9 / rate)));
        }
    }
}

TEST(Deadlines, ExactlyOnTheNextDeadlineIsTooLateForIt) {
    Deadlines deadlines(0, 10.0);
    EXPECT_EQ(deadlines.advance(100'000'000), 1U);
    EXPECT_EQ(deadlines.next_ns(), 200'000'000);
}

TEST(LatencyHistogram, QuantilesWithinFivePercent) {
    LatencyHistogram histogram;
    EXPECT_EQ(histogram.quantile_us(0.5), 0.0);
    for (int us = 1; us <= 1000; ++us) {
        histogram.add(us * 1000);
    }
    EXPECT_NEAR(histogram.quantile_us(0.50), 500.0, 25.0);
    EXPECT_NEAR(histogram.quantile_us(0.99), 990.0, 50.0);
    EXPECT_EQ(histogram.max_us(), 1000.0);
    EXPECT_LE(histogram.quantile_us(1.0), histogram.max_us());
}

TEST(LatencyHistogram, TakesAnyTime) {
    LatencyHistogram histogram;
    for (const std::int64_t ns : {std::int64_t{-5}, std::int64_t{0}, std::int64_t{1}, INT64_MAX}) {
        histogram.add(ns);
    }
    EXPECT_GT(histogram.max_us(), 1e15);
    EXPECT_GE(histogram.quantile_us(0.0), 0.0);
}

TEST(TickRing, KeepsOrderAcrossManyTurns) {
    TickRing ring(3, 2);
    std::int64_t written = 0;
    std::int64_t read = 0;
    std::mt19937_64 random(2);
    for (int step = 0; step < 10'000; ++step) {
        if (random() % 2 == 0) {
            const auto record = ring.begin_write();
            ASSERT_EQ(record.empty(), written - read == 3);
            if (!record.empty()) {
                record[0] = written;
                record[1] = -written;
                ring.end_write();
                ++written;
            }
        } else {
            const auto record = ring.begin_read();
            ASSERT_EQ(record.empty(), written == read);
            if (!record.empty()) {
                ASSERT_EQ(record[0], read);
                ASSERT_EQ(record[1], -read);
                ring.end_read();
                ++read;
            }
        }
    }
}

TEST(TickRing, TwoThreadsLoseAndMixNothing) {
    constexpr std::int64_t kRecords = 100'000;
    TickRing ring(16, 3);
    std::thread producer([&] {
        for (std::int64_t i = 0; i < kRecords;) {
            const auto record = ring.begin_write();
            if (record.empty()) {
                std::this_thread::yield();
                continue;
            }
            std::fill(record.begin(), record.end(), i++);
            ring.end_write();
        }
    });
    for (std::int64_t i = 0; i < kRecords;) {
        const auto record = ring.begin_read();
        if (record.empty()) {
            std::this_thread::yield();
            continue;
        }
        ASSERT_THAT(record, ::testing::Each(i));
        ring.end_read();
        ++i;
    }
    producer.join();
}

constexpr std::int64_t kSecond = 1'000'000'000;

TEST(ClockWatch, TellsSuspendsFromSteps) {
    ClockWatch watch;
    watch.note({100 * kSecond, 150 * kSecond, 1000 * kSecond});
    watch.note({101 * kSecond, 151 * kSecond, 1001 * kSecond});
    EXPECT_EQ(watch.suspended_ns(), 0);
    EXPECT_EQ(watch.largest_step_ns(), 0);
    watch.note({102 * kSecond, 162 * kSecond, 1012 * kSecond});  // slept for 10 s: the wall clock went on too
    EXPECT_EQ(watch.suspended_ns(), 10 * kSecond);
    EXPECT_EQ(watch.largest_step_ns(), 0);
    watch.note({103 * kSecond, 163 * kSecond, 1010 * kSecond});  // set back by 3 s
    EXPECT_EQ(watch.largest_step_ns(), -3 * kSecond);
    watch.note({104 * kSecond, 164 * kSecond, 1012 * kSecond});  // and forward by 1 s
    EXPECT_EQ(watch.largest_step_ns(), -3 * kSecond) << "the largest one stays";
    EXPECT_EQ(watch.suspended_ns(), 10 * kSecond);
}

TEST(ClockWatch, TheSystemsClocksAgreeWithThemselves) {
    ClockWatch watch;
    for (int i = 0; i < 50; ++i) {
        watch.note(read_clocks());
    }
    EXPECT_LT(std::llabs(watch.largest_step_ns()), kSecond);
}

std::vector<std::string> codes(const SamplerStats& stats, double rate_hz = 5.0) {
    std::vector<std::string> out;
    for (const Caveat& caveat : sampler_caveats(stats, {rate_hz})) {
        EXPECT_FALSE(caveat.sentence.empty());
        EXPECT_FALSE(caveat.remedy.empty());
        out.push_back(caveat.code);
    }
    return out;
}

TEST(SamplerCaveats, AQuietSessionHasNone) {
    SamplerStats stats;
    stats.ticks = 1000;
    stats.wall_s = 200;
    stats.cpu_s = 0.05;
    stats.missed_deadlines = 5;
    stats.largest_gap_s = 0.6;
    stats.clock_step_s = 0.01;
    EXPECT_THAT(codes(stats), IsEmpty());
    EXPECT_THAT(codes(SamplerStats{}), IsEmpty());
}

TEST(SamplerCaveats, EachTroubleHasItsOwn) {
    const auto only = [](auto change) {
        SamplerStats stats;
        stats.ticks = 1000;
        stats.wall_s = 200;
        change(stats);
        return codes(stats);
    };
    using ::testing::ElementsAre;
    EXPECT_THAT(only([](SamplerStats& s) { s.missed_deadlines = 100; }), ElementsAre("missed-deadlines"));
    EXPECT_THAT(only([](SamplerStats& s) { s.largest_gap_s = 3; }), ElementsAre("sampling-gap"));
    EXPECT_THAT(only([](SamplerStats& s) { s.dropped_ticks = 1; }), ElementsAre("dropped-ticks"));
    EXPECT_THAT(only([](SamplerStats& s) { s.clock_step_s = -2; }), ElementsAre("clock-step"));
    EXPECT_THAT(only([](SamplerStats& s) { s.suspended_s = 60; }), ElementsAre("suspended"));
    EXPECT_THAT(only([](SamplerStats& s) { s.read_errors = 1; }), ElementsAre("unread-channels"));
    EXPECT_THAT(only([](SamplerStats& s) { s.cpu_s = 10; }), ElementsAre("sampler-cost"));
}

TEST(SamplerCaveats, AGapIsMeasuredAgainstTheRate) {
    SamplerStats stats;
    stats.largest_gap_s = 3;
    EXPECT_THAT(codes(stats, 1.0), IsEmpty());
}

}  // namespace
}  // namespace landauer
