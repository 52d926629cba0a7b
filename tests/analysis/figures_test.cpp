// Figures of one trial, their independence of where its samples came from, and its grade.
#include "analysis/figures.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "core/metrics.h"
#include "traces.h"

namespace landauer {
namespace {

using namespace test;
using testing::Contains;
using testing::DoubleNear;
using testing::Key;
using testing::Not;

// Trial from 2.03 to 5.71 s: prefill to 3.17 s, decode to 5.7 s. 5 Hz samples and edges.
TrialRecord trial() {
    TrialRecord t;
    t.key = "P1/r0";
    t.begin_ns = ns(2.03);
    t.end_ns = ns(5.71);
    t.n_prompt = 114;
    t.n_gen = 64;
    t.phases = {{PhaseKind::prefill, ns(2.04), ns(3.17), 113}, {PhaseKind::decode, ns(3.17), ns(5.7), 64}};
    return t;
}

std::vector<double> instants(bool with_phases) {
    std::vector<double> at = grid(0, 8, 0.2);
    at.push_back(2.03);
    at.push_back(5.71);
    if (with_phases) {
        at.insert(at.end(), {2.04, 3.17, 5.7});
    }
    std::sort(at.begin(), at.end());
    return at;
}

// The process runs 1.9 cores from 2.04 to 3.17 s, then 1.5 to 5.7 s; others take 0.1 all along.
double own_cpu(double t) { return 1.9 * std::clamp(t - 2.04, 0.0, 1.13) + 1.5 * std::clamp(t - 3.17, 0.0, 2.53); }

Trace trace() {
    Trace out;
    const auto at = instants(false);
    out.series.push_back(sample(process_cpu(), instants(true), own_cpu));
    out.series.push_back(sample(busy(), at, [](double t) { return own_cpu(t) + 0.1 * t; }));
    out.series.push_back(
        sample({"machine", "steal", "s", ChannelKind::counter, 1e-9, 0}, at, [](double t) { return 0.01 * t; }));
    out.series.push_back(sample(rss(), at, [](double t) { return t < 2 ? 1e6 : 1e6 + 1e5 * t; }));
    out.series.push_back(sample({"memory", "rss_anon", "B", ChannelKind::gauge, 1, 0}, at, [](double) { return 7e5; }));
    out.series.push_back(sample({"memory", "rss_file", "B", ChannelKind::gauge, 1, 0}, at, [](double) { return 3e5; }));
    out.series.push_back(sample({"process", "major_faults", "1", ChannelKind::counter, 1, 0}, at,
                                [](double t) { return t > 3 ? 4 : 1; }));
    out.series.push_back(
        sample({"frequency", "mean", "Hz", ChannelKind::gauge, 1, 0}, at, [](double) { return 2.5e9; }));
    out.series.push_back(
        sample({"thermal", "cpu", "degC", ChannelKind::gauge, 1e-3, 0}, at, [](double t) { return 40 + t; }));
    out.series.push_back(
        sample({"thermal", "acpi", "degC", ChannelKind::gauge, 1e-3, 0}, at, [](double) { return 30; }));
    out.series.push_back(
        sample({"throttle", "core", "1", ChannelKind::counter, 1, 0}, at, [](double t) { return t > 4 ? 2 : 0; }));
    out.series.push_back(sample(package(262'143'328'850), at, [](double t) { return 5 * t + 10 * own_cpu(t); }));
    return out;
}

TEST(TrialFigures, HoldKnownAnswers) {
    const auto f = trial_figures(trace(), trial());
    EXPECT_NEAR(f.at("seconds"), 3.66, 1e-9);
    EXPECT_NEAR(f.at("prefill_s"), 1.13, 1e-9);
    EXPECT_NEAR(f.at("decode_s"), 2.53, 1e-9);
    EXPECT_NEAR(f.at("prefill_ts"), 100.0, 1e-9);
    EXPECT_NEAR(f.at("decode_ts"), 64 / 2.53, 1e-9);
    EXPECT_NEAR(f.at("cpu_s"), 1.9 * 1.13 + 1.5 * 2.53, 1e-8);
    EXPECT_NEAR(f.at("prefill_cpu_s"), 1.9 * 1.13, 1e-8);
    EXPECT_NEAR(f.at("decode_cpu_s"), 1.5 * 2.53, 1e-8);
    EXPECT_NEAR(f.at("cpu_busy_s"), 1.9 * 1.13 + 1.5 * 2.53 + 0.368, 1e-8);
    EXPECT_NEAR(f.at("others_cpu_s"), 0.368, 1e-8);
    EXPECT_NEAR(f.at("steal_s"), 0.0368, 1e-8);
    EXPECT_NEAR(f.at("cpu_percent"), 100 * (1.9 * 1.13 + 1.5 * 2.53) / 3.68, 1e-6);
    EXPECT_NEAR(f.at("rss_peak_bytes"), 1e6 + 1e5 * 5.71, 1);
    EXPECT_NEAR(f.at("rss_anon_bytes"), 7e5, 1e-6);
    EXPECT_NEAR(f.at("rss_file_bytes"), 3e5, 1e-6);
    EXPECT_NEAR(f.at("major_faults"), 3, 1e-12);
    EXPECT_NEAR(f.at("freq_mean_hz"), 2.5e9, 1);
    EXPECT_NEAR(f.at("temperature_max_degc"), 45.71, 1e-3);
    EXPECT_NEAR(f.at("throttle_events"), 2, 1e-12);
}

TEST(TrialFigures, AreTheStoredMetricsAndNothingElse) {
    for (const auto& [name, value] : trial_figures(trace(), trial())) {
        const Metric* const metric = find_metric(name);
        ASSERT_NE(metric, nullptr) << name;
        EXPECT_TRUE(metric->stored) << name;
    }
}

// What the run loop has in memory when it commits, and any other way to hold the same samples.
TEST(TrialFigures, AreBitIdenticalHoweverTheSamplesAreHeld) {
    const Trace whole = trace();
    const TrialRecord t = trial();
    const auto expected = trial_figures(whole, t);
    Trace until_end;  // nothing after the trial yet
    Trace inside;     // what was drained since the trial began
    for (const Series& s : whole.series) {
        Series early{s.channel, {}, {}};
        Series mid{s.channel, {}, {}};
        for (std::size_t i = 0; i < s.size(); ++i) {
            if (s.t_ns[i] <= t.end_ns) {
                early.t_ns.push_back(s.t_ns[i]);
                early.raw.push_back(s.raw[i]);
                if (s.t_ns[i] >= t.begin_ns) {
                    mid.t_ns.push_back(s.t_ns[i]);
                    mid.raw.push_back(s.raw[i]);
                }
            }
        }
        until_end.series.push_back(early);
        inside.series.push_back(mid);
    }
    EXPECT_EQ(trial_figures(until_end, t), expected);
    EXPECT_EQ(trial_figures(inside, t), expected);
    EXPECT_EQ(trial_figures(whole.slice(t.begin_ns, t.end_ns), t), expected);
    for (const double cut : {2.03, 2.5, 3.17, 4.0, 5.69}) {  // drained in two parts, in either order
        Trace merged = whole.slice(0, ns(cut));
        merged.merge(whole.slice(ns(cut), ns(8)));
        EXPECT_EQ(trial_figures(merged, t), expected) << cut;
    }
    Trace shuffled = whole;
    shuffled.require({"powercap", "psys", "J", ChannelKind::counter, 1e-6, 0});  // known but never read
    EXPECT_EQ(trial_figures(shuffled, t), expected);
}

TEST(TrialFigures, WithoutSamplesKeepTheEnginesTimes) {
    const auto f = trial_figures({}, trial());
    EXPECT_THAT(f, testing::SizeIs(5));
    EXPECT_NEAR(f.at("seconds"), 3.66, 1e-9);
    EXPECT_TRUE(trial_figures({}, {}).empty());
}

TEST(TrialFigures, LeaveOutCountersWithoutEdgeSamples) {
    Trace t;
    t.series.push_back(sample(process_cpu(), grid(0, 8, 0.2), own_cpu));
    t.series.push_back(sample(rss(), grid(0, 8, 0.2), [](double) { return 5e6; }));
    const auto f = trial_figures(t, trial());
    EXPECT_THAT(f, Not(Contains(Key("cpu_s"))));
    EXPECT_THAT(f, Contains(Key("rss_peak_bytes")));  // gauges need no edge
}

TEST(TrialFigures, OfAZeroLengthTrialAreFinite) {
    TrialRecord t = trial();
    t.end_ns = t.begin_ns;
    t.phases = {{PhaseKind::prefill, t.begin_ns, t.begin_ns, 5}};
    const auto f = trial_figures(trace(), t);
    EXPECT_EQ(f.at("seconds"), 0.0);
    EXPECT_EQ(f.at("cpu_s"), 0.0);
    EXPECT_THAT(f, Not(Contains(Key("prefill_ts"))));
    EXPECT_THAT(f, Not(Contains(Key("cpu_percent"))));
    for (const auto& [name, value] : f) {
        EXPECT_TRUE(std::isfinite(value)) << name;
    }
}

using FigureMap = std::map<std::string, double>;

TEST(Grade, FollowsOthersAgainstTheTrialsLength) {
    const auto grade = [](double others, double seconds) {
        return grade_trial({{"seconds", seconds}, {"others_cpu_s", others}}).grade;
    };
    EXPECT_EQ(grade(0.0, 1.0), Grade::A);
    EXPECT_EQ(grade(-0.02, 1.0), Grade::A);
    EXPECT_EQ(grade(0.04, 1.0), Grade::A);
    EXPECT_EQ(grade(0.06, 1.0), Grade::B);
    EXPECT_EQ(grade(0.26, 1.0), Grade::C);
    EXPECT_EQ(grade(0.02, 0.05), Grade::A);  // two kernel ticks decide nothing
    EXPECT_EQ(grade(28.0, 10.0), Grade::C);
}

TEST(Grade, FollowsSteal) {
    const auto grade = [](double steal) {
        return grade_trial({{"seconds", 1.0}, {"others_cpu_s", 0.0}, {"steal_s", steal}}).grade;
    };
    EXPECT_EQ(grade(0.01), Grade::A);
    EXPECT_EQ(grade(0.05), Grade::B);
    EXPECT_EQ(grade(0.2), Grade::C);
}

TEST(Grade, NamesEveryReasonWithNumberAndRemedy) {
    const Validity v = grade_trial(
        {{"seconds", 2.0}, {"others_cpu_s", 1.0}, {"steal_s", 0.1}, {"throttle_events", 3.0}, {"major_faults", 900.0}});
    EXPECT_EQ(v.grade, Grade::C);
    std::vector<std::string> codes;
    for (const Caveat& caveat : v.caveats) {
        codes.push_back(caveat.code);
        EXPECT_FALSE(caveat.remedy.empty());
    }
    EXPECT_THAT(codes, testing::ElementsAre("contended", "steal", "throttled", "disk-reads"));
    EXPECT_EQ(v.caveats[0].severity, Severity::spoiled);
    EXPECT_EQ(v.caveats[1].severity, Severity::warning);
    EXPECT_THAT(v.caveats[0].sentence, testing::HasSubstr("1.00 s"));
    EXPECT_THAT(v.caveats[0].sentence, testing::HasSubstr("50 %"));
}

TEST(Grade, IsBWhenContentionCannotBeKnown) {
    const Validity v = grade_trial({{"seconds", 2.0}});
    EXPECT_EQ(v.grade, Grade::B);
    EXPECT_EQ(v.caveats.front().code, "contention-unknown");
    EXPECT_EQ(grade_trial({}).grade, Grade::B);
}

TEST(Grade, SurvivesNaNAndZeroLength) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(grade_trial({{"seconds", nan}, {"others_cpu_s", nan}}).grade, Grade::A);
    EXPECT_EQ(grade_trial({{"seconds", 0.0}, {"others_cpu_s", 1.0}}).grade, Grade::A);
}

}  // namespace
}  // namespace landauer
