// Meters that may block have a thread each, and harm nobody else's time-keeping.
#include <gmock/gmock.h>
#include <landauer/sampler.h>

#include <chrono>
#include <thread>

#include "counting_meter.h"

namespace landauer {
namespace {

using namespace landauer::testing;
using std::chrono::milliseconds;

std::unique_ptr<CountingMeter> meter(const std::shared_ptr<MeterLog>& log, const char* name,
                                     CountingMeter::OnRead on_read = nullptr) {
    return std::make_unique<CountingMeter>(log, name, std::move(on_read));
}

TEST(SamplerLanes, AMeterThatStallsDelaysNoOther) {
    auto quick_log = std::make_shared<MeterLog>();
    auto slow_log = std::make_shared<MeterLog>();
    std::vector<std::unique_ptr<Meter>> meters;
    auto slow =
        meter(slow_log, "plug", [](std::int64_t, std::int64_t&) { std::this_thread::sleep_for(milliseconds(300)); });
    slow->block(0.0);
    meters.push_back(std::move(slow));
    meters.push_back(meter(quick_log, "quick"));
    auto sampler = Sampler::start(std::move(meters), {50.0, 30.0});
    ASSERT_TRUE(sampler);
    ASSERT_TRUE(slow_log->wait_for(2));
    EXPECT_GT(quick_log->reads.load(), slow_log->reads.load());
    const auto before = std::chrono::steady_clock::now();
    Trace trace;
    (*sampler)->drain(trace);
    EXPECT_LT(std::chrono::steady_clock::now() - before, milliseconds(290)) << "a drain waited for the stalled one";
    (*sampler)->stop();
    (*sampler)->drain(trace);
    EXPECT_GE(trace.find("plug", "count")->size(), 1U);
}

TEST(SamplerLanes, HowLongAReadingTookIsStoredAndItsMiddleIsTheTime) {
    auto log = std::make_shared<MeterLog>();
    std::vector<std::unique_ptr<Meter>> meters;
    std::int64_t begun_ns = 0;
    auto slow = meter(log, "plug", [&](std::int64_t number, std::int64_t&) {
        if (number == 1) {
            begun_ns = std::chrono::steady_clock::now().time_since_epoch().count();
            std::this_thread::sleep_for(milliseconds(40));
        }
    });
    slow->block(60.0);
    meters.push_back(std::move(slow));
    auto sampler = Sampler::start(std::move(meters), {5.0, 30.0});
    ASSERT_TRUE(sampler);
    ASSERT_TRUE(log->wait_for(1));
    (*sampler)->stop();
    Trace trace;
    (*sampler)->drain(trace);
    const Series* const latency = trace.find("plug", "latency");
    ASSERT_NE(latency, nullptr);
    ASSERT_EQ(latency->size(), 1U) << "a source that publishes once a minute is not asked five times a second";
    EXPECT_EQ(latency->channel.unit, "s");
    EXPECT_GE(latency->si(0), 0.040);
    EXPECT_GE(trace.find("plug", "count")->t_ns[0], begun_ns + 19'000'000);
}

TEST(SamplerLanes, TheMainLaneKeepsTheTimeOfTheSession) {
    auto log = std::make_shared<MeterLog>();
    std::vector<std::unique_ptr<Meter>> meters;
    auto slow = meter(log, "plug");
    slow->block(60.0);
    meters.push_back(std::move(slow));
    auto quick_log = std::make_shared<MeterLog>();
    meters.push_back(meter(quick_log, "quick"));
    auto sampler = Sampler::start(std::move(meters), {50.0, 30.0});
    ASSERT_TRUE(sampler);
    ASSERT_TRUE(quick_log->wait_for(5));
    (*sampler)->stop();
    EXPECT_EQ((*sampler)->stats().ticks, static_cast<std::uint64_t>(quick_log->reads.load()));
}

}  // namespace
}  // namespace landauer
