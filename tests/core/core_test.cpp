#include <gtest/gtest.h>
#include <landauer/error.h>
#include <landauer/units.h>

#include <set>

#include "core/clock.h"
#include "core/environment.h"
#include "core/metrics.h"
#include "core/records.h"

namespace landauer {
namespace {

TEST(Units, ConvertOnlyWhereItMakesSense) {
    EXPECT_DOUBLE_EQ((Watts(3.0) * Seconds(1200.0)).value(), 3600.0);
    EXPECT_DOUBLE_EQ(watt_hours(Joules(3600.0)), 1.0);
    EXPECT_DOUBLE_EQ((Joules(10.0) / Seconds(4.0)).value(), 2.5);
    EXPECT_DOUBLE_EQ(gibibytes(Bytes(1073741824.0)), 1.0);
    EXPECT_LT(Seconds(1.0), Seconds(2.0));
}

TEST(Errors, MapToExitCodes) {
    EXPECT_EQ(exit_code(ErrorKind::Invalid), 2);
    EXPECT_EQ(exit_code(ErrorKind::Interrupted), 130);
    for (const ErrorKind kind : {ErrorKind::Absent, ErrorKind::Denied, ErrorKind::Failed, ErrorKind::Bug}) {
        EXPECT_EQ(exit_code(kind), 1) << name(kind);
    }
}

TEST(Metrics, AreNamedOnceAndExplained) {
    std::set<std::string_view> names;
    for (const Metric& metric : metric_table()) {
        EXPECT_TRUE(names.insert(metric.name).second) << metric.name;
        EXPECT_FALSE(metric.help.empty()) << metric.name;
        EXPECT_EQ(find_metric(metric.name), &metric);
    }
    EXPECT_EQ(find_metric("no_such"), nullptr);
}

TEST(PhaseKinds, RoundTripThroughTheirNames) {
    for (int i = 0; i <= static_cast<int>(PhaseKind::warmup); ++i) {
        PhaseKind kind{};
        ASSERT_TRUE(phase_kind_from_name(name(static_cast<PhaseKind>(i)), kind));
        EXPECT_EQ(static_cast<int>(kind), i);
    }
    PhaseKind kind{};
    EXPECT_FALSE(phase_kind_from_name("lunch", kind));
}

TEST(Environment, ListsWhatDiffers) {
    const auto found = differences({{"a", "1"}, {"b", "2"}}, {{"b", "3"}, {"c", "4"}});
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].a, "1");
    EXPECT_EQ(found[0].b, "");
    EXPECT_EQ(found[1].b, "3");
    EXPECT_EQ(found[2].fact, "c");
}

TEST(Clock, IsMonotonicAndSleepsNotTooShort) {
    Clock& clock = system_clock();
    const std::int64_t start = clock.now_ns();
    clock.sleep_until(start + 2'000'000);
    EXPECT_GE(clock.now_ns(), start + 2'000'000);
}

TEST(UtcNow, IsIso8601) {
    const std::string now = utc_now();
    ASSERT_EQ(now.size(), 20U);
    EXPECT_EQ(now[10], 'T');
    EXPECT_EQ(now.back(), 'Z');
}

}  // namespace
}  // namespace landauer
