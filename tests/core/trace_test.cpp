#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <landauer/trace.h>

namespace landauer {
namespace {

using ::testing::ElementsAre;

const Channel kBusy{"machine", "busy", "s", ChannelKind::counter, 0.01, 0};

Trace trace_of(std::vector<std::int64_t> t_ns, std::vector<std::int64_t> raw) {
    return Trace{{Series{kBusy, std::move(t_ns), std::move(raw)}}};
}

TEST(Trace, MergesInTimeOrderAndKeepsEqualTimesOnce) {
    Trace a = trace_of({10, 30, 50}, {1, 3, 5});
    a.merge(trace_of({20, 30, 60}, {2, 3, 6}));
    EXPECT_THAT(a.series[0].t_ns, ElementsAre(10, 20, 30, 50, 60));
    EXPECT_THAT(a.series[0].raw, ElementsAre(1, 2, 3, 5, 6));
}

TEST(Trace, MergeIsTheSameInAnyOrder) {
    Trace ab = trace_of({10, 30}, {1, 3});
    ab.merge(trace_of({20, 40}, {2, 4}));
    Trace ba = trace_of({20, 40}, {2, 4});
    ba.merge(trace_of({10, 30}, {1, 3}));
    EXPECT_EQ(ab.series[0].t_ns, ba.series[0].t_ns);
    EXPECT_EQ(ab.series[0].raw, ba.series[0].raw);
}

TEST(Trace, FindsByMeterAndChannel) {
    const Trace trace = trace_of({1}, {1});
    EXPECT_NE(trace.find("machine", "busy"), nullptr);
    EXPECT_EQ(trace.find("machine", "steal"), nullptr);
    EXPECT_EQ(trace.find("process", "busy"), nullptr);
}

TEST(Trace, SliceKeepsTheNeighboursOfItsEdges) {
    const Trace trace = trace_of({10, 20, 30, 40, 50}, {1, 2, 3, 4, 5});
    EXPECT_THAT(trace.slice(25, 35).series[0].t_ns, ElementsAre(20, 30, 40));
    EXPECT_THAT(trace.slice(20, 40).series[0].t_ns, ElementsAre(20, 30, 40));
    EXPECT_THAT(trace.slice(0, 5).series[0].t_ns, ElementsAre(10));
    EXPECT_THAT(trace.slice(60, 70).series[0].t_ns, ElementsAre(50));
}

}  // namespace
}  // namespace landauer
