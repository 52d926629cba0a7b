#include "analysis/meter_faults.h"

#include <gmock/gmock.h>

#include <vector>

#include "traces.h"

namespace landauer {
namespace {

using test::grid;
using test::ns;
using test::sample;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Channel counter(double period_s = 1e-3, std::int64_t range = 0) {
    Channel channel = test::package(range);
    channel.rail.period_s = period_s;
    return channel;
}

Trace one(Series series) {
    Trace trace;
    trace.series.push_back(std::move(series));
    return trace;
}

std::vector<std::string> codes(const Trace& trace, Window session = {}) {
    std::vector<std::string> out;
    for (const Caveat& caveat : meter_caveats(trace, session)) {
        EXPECT_FALSE(caveat.sentence.empty());
        EXPECT_FALSE(caveat.remedy.empty());
        out.push_back(caveat.code);
    }
    return out;
}

void erase(Series& series, double from, double to) {
    for (std::size_t i = series.size(); i-- > 0;) {
        if (series.t_ns[i] > ns(from) && series.t_ns[i] < ns(to)) {
            series.t_ns.erase(series.t_ns.begin() + static_cast<std::ptrdiff_t>(i));
            series.raw.erase(series.raw.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }
}

TEST(MeterFaults, AHealthyCounterAndGaugeHaveNone) {
    Trace trace = one(sample(counter(), grid(0, 30, 0.2), [](double t) { return 20.0 * t; }));
    trace.series.push_back(sample(test::watts(), grid(0, 30, 0.2), [](double t) { return 30.0 + 0.01 * t; }));
    EXPECT_THAT(codes(trace), IsEmpty());
    EXPECT_THAT(disqualifying_fault(trace.series[0]), IsEmpty());
    EXPECT_THAT(disqualifying_fault(trace.series[1]), IsEmpty());
}

TEST(MeterFaults, AReset) {
    const Trace trace = one(
        sample(counter(), grid(0, 30, 0.2), [](double t) { return t < 12.1 ? 500.0 + 20.0 * t : 20.0 * (t - 12.1); }));
    EXPECT_THAT(codes(trace), ElementsAre("counter-reset"));
    EXPECT_THAT(meter_caveats(trace)[0].sentence, HasSubstr("12.0 s"));
}

TEST(MeterFaults, WrapsAreANoteWithTheirNumber) {
    const Trace trace = one(sample(counter(1e-3, 400'000'000), grid(0, 55, 0.2), [](double t) { return 20.0 * t; }));
    ASSERT_THAT(codes(trace), ElementsAre("counter-wrapped"));
    EXPECT_EQ(meter_caveats(trace)[0].severity, Severity::note);
    EXPECT_THAT(meter_caveats(trace)[0].sentence, HasSubstr("2 times"));
}

TEST(MeterFaults, StuckAndHeldAreToldApart) {
    EXPECT_THAT(codes(one(sample(counter(), grid(0, 30, 0.2),
                                 [](double t) { return t < 10.0   ? 20.0 * t
                                                       : t < 12.0 ? 200.0
                                                                  : 20.0 * (t - 2.0); }))),
                ElementsAre("counter-stuck"));
    EXPECT_THAT(codes(one(sample(counter(), grid(0, 30, 0.2),
                                 [](double t) { return t >= 10.0 && t < 11.9 ? 200.0 : 20.0 * t; }))),
                ElementsAre("counter-held"));
}

TEST(MeterFaults, GapsAndEnds) {
    Series series = sample(test::watts(), grid(0, 30, 0.2), [](double t) { return 20.0 + 0.01 * t; });
    erase(series, 10.0, 12.0);
    EXPECT_THAT(codes(one(series)), ElementsAre("meter-gap"));
    erase(series, 25.0, 31.0);
    EXPECT_THAT(codes(one(series), {0, ns(30)}), ElementsAre("meter-gap", "meter-ended"));
}

TEST(MeterFaults, SeveralOfOneKindAreOneCaveat) {
    Series series = sample(test::watts(), grid(0, 30, 0.2), [](double t) { return 20.0 + 0.01 * t; });
    erase(series, 10.0, 12.0);
    erase(series, 20.0, 22.0);
    EXPECT_THAT(codes(one(series)), ElementsAre("meter-gap"));
    EXPECT_THAT(meter_caveats(one(series))[0].sentence, HasSubstr("1 more"));
}

TEST(MeterFaults, NegativeAndEnormousPower) {
    Series series = sample(test::watts(), grid(0, 30, 0.2), [](double t) { return 20.0 + 0.01 * t; });
    series.raw[20] = -1;
    series.raw[40] = 6'000'000'000;
    EXPECT_THAT(codes(one(series)), ElementsAre("power-impossible"));
    EXPECT_THAT(disqualifying_fault(series), IsEmpty());
    std::fill(series.raw.begin(), series.raw.begin() + 100, -1);
    EXPECT_THAT(disqualifying_fault(series), HasSubstr("below 0 W"));
}

TEST(MeterFaults, AGaugeThatNeverChanges) {
    const Series series = sample(test::watts(), grid(0, 30, 0.2), [](double) { return 20.0; });
    EXPECT_THAT(codes(one(series)), ElementsAre("gauge-frozen"));
    EXPECT_THAT(disqualifying_fault(series), HasSubstr("20 W"));
}

TEST(MeterFaults, ABoardThatDrawsLessOrFarMoreThanItsProcessor) {
    for (const double wrong : {1e-3, 1e3}) {
        Trace trace = one(sample(counter(), grid(0, 30, 0.2), [](double t) { return 2.0 * t; }));
        trace.series.push_back(
            sample(test::watts(), grid(0, 30, 0.2), [&](double t) { return wrong * (3.0 + 0.01 * t); }));
        EXPECT_THAT(codes(trace), ElementsAre("power-wrong-unit"));
        const std::vector<RailCandidate> rails = {{trace.series[0].channel, 2.0, std::nullopt, {}},
                                                  {trace.series[1].channel, wrong * 3.0, std::nullopt, {}}};
        EXPECT_THAT(contradiction(rails, 1), testing::Not(IsEmpty()));
        EXPECT_THAT(contradiction(rails, 0), IsEmpty());
    }
}

TEST(MeterFaults, MirroredDiesAreNotedOnce) {
    Channel first = counter();
    first.name = "package-0-die-0";
    Channel second = counter();
    second.name = "package-0-die-1";
    second.rail.index = 1;
    Trace trace = one(sample(first, grid(0, 30, 0.2), [](double t) { return 20.0 * t; }));
    trace.series.push_back(sample(second, grid(0, 30, 0.2), [](double t) { return 20.0 * t; }));
    EXPECT_THAT(codes(trace), ElementsAre("counter-mirrored"));
}

TEST(MeterFaults, RailsThatCannotBeUsedAtAll) {
    EXPECT_EQ(disqualifying_fault(Series{counter(), {}, {}}), "never read");
    EXPECT_EQ(disqualifying_fault(Series{counter(), {0}, {5}}), "read only once");
    EXPECT_THAT(disqualifying_fault(sample(counter(), grid(0, 30, 0.2), [](double) { return 7.0; })),
                HasSubstr("stood still for all"));
    EXPECT_THAT(
        disqualifying_fault(sample(counter(), grid(0, 30, 0.2), [](double t) { return 20.0 * std::min(t, 9.0); })),
        HasSubstr("stood still for 21 of 30"));
}

TEST(MeterFaults, OtherChannelsAreNoneOfItsBusiness) {
    EXPECT_THAT(codes(one(sample(test::rss(), grid(0, 30, 0.2), [](double) { return 1e9; }))), IsEmpty());
    EXPECT_THAT(codes({}), IsEmpty());
}

}  // namespace
}  // namespace landauer
