// Runs that lack something: baselines, repetitions, samples, rails, trials.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/stats.h"
#include "core/metrics.h"
#include "planted_analysis.h"

namespace landauer {
namespace {

using namespace test;
using testing::Contains;
using testing::HasSubstr;
using testing::Key;
using testing::Not;

TEST(AnalyseIncomplete, SurvivesEmptyRuns) {
    const RunData nothing;
    const RunAnalysis a = analyse(nothing);
    EXPECT_THAT(a.caveats, has_caveat("no-valid-trials"));
    EXPECT_TRUE(a.totals.empty());
    EXPECT_TRUE(a.laws.empty());
    RunData idle_only = planted_run();
    idle_only.trials.clear();
    EXPECT_EQ(analyse(idle_only).idle.size(), 3U);
    RunData samples_gone = planted_run();
    samples_gone.sessions[0].trace = {};
    EXPECT_TRUE(analyse(samples_gone).totals.contains("seconds"));
    RunData no_session = planted_run();
    no_session.sessions.clear();
    EXPECT_TRUE(analyse(no_session).totals.contains("seconds"));
}

TEST(AnalyseIncomplete, OneTrialHasFiguresAndNoLaw) {
    RunData data = planted_run();
    data.trials.resize(1);
    const RunAnalysis a = analyse(data);
    EXPECT_TRUE(a.totals.contains("seconds"));
    EXPECT_TRUE(a.laws.empty());
    EXPECT_THAT(a.caveats, has_caveat("no-law"));
}

TEST(AnalyseIncomplete, FiguresThatAreNotFiniteCountAsAbsent) {
    RunData data = planted_run();
    data.trials[0].figures = {{"seconds", std::numeric_limits<double>::quiet_NaN()}, {"cpu_s", 1.0}};
    const RunAnalysis a = analyse(data);
    for (const auto& [metric, e] : a.totals) {
        EXPECT_TRUE(std::isfinite(e.value) && std::isfinite(e.ci95.low) && std::isfinite(e.ci95.high)) << metric;
    }
    EXPECT_EQ(a.prompts[0].n_valid, 3);
    EXPECT_NEAR(a.totals.at("seconds").value, ladder_seconds({}), 0.5);
}

TEST(AnalyseIncomplete, WithoutBaselinesIsGrossAndSaysSo) {
    RunData data = planted_run();
    data.sessions[0].session.idle.clear();
    const RunAnalysis a = analyse(data);
    EXPECT_THAT(a.caveats, has_caveat("cpu-auc-gross"));
    EXPECT_THAT(a.caveats, has_caveat("ram-auc-gross"));
    EXPECT_THAT(a.caveats, has_caveat("no-idle-power"));
    EXPECT_NEAR(a.totals.at("ram_auc_gib_s").value, 1.25 * ladder_seconds({}), 0.5);
    EXPECT_THAT(a.totals, Not(Contains(Key("net_energy_j"))));
    EXPECT_THAT(a.totals, Contains(Key("energy_j")));
}

TEST(AnalyseIncomplete, ABaselineThatIsNotBeforeTheLoadIsNoRamBaseline) {
    RunData data = planted_run();
    auto& idle = data.sessions[0].session.idle;
    idle.erase(idle.begin());
    const RunAnalysis a = analyse(data);
    EXPECT_EQ(a.idle[0].where, "before");
    EXPECT_THAT(a.caveats, has_caveat("ram-auc-gross"));
    EXPECT_THAT(a.caveats, Not(has_caveat("cpu-auc-gross")));
}

TEST(AnalyseIncomplete, OneRepetitionHasNoSpreadAndSaysSo) {
    Plant plant;
    plant.n_repetitions = 1;
    const RunData data = planted_run(plant);
    const RunAnalysis a = analyse(data);
    const Estimate seconds = a.prompts[0].figures.at("seconds");
    EXPECT_EQ(seconds.ci95, (Interval{seconds.value, seconds.value}));
    EXPECT_FALSE(a.prompts[0].sd.contains("seconds"));
    EXPECT_THAT(a.caveats, has_caveat("one-repetition"));
}

TEST(AnalyseIncomplete, ARailUnreadDuringATrialIsTakenFromItsNextReadings) {
    RunData data = planted_run();
    const TrialRecord& first = data.trials[0];
    Series dram{package(), {}, {}};
    dram.channel.name = "package-0/dram";
    dram.channel.rail.kind = RailKind::dram;
    const Series& whole = data.sessions[0].trace.series.back();
    for (std::size_t i = 0; i < whole.size(); ++i) {
        if (whole.t_ns[i] < first.begin_ns || whole.t_ns[i] > first.end_ns) {
            dram.t_ns.push_back(whole.t_ns[i]);
            dram.raw.push_back(whole.raw[i]);
        }
    }
    data.sessions[0].trace.series.push_back(dram);
    const RunAnalysis a = analyse(data);
    EXPECT_EQ(a.energy.covers, "package-0 + package-0/dram (powercap)");
    const double seconds = static_cast<double>(first.end_ns - first.begin_ns) * 1e-9;
    EXPECT_NEAR(a.trials[0].figures.at("energy_j"), 2 * 32 * seconds, 0.01) << "rest outside it is known";
    EXPECT_NEAR(a.totals.at("net_energy_j").value, 40 * ladder_seconds({}), 15);
}

TEST(AnalyseIncomplete, ASlowPowerMeterIsReadOffTheWholeTrace) {
    Plant plant;
    plant.energy = false;
    RunData data = planted_run(plant);
    EXPECT_THAT(analyse(data).totals, Not(Contains(Key("energy_j"))));
    // One reading a second, none at the edges of trials.
    data.sessions[0].trace.series.push_back(sample(watts(), grid(4, 400, 1.0), [](double t) {
        return 12.0 + (std::fmod(t, 2.0) < 0.5 ? 1e-5 : 0.0);  // one that never changes would not be believed
    }));
    const RunAnalysis a = analyse(data);
    EXPECT_NEAR(a.totals.at("energy_j").value, 12 * ladder_seconds(plant), 2);
    EXPECT_NEAR(a.totals.at("net_energy_j").value, 0.0, 2e-3);
}

}  // namespace
}  // namespace landauer
