#include "run/edge_recorder.h"

#include <gmock/gmock.h>
#include <landauer/sampler.h>

#include <string>
#include <thread>

#include "core/clock.h"
#include "run/counting_meter.h"

namespace landauer {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using namespace landauer::testing;

std::vector<std::unique_ptr<Meter>> meters_of_this_machine() {
    std::vector<std::unique_ptr<Meter>> meters;
    for (MeterProbe& probe : probe_meters()) {
        if (probe.meter) {
            meters.push_back(std::move(*probe.meter));
        }
    }
    return meters;
}

TEST(EdgeRecorder, AllMetersCarryTheTimeThatIsReturned) {
    EdgeRecorder edges(meters_of_this_machine());
    const std::int64_t before_ns = system_clock().now_ns();
    const std::int64_t begin_ns = edges.record_all(Edge::begin);
    const std::int64_t end_ns = edges.record_all(Edge::end);
    EXPECT_GE(begin_ns, before_ns);
    EXPECT_GT(end_ns, begin_ns);
    EXPECT_LE(end_ns, system_clock().now_ns());
    Trace trace;
    edges.drain(trace);
    ASSERT_NE(trace.find("machine", "busy"), nullptr);
    ASSERT_NE(trace.find("process", "cpu"), nullptr);
    for (const char* const name : {"cpu", "major_faults"}) {
        EXPECT_THAT(trace.find("process", name)->t_ns, ElementsAre(begin_ns, end_ns));
    }
    EXPECT_THAT(trace.find("machine", "busy")->t_ns, ElementsAre(begin_ns, end_ns));
    EXPECT_THAT(trace.find("memory", "rss")->t_ns, ElementsAre(begin_ns, end_ns));
}

TEST(EdgeRecorder, SlowMetersAreLeftToTheSampler) {
    std::vector<std::unique_ptr<Meter>> meters;
    meters.push_back(std::make_unique<CountingMeter>(
        std::make_shared<MeterLog>(), "slow",
        [](std::int64_t, std::int64_t&) { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }));
    meters.push_back(std::make_unique<CountingMeter>(std::make_shared<MeterLog>(), "fast"));
    EdgeRecorder edges(std::move(meters), 0.015);
    EXPECT_THAT(edges.slow_meters(), ElementsAre("slow"));
    edges.record_all();
    Trace trace;
    edges.drain(trace);
    EXPECT_EQ(trace.find("slow", "count"), nullptr);
    ASSERT_NE(trace.find("fast", "count"), nullptr);
}

TEST(EdgeRecorder, TheProcessIsReadNearestToTheTrialAndTheSlowestFarthest) {
    std::string order;
    std::vector<std::unique_ptr<Meter>> meters;
    const auto add = [&](const char* name, int pause_ms) {
        meters.push_back(std::make_unique<CountingMeter>(
            std::make_shared<MeterLog>(), name, [&order, name, pause_ms](std::int64_t, std::int64_t&) {
                std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms));
                order += name[0];
            }));
    };
    add("a slow one", 30);
    add("process", 5);
    add("quick", 0);
    EdgeRecorder edges(std::move(meters), 10.0);
    order.clear();
    edges.record_all(Edge::begin);
    EXPECT_EQ(order, "aqp");
    order.clear();
    edges.record_all(Edge::end);
    EXPECT_EQ(order, "pqa");
}

TEST(EdgeRecorder, ThePhaseEdgeReadsTheProcessAlone) {
    EdgeRecorder edges(meters_of_this_machine());
    const std::int64_t t_ns = edges.record_phase();
    const std::int64_t again_ns = edges.record_phase();
    EXPECT_GT(again_ns, t_ns) << "times of one channel never repeat";
    Trace trace;
    edges.drain(trace);
    EXPECT_THAT(trace.find("process", "cpu")->t_ns, ElementsAre(t_ns, again_ns));
    EXPECT_EQ(trace.find("machine", "busy")->size(), 0U);
    Trace empty;
    edges.drain(empty);
    EXPECT_EQ(empty.find("process", "cpu")->size(), 0U) << "drained samples are given once";
}

TEST(EdgeRecorder, ThePhaseEdgeReadsQuickEnergyCountersToo) {
    std::vector<std::unique_ptr<Meter>> meters;
    const auto add = [&](const char* name, bool energy, int slow_us) {
        const auto nap = [slow_us](std::int64_t, std::int64_t&) {
            std::this_thread::sleep_for(std::chrono::microseconds(slow_us));
        };
        auto meter = std::make_unique<CountingMeter>(std::make_shared<MeterLog>(), name,
                                                     slow_us > 0 ? CountingMeter::OnRead(nap) : nullptr);
        if (energy) {
            meter->count_energy();
        }
        meters.push_back(std::move(meter));
    };
    add("joules", true, 0);
    add("slow joules", true, 2000);
    add("heat", false, 0);
    EdgeRecorder edges(std::move(meters));
    edges.record_phase();
    Trace trace;
    edges.drain(trace);
    EXPECT_EQ(trace.find("joules", "count")->size(), 1U);
    EXPECT_EQ(trace.find("slow joules", "count")->size(), 0U) << "it would be felt";
    EXPECT_EQ(trace.find("heat", "count")->size(), 0U);
}

TEST(EdgeRecorder, MetersThatMayBlockAreLeftToTheirThread) {
    auto log = std::make_shared<MeterLog>();
    auto meter = std::make_unique<CountingMeter>(log, "plug");
    meter->block(1.0);
    std::vector<std::unique_ptr<Meter>> meters;
    meters.push_back(std::move(meter));
    EdgeRecorder edges(std::move(meters));
    edges.record_all();
    EXPECT_EQ(log->reads.load(), 0);
    EXPECT_THAT(edges.slow_meters(), ElementsAre("plug"));
}

TEST(EdgeRecorder, WithoutMetersItStillTellsTheTime) {
    EdgeRecorder edges({});
    EXPECT_GT(edges.record_phase(), 0);
    EXPECT_GT(edges.record_all(), 0);
}

// Two readers of one counter that both go on while the other reads: merged in order of
// time, the counter must never go back.
TEST(EdgeRecorder, MergedWithTheSamplerCountersNeverGoBack) {
    const auto log = std::make_shared<MeterLog>();  // one counter for both meters
    const auto linger = [](std::int64_t, std::int64_t&) {
        std::this_thread::sleep_for(std::chrono::microseconds(300));
    };
    const auto one = [&] {
        std::vector<std::unique_ptr<Meter>> meters;
        meters.push_back(std::make_unique<CountingMeter>(log, "shared", linger));
        return meters;
    };
    EdgeRecorder edges(one(), 10.0);
    auto sampler = Sampler::start(one(), {50.0, 30.0});
    ASSERT_TRUE(sampler);
    Trace trace;
    const std::uint64_t wanted = 30;
    for (int i = 0; (*sampler)->stats().ticks < wanted; ++i) {
        edges.record_all(i % 2 == 0 ? Edge::begin : Edge::end);
    }
    (*sampler)->stop();
    (*sampler)->drain(trace);
    edges.drain(trace);
    const Series* const series = trace.find("shared", "count");
    ASSERT_NE(series, nullptr);
    EXPECT_GT(series->size(), wanted);
    EXPECT_TRUE(std::is_sorted(series->raw.begin(), series->raw.end()));
    EXPECT_TRUE(std::is_sorted(series->t_ns.begin(), series->t_ns.end()));
}

}  // namespace
}  // namespace landauer
