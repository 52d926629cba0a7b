#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "engine/kernel_times.h"

namespace landauer {
namespace {

using ::testing::HasSubstr;

KernelSettings quick() {
    KernelSettings settings;
    settings.rotate_bytes = 1U << 20U;
    settings.n_rounds = 5;
    return settings;
}

TEST(KernelTimes, TimesEveryTypeThatCanBeWritten) {
    std::vector<KernelShape> shapes;
    for (const char* type :
         {"f32", "f16", "bf16", "q4_0", "q4_1", "q5_0", "q8_0", "q4_K", "q6_K", "iq4_nl", "iq2_xs"}) {
        shapes.push_back({type, 64, 256, 1});
        shapes.push_back({type, 40, 512, 3});
        shapes.push_back({type, 33, 256, 64});
    }
    double told = 0.0;
    const auto times = kernel_times(shapes, quick(), {}, [&](double fraction) {
        EXPECT_GE(fraction, told);
        told = fraction;
    });
    ASSERT_TRUE(times) << times.error().sentence;
    ASSERT_EQ(times->size(), shapes.size());
    for (const KernelTime& time : *times) {
        EXPECT_GT(time.low, 0.0);
        EXPECT_LE(time.low, time.seconds);
        EXPECT_LE(time.seconds, time.high);
        EXPECT_FALSE(time.buffer.empty());
    }
    EXPECT_DOUBLE_EQ(told, 1.0);
}

TEST(KernelTimes, UsesTheBuffersThatTheLoaderWouldPick) {
    const std::vector<KernelShape> shapes = {{"q4_0", 64, 256, 1}, {"q4_0", 33, 256, 1}, {"f16", 64, 256, 1}};
    KernelSettings settings = quick();
    const auto repacked = kernel_times(shapes, settings, {}, {});
    settings.repack = false;
    const auto plain = kernel_times(shapes, settings, {}, {});
    ASSERT_TRUE(repacked && plain);
    for (const KernelTime& time : *plain) EXPECT_EQ(time.buffer, plain->back().buffer);
    // Only whole groups of rows can be repacked, whatever this CPU does with those.
    EXPECT_EQ((*repacked)[1].buffer, plain->back().buffer);
    EXPECT_EQ((*repacked)[2].buffer, plain->back().buffer);
}

TEST(KernelTimes, RefusesWhatCannotBeTimed) {
    for (const auto& [shape, word] : std::vector<std::pair<KernelShape, const char*>>{{{"q9_9", 8, 32, 1}, "q9_9"},
                                                                                      {{"q4_0", 0, 32, 1}, "0 x 32"},
                                                                                      {{"q4_0", 8, 33, 1}, "33"},
                                                                                      {{"i32", 8, 32, 1}, "i32"}}) {
        const auto times = kernel_times(std::vector{shape}, quick(), {}, {});
        ASSERT_FALSE(times) << word;
        EXPECT_EQ(times.error().kind, ErrorKind::Invalid);
        EXPECT_THAT(times.error().sentence, HasSubstr(word));
        EXPECT_FALSE(times.error().remedy.empty());
    }
    EXPECT_TRUE(kernel_times({}, quick(), {}, {})->empty());
}

TEST(KernelTimes, StopsWhenAsked) {
    int polls = 0;
    const auto times =
        kernel_times(std::vector<KernelShape>{{"f32", 8, 32, 1}}, quick(), [&] { return ++polls > 2; }, {});
    ASSERT_FALSE(times);
    EXPECT_EQ(times.error().kind, ErrorKind::Interrupted);
}

TEST(MedianTime, IsTheMiddleOfWhatWasMeasured) {
    EXPECT_DOUBLE_EQ(median_time({3.0}).seconds, 3.0);
    EXPECT_DOUBLE_EQ(median_time({5.0, 1.0, 3.0}).seconds, 3.0);
    EXPECT_DOUBLE_EQ(median_time({4.0, 1.0, 3.0, 2.0}).seconds, 2.5);
    EXPECT_DOUBLE_EQ(median_time({5.0, 1.0, 3.0}).low, 1.0) << "three say nothing of the spread beyond themselves";
    EXPECT_DOUBLE_EQ(median_time({}).seconds, 0.0);
}

TEST(QuietTime, IsALowerQuartile) {
    EXPECT_DOUBLE_EQ(quiet_time({5.0, 1.0, 4.0, 3.0, 2.0}).seconds, 2.0);
    EXPECT_DOUBLE_EQ(quiet_time({4.0}).high, 4.0);
    // One run in two that something else disturbed changes nothing.
    EXPECT_DOUBLE_EQ(quiet_time({1.0, 90.0, 1.0, 70.0, 1.0, 80.0, 1.0}).seconds, 1.0);
}

TEST(MedianTime, ItsIntervalHoldsTheTruthNineteenTimesInTwenty) {
    std::mt19937 random(7);
    std::lognormal_distribution<double> noise(0.0, 0.5);  // median 1, skewed as times are
    int held = 0;
    constexpr int kDraws = 2000;
    for (int draw = 0; draw < kDraws; ++draw) {
        std::vector<double> seconds(25);
        for (double& value : seconds) value = noise(random);
        const KernelTime time = median_time(seconds);
        held += time.low <= 1.0 && 1.0 <= time.high ? 1 : 0;
    }
    EXPECT_GT(held, kDraws * 93 / 100);
    EXPECT_LT(held, kDraws * 995 / 1000) << "not so wide that it says nothing";
}

}  // namespace
}  // namespace landauer
