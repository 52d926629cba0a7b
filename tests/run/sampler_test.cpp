#include <gmock/gmock.h>
#include <landauer/sampler.h>

#include <csignal>
#include <fstream>
#include <limits>

#include "core/clock.h"
#include "run/counting_meter.h"

namespace landauer {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace landauer::testing;

constexpr SamplerOptions kFast{50.0, 30.0};

std::vector<std::unique_ptr<Meter>> one(std::shared_ptr<MeterLog> log, CountingMeter::OnRead on_read = nullptr) {
    std::vector<std::unique_ptr<Meter>> meters;
    meters.push_back(std::make_unique<CountingMeter>(std::move(log), "counting", std::move(on_read)));
    return meters;
}

TEST(Sampler, RatesOutsideOneToFiftyAreRefused) {
    for (const double rate : {0.0, -5.0, 0.99, 50.01, 1e9, std::numeric_limits<double>::quiet_NaN(),
                              std::numeric_limits<double>::infinity()}) {
        const auto sampler = Sampler::start({}, {rate, 30.0});
        ASSERT_FALSE(sampler) << rate;
        EXPECT_EQ(sampler.error().kind, ErrorKind::Invalid);
        EXPECT_THAT(sampler.error().sentence, HasSubstr("1 to 50 Hz"));
    }
    for (const double ring : {0.0, -1.0, 1e9, std::numeric_limits<double>::quiet_NaN()}) {
        EXPECT_EQ(Sampler::start({}, {5.0, ring}).error().kind, ErrorKind::Invalid) << ring;
    }
    EXPECT_TRUE(Sampler::start({}, {1.0, 30.0}));
    EXPECT_TRUE(Sampler::start({}, {50.0, 30.0}));
}

TEST(Sampler, EveryTickArrivesOnceAndInOrder) {
    const auto log = std::make_shared<MeterLog>();
    auto sampler = Sampler::start(one(log), kFast);
    ASSERT_TRUE(sampler);
    Trace trace;
    for (const std::int64_t ticks : {3, 6, 9}) {
        ASSERT_TRUE(log->wait_for(ticks));
        (*sampler)->drain(trace);
    }
    (*sampler)->stop();
    (*sampler)->drain(trace);
    ASSERT_THAT(trace.series, SizeIs(1));
    const Series& series = trace.series[0];
    ASSERT_EQ(series.size(), static_cast<std::size_t>(log->reads));
    for (std::size_t i = 0; i < series.size(); ++i) {
        EXPECT_EQ(series.raw[i], static_cast<std::int64_t>(i) + 1);
        EXPECT_TRUE(i == 0 || series.t_ns[i] > series.t_ns[i - 1]);
    }
    const SamplerStats stats = (*sampler)->stats();
    EXPECT_EQ(stats.ticks, static_cast<std::uint64_t>(log->reads));
    EXPECT_EQ(stats.dropped_ticks, 0U);
    EXPECT_GT(stats.cpu_s, 0.0);
    EXPECT_LT(stats.cpu_s, stats.wall_s + 0.1);
    EXPECT_GE(stats.jitter_max_us, stats.jitter_p99_us);
    EXPECT_GE(stats.jitter_p99_us, stats.jitter_p50_us);
    EXPECT_GT(stats.largest_gap_s, 0.0);
}

TEST(Sampler, TheFirstTickComesAtOnceAndStopDoesNotWaitForTheNext) {
    std::int64_t quickest_ns = std::numeric_limits<std::int64_t>::max();
    for (int attempt = 0; attempt < 3; ++attempt) {
        const auto log = std::make_shared<MeterLog>();
        auto sampler = Sampler::start(one(log), {1.0, 30.0});
        ASSERT_TRUE(sampler);
        ASSERT_TRUE(log->wait_for(1));
        (*sampler)->stop();
        const std::int64_t stopped_ns = system_clock().now_ns();
        (*sampler)->stop();  // twice does no harm
        Trace trace;
        (*sampler)->drain(trace);
        ASSERT_FALSE(trace.series[0].raw.empty());
        EXPECT_EQ(trace.series[0].raw[0], 1);
        quickest_ns = std::min(quickest_ns, stopped_ns - trace.series[0].t_ns[0]);
    }
    EXPECT_LT(quickest_ns, 1'000'000'000) << "each stop() slept until its next tick";
}

TEST(Sampler, ALateTickSkipsDeadlines) {
    const auto log = std::make_shared<MeterLog>();
    auto sampler = Sampler::start(one(log,
                                      [](std::int64_t number, std::int64_t&) {
                                          if (number == 2) {
                                              std::this_thread::sleep_for(std::chrono::milliseconds(110));
                                          }
                                      }),
                                  kFast);
    ASSERT_TRUE(sampler);
    ASSERT_TRUE(log->wait_for(4));
    (*sampler)->stop();
    const SamplerStats stats = (*sampler)->stats();
    EXPECT_GE(stats.missed_deadlines, 5U) << "110 ms hold at least five deadlines 20 ms apart";
    EXPECT_GE(stats.largest_gap_s, 0.11);
    // Bursts would have made up for the skipped ticks.
    EXPECT_LE(static_cast<double>(stats.ticks + stats.missed_deadlines), stats.wall_s * kFast.rate_hz + 2.0);
}

TEST(Sampler, AFullRingDropsTheNewestAndSaysSo) {
    const auto log = std::make_shared<MeterLog>();
    auto sampler = Sampler::start(one(log), {50.0, 0.04});  // room for four ticks
    ASSERT_TRUE(sampler);
    ASSERT_TRUE(log->wait_for(8));
    (*sampler)->stop();
    Trace trace;
    (*sampler)->drain(trace);
    EXPECT_THAT(trace.series[0].raw, ::testing::ElementsAre(1, 2, 3, 4));
    EXPECT_EQ((*sampler)->stats().dropped_ticks, static_cast<std::uint64_t>(log->reads) - 4);
}

TEST(Sampler, AFailedReadingIsAGapAndNotAZero) {
    const auto log = std::make_shared<MeterLog>();
    auto sampler = Sampler::start(one(log,
                                      [](std::int64_t number, std::int64_t& value) {
                                          if (number == 2) {
                                              value = kMissing;
                                          }
                                      }),
                                  kFast);
    ASSERT_TRUE(sampler);
    ASSERT_TRUE(log->wait_for(3));
    (*sampler)->stop();
    Trace trace;
    (*sampler)->drain(trace);
    EXPECT_EQ((*sampler)->stats().read_errors, 1U);
    ASSERT_GE(trace.series[0].size(), 2U);
    EXPECT_EQ(trace.series[0].raw[0], 1);
    EXPECT_EQ(trace.series[0].raw[1], 3);
}

// A figure computed right after drain() must not change when the tick in progress arrives.
TEST(Sampler, DrainWaitsForTheTickInProgress) {
    const auto log = std::make_shared<MeterLog>();
    auto sampler = Sampler::start(
        one(log, [](std::int64_t, std::int64_t&) { std::this_thread::sleep_for(std::chrono::milliseconds(15)); }),
        kFast);
    ASSERT_TRUE(sampler);
    for (int round = 0; round < 10; ++round) {
        const std::int64_t begun = log->reads.load();
        std::this_thread::sleep_for(std::chrono::milliseconds(2 * round));  // in, after and before the middle of a tick
        Trace trace;
        const std::int64_t now_ns = system_clock().now_ns();
        (*sampler)->drain(trace);
        Trace later;
        ASSERT_TRUE(log->wait_for(begun + 2));
        (*sampler)->drain(later);
        for (const std::int64_t t_ns : later.series[0].t_ns) {
            EXPECT_GT(t_ns, now_ns);
        }
    }
}

TEST(Sampler, NoMetersAndMissingOnesStillTick) {
    std::vector<std::unique_ptr<Meter>> none;
    none.push_back(nullptr);
    auto sampler = Sampler::start(std::move(none), kFast);
    ASSERT_TRUE(sampler);
    Trace trace;
    (*sampler)->drain(trace);
    EXPECT_THAT(trace.series, IsEmpty());
}

TEST(Sampler, ItsThreadHasANameAndTakesNoSignals) {
    const auto log = std::make_shared<MeterLog>();
    std::string name;
    sigset_t blocked{};
    auto sampler = Sampler::start(one(log,
                                      [&](std::int64_t number, std::int64_t&) {
                                          if (number == 1) {
                                              std::ifstream("/proc/thread-self/comm") >> name;
                                              ::pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
                                          }
                                      }),
                                  kFast);
    ASSERT_TRUE(sampler);
    ASSERT_TRUE(log->wait_for(2));
    (*sampler)->stop();
    EXPECT_EQ(name, "landauer-sample") << "Linux keeps 15 characters";
    EXPECT_EQ(::sigismember(&blocked, SIGINT), 1);
}

TEST(Sampler, SamplesThisMachine) {
    std::vector<std::unique_ptr<Meter>> meters;
    for (MeterProbe& probe : probe_meters()) {
        if (probe.meter) {
            meters.push_back(std::move(*probe.meter));
        }
    }
    auto sampler = Sampler::start(std::move(meters), kFast);
    ASSERT_TRUE(sampler);
    Trace trace;
    while (trace.find("process", "cpu") == nullptr || trace.find("process", "cpu")->size() < 5) {
        (*sampler)->drain(trace);
    }
    (*sampler)->stop();
    for (const Series& series : trace.series) {
        if (series.channel.kind == ChannelKind::counter && series.channel.wrap_range == 0) {
            EXPECT_TRUE(std::is_sorted(series.raw.begin(), series.raw.end())) << series.channel.name;
        }
    }
    ASSERT_NE(trace.find("machine", "busy"), nullptr);
    ASSERT_NE(trace.find("memory", "rss"), nullptr);
}

}  // namespace
}  // namespace landauer
