// A planted run, analysed: totals, nets, laws and windows are the planted ones.
#include "analysis/run_analysis.h"

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
using testing::Field;
using testing::HasSubstr;
using testing::Key;
using testing::Not;

const Law1* find_law(const RunAnalysis& a, const std::string& y) {
    const auto found = std::find_if(a.laws.begin(), a.laws.end(), [&](const Law1& law) { return law.y == y; });
    return found == a.laws.end() ? nullptr : &*found;
}

TEST(AnalyseRun, TotalsAreThePlantedOnes) {
    const Plant plant;
    const RunData data = planted_run(plant);
    const RunAnalysis a = analyse(data);
    const double seconds = ladder_seconds(plant);
    const auto expect = [&](const char* metric, double truth, double tolerance) {
        ASSERT_TRUE(a.totals.contains(metric)) << metric;
        const Estimate e = a.totals.at(metric);
        EXPECT_NEAR(e.value, truth, tolerance * std::abs(truth)) << metric;
        EXPECT_LE(e.ci95.low, e.value);
        EXPECT_GE(e.ci95.high, e.value);
    };
    expect("seconds", seconds, 0.01);
    expect("prefill_s", 0.6 * seconds, 0.01);
    expect("cpu_s", seconds * 1.5005, 0.01);
    // A sample shows the interval before it, so each trial's area lacks half a sampling period.
    expect("cpu_auc_pct_s", 150 * (seconds - 19 * 0.1), 0.02);
    expect("cpu_auc_error_pct_s", -150 * 19 * 0.1, 0.3);
    expect("ram_auc_gib_s", seconds, 0.01);
    expect("energy_j", 32 * seconds, 0.01);
    expect("net_energy_j", 20 * seconds, 0.01);
    expect("wh", 20 * seconds / 3600, 0.01);
    expect("tokens", 19 * 64 + 14397, 0.001);
    EXPECT_LT(a.totals.at("seconds").ci95.low, a.totals.at("seconds").value);
    EXPECT_EQ(a.energy.covers, "package-0 (powercap)");
    EXPECT_EQ(a.n_spoiled, 0);
}

TEST(AnalyseRun, TotalIntervalsCoverTheTruth) {
    Plant plant;
    plant.n_prompts = 6;
    plant.noise = 0.05;
    plant.idle_s = 3;
    plant.pause_s = 0.3;
    int covered = 0;
    for (plant.seed = 0; plant.seed < 150; ++plant.seed) {
        const RunData data = planted_run(plant);
        const RunAnalysis a = analyse(data);
        const Interval ci = a.totals.at("seconds").ci95;
        covered += ci.low <= ladder_seconds(plant) && ladder_seconds(plant) <= ci.high ? 1 : 0;
    }
    EXPECT_GE(covered, 132);
    EXPECT_LE(covered, 149);
}

TEST(AnalyseRun, PromptsComeInLadderOrderWithTheirEstimates) {
    const RunData data = planted_run();
    const RunAnalysis a = analyse(data);
    ASSERT_EQ(a.prompts.size(), 19U);
    EXPECT_EQ(a.prompts[1].prompt_id, "P2");
    EXPECT_EQ(a.prompts[9].prompt_id, "P10");
    EXPECT_EQ(a.prompts[9].n_prompt, 758);
    EXPECT_EQ(a.prompts[9].n_gen, 64);
    EXPECT_EQ(a.prompts[9].n_valid, 3);
    const double truth = Plant::seconds(758);
    EXPECT_NEAR(a.prompts[9].figures.at("seconds").value, truth, 0.04 * truth);
    EXPECT_GT(a.prompts[9].sd.at("seconds"), 0.0);
    EXPECT_NEAR(a.prompts[9].figures.at("j_per_token").value, 20 * truth / (758 + 64), 0.002);
    for (const auto& [metric, estimate] : a.prompts[9].figures) {
        EXPECT_NE(find_metric(metric), nullptr) << metric;
    }
}

TEST(AnalyseRun, NamesTheBaselinesByTheirPlace) {
    const RunData data = planted_run();
    const RunAnalysis a = analyse(data);
    ASSERT_EQ(a.idle.size(), 3U);
    EXPECT_EQ(a.idle[0].where, "before_load");
    EXPECT_EQ(a.idle[1].where, "before");
    EXPECT_EQ(a.idle[2].where, "after");
    EXPECT_EQ(a.idle[2].session_id, 7);
    EXPECT_NEAR(a.idle[1].means.at("power_w").value, 12, 0.01);
    EXPECT_NEAR(a.idle[1].means.at("cpu_percent").value, 2, 0.05);
}

TEST(AnalyseRun, FitsThePlantedLaws) {
    const RunData data = planted_run();
    const RunAnalysis a = analyse(data);
    std::vector<std::string> names;
    for (const Law1& law : a.laws) {
        names.push_back(law.y);
    }
    EXPECT_THAT(names, testing::ElementsAre("seconds", "prefill_s", "decode_s", "cpu_s", "cpu_auc_pct_s",
                                            "ram_auc_gib_s", "net_energy_j", "prefill_net_j", "decode_net_j"));
    const LawCard& seconds = find_law(a, "seconds")->paper_form.card;
    EXPECT_NEAR(seconds.terms[0].coefficient.value, 0.3, 0.03);
    EXPECT_NEAR(seconds.terms[1].coefficient.value, 0.002, 5e-5);
    EXPECT_EQ(seconds.scope.at("machine"), "Test CPU");
    EXPECT_EQ(seconds.scope.at("engine"), "abc");
    EXPECT_EQ(seconds.scope.at("model"), "planted");
    const LawCard& joules = find_law(a, "net_energy_j")->paper_form.card;
    EXPECT_NEAR(joules.terms[1].coefficient.value, 0.04, 1e-3);
    EXPECT_EQ(joules.y_unit, "J");
    EXPECT_THAT(a.caveats, has_caveat("n-out-not-separable"));
    EXPECT_EQ(std::count_if(a.caveats.begin(), a.caveats.end(),
                            [](const Caveat& c) { return c.code == "n-out-not-separable"; }),
              1);
}

TEST(AnalyseRun, LawsCountTokensThatWereProcessed) {
    RunData data = planted_run();
    for (TrialRecord& t : data.trials) {  // a cache held 10 tokens of each prompt
        t.n_prompt += 10;
        t.n_reused = 10;
    }
    const RunAnalysis a = analyse(data);
    EXPECT_EQ(find_law(a, "seconds")->paper_form.card.x_min, 15);
    EXPECT_EQ(a.totals.at("tokens").value, 19 * 64 + 14397);
}

TEST(AnalyseRun, DetectsTheMarkedWindows) {
    const RunData data = planted_run();
    const RunAnalysis a = analyse(data);
    ASSERT_EQ(a.windows.size(), 1U);
    EXPECT_EQ(a.windows[0].marked.size(), 57U);
    EXPECT_GE(a.windows[0].n_resolvable, 50);
    EXPECT_GE(a.windows[0].n_matched, a.windows[0].n_resolvable * 9 / 10);
    EXPECT_LT(a.windows[0].median_edge_error_s, 0.05);
}

TEST(AnalyseRun, ALoadBetweenTrialsIsNoWindow) {
    RunData data = planted_run();
    const std::size_t before = analyse(data).windows[0].detected.size();
    const TrialRecord burst = data.trials[30];
    data.trials.erase(data.trials.begin() + 30);
    EXPECT_EQ(analyse(data).windows[0].detected.size(), before);  // unmarked, and seen
    data.sessions[0].loads.push_back({PhaseKind::load, burst.begin_ns, burst.end_ns, 0});
    EXPECT_EQ(analyse(data).windows[0].detected.size(), before - 1);
}

TEST(AnalyseRun, SpoiledTrialsEnterNoFigureAndAreNamed) {
    RunData data = planted_run();
    const RunAnalysis clean = analyse(data);
    TrialRecord bad = data.trials[4];
    bad.id = 999;
    bad.attempt = 1;
    bad.grade = Grade::C;
    bad.figures = {{"seconds", 1e6}, {"cpu_s", 1e6}};
    bad.caveats = {{"contended", Severity::spoiled, "Others were busy.", "Wait."}};
    bad.n_gen = 1;
    data.trials.insert(data.trials.end(), 4, bad);
    const RunAnalysis a = analyse(data);
    EXPECT_EQ(a.totals, clean.totals);
    EXPECT_EQ(a.n_spoiled, 4);
    EXPECT_EQ(a.prompts[4].n_spoiled, 4);
    EXPECT_EQ(a.prompts[4].n_gen, 64);
    EXPECT_EQ(a.prompts[4].n_valid, 3);
    EXPECT_THAT(a.caveats, has_caveat("spoiled-trials"));
    EXPECT_THAT(a.caveats, Contains(Field(&Caveat::sentence, HasSubstr("P5/r0"))));
    EXPECT_THAT(a.caveats, has_caveat("contended"));
}

TEST(AnalyseRun, SaysWhichPromptsHaveNoValidTrial) {
    RunData data = planted_run();
    for (TrialRecord& t : data.trials) {
        if (t.prompt_id == "P3") {
            t.grade = Grade::C;
        }
    }
    const RunAnalysis a = analyse(data);
    EXPECT_EQ(a.prompts[2].n_valid, 0);
    EXPECT_EQ(a.prompts[2].n_prompt, 180);
    EXPECT_TRUE(a.prompts[2].figures.empty());
    EXPECT_THAT(a.caveats, Contains(testing::AllOf(Field(&Caveat::code, "prompts-missing"),
                                                   Field(&Caveat::sentence, HasSubstr("P3")))));
    EXPECT_EQ(a.caveats.front().severity, Severity::spoiled);  // worst first
}

TEST(AnalyseRun, DoesNotDependOnTheOrderOfTrials) {
    RunData data = planted_run();
    const RunAnalysis once = analyse(data);
    std::mt19937_64 random(3);
    for (std::size_t i = data.trials.size(); i > 1; --i) {
        std::swap(data.trials[i - 1], data.trials[IndexDraws(random, i)()]);
    }
    const RunAnalysis again = analyse(data);
    EXPECT_EQ(once.totals, again.totals);
    EXPECT_EQ(once.caveats, again.caveats);
    ASSERT_EQ(once.prompts.size(), again.prompts.size());
    for (std::size_t i = 0; i < once.prompts.size(); ++i) {
        EXPECT_EQ(once.prompts[i].figures, again.prompts[i].figures);
        EXPECT_EQ(once.prompts[i].sd, again.prompts[i].sd);
    }
    ASSERT_EQ(once.laws.size(), again.laws.size());
    for (std::size_t i = 0; i < once.laws.size(); ++i) {
        EXPECT_EQ(once.laws[i].paper_form.card, again.laws[i].paper_form.card);
    }
    ASSERT_EQ(once.trials.size(), again.trials.size());
    for (std::size_t i = 0; i < once.trials.size(); ++i) {
        EXPECT_EQ(once.trials[i].figures, again.trials[i].figures);
        EXPECT_EQ(data.trials[again.trials[i].index].id, again.trials[i].trial_id);
    }
}

TEST(AnalyseRun, StoredFiguresAndSamplesGiveTheSame) {
    RunData data = planted_run();
    const RunAnalysis once = analyse(data);
    for (std::size_t i = 0; i < data.trials.size(); ++i) {
        data.trials[i].figures = once.trials[i].figures;
    }
    EXPECT_EQ(analyse(data).totals, once.totals);
}

TEST(AnalyseRun, NetEnergyCarriesTheBaselinesDrift) {
    RunData data = planted_run();
    const double steady =
        analyse(data).totals.at("net_energy_j").ci95.high - analyse(data).totals.at("net_energy_j").value;
    Series& joules = data.sessions[0].trace.series.back();
    const PhaseRecord after = data.sessions[0].session.idle.back();
    for (std::size_t i = 0; i < joules.size(); ++i) {  // 3 W more in the last baseline
        const std::int64_t late = std::max<std::int64_t>(0, joules.t_ns[i] - after.begin_ns);
        joules.raw[i] += 3 * late / 1000;
    }
    const RunAnalysis a = analyse(data);
    const Estimate net = a.totals.at("net_energy_j");
    EXPECT_NEAR(net.value, (20 - 1.5) * ladder_seconds({}), 3);  // between 12 and 15 W, trials spread evenly
    EXPECT_GT(net.ci95.high - net.value, steady + 0.1 * 3 * ladder_seconds({}));
    EXPECT_TRUE(a.idle.back().contaminated);
    EXPECT_THAT(a.caveats, has_caveat("idle-drift"));
    AnalysisOptions strict = quick();
    strict.strict = true;
    const auto refused = analyse_run(data, strict);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::Refused);
    EXPECT_FALSE(refused.error().remedy.empty());
}

TEST(AnalyseRun, StrictAcceptsAQuietRun) {
    AnalysisOptions strict = quick();
    strict.strict = true;
    const RunData data = planted_run();
    EXPECT_TRUE(analyse_run(data, strict));
}

// A wall meter beside the package: 30 % more, and 5 W of its own.
TEST(AnalyseRun, NamedMetersStandSideBySideAndAreNeverAdded) {
    RunData data = planted_run();
    Series wall = data.sessions[0].trace.series.back();
    wall.channel = {"plug-shelly", "socket", "J", ChannelKind::counter, 1e-6, 0, Rail{RailKind::wall}};
    for (std::size_t i = 0; i < wall.size(); ++i) {
        wall.raw[i] = wall.raw[i] * 13 / 10 + 5 * (wall.t_ns[i] - wall.t_ns[0]) / 1000;
    }
    data.sessions[0].trace.series.push_back(wall);
    const double net = 20 * ladder_seconds({});
    const RunAnalysis widest = analyse(data);
    EXPECT_EQ(widest.energy.covers, "socket (plug-shelly)");
    EXPECT_NEAR(widest.totals.at("net_energy_j").value, 1.3 * net, 0.02 * net);
    EXPECT_TRUE(widest.by_meter.empty()) << "none was named";
    data.run.settings["meter"] = "powercap,plug-shelly";
    const RunAnalysis both = analyse(data);
    EXPECT_EQ(both.energy.covers, "package-0 (powercap)");
    EXPECT_NEAR(both.totals.at("net_energy_j").value, net, 0.02 * net);
    ASSERT_EQ(both.by_meter.size(), 2U);
    EXPECT_EQ(both.by_meter[0].meter, "powercap");
    EXPECT_NEAR(both.by_meter[0].totals.at("net_energy_j").value, net, 0.02 * net);
    EXPECT_NEAR(both.by_meter[1].totals.at("net_energy_j").value, 1.3 * net, 0.02 * net);
    EXPECT_NEAR(both.by_meter[1].totals.at("wh").value, 1.3 * net / 3600, 0.02 * net / 3600);
    data.run.settings["meter"] = "none";
    EXPECT_FALSE(analyse(data).totals.contains("energy_j"));
}

// What repeats in every trial does not average out: it stays in the law's coefficients.
TEST(AnalyseRun, TheMetersAccuracyIsInTheLawOfJoules) {
    RunData data = planted_run();
    const auto slope_half = [&] {
        const RunAnalysis a = analyse(data);
        const Estimate slope = find_law(a, "net_energy_j")->paper_form.card.terms[1].coefficient;
        return 0.5 * (slope.ci95.high - slope.ci95.low) / slope.value;
    };
    const double exact = slope_half();
    data.sessions[0].trace.series.back().channel.rail.accuracy = 0.1;
    EXPECT_NEAR(slope_half(), std::hypot(exact, 0.1), 0.005);
}

TEST(AnalyseRun, PhasesMakeUpTheTrial) {
    const RunAnalysis a = analyse(planted_run());
    for (const TrialNet& trial : a.trials) {
        EXPECT_NEAR(trial.figures.at("prefill_net_j") + trial.figures.at("decode_net_j"),
                    trial.figures.at("net_energy_j"), 1e-3);
        EXPECT_NEAR(trial.figures.at("prefill_net_j") / trial.figures.at("net_energy_j"), 0.6, 0.01);
    }
}

TEST(AnalyseRun, TwoSessionsAreEachNetOfTheirOwnBaselines) {
    Plant one;
    one.n_repetitions = 1;
    Plant two = one;
    two.session_id = 8;
    two.idle_w = 30;
    two.seed = 2;
    RunData data = planted_run(one);
    RunData other = planted_run(two);
    for (TrialRecord& t : other.trials) {
        t.id += 100;
    }
    data.trials.insert(data.trials.end(), other.trials.begin(), other.trials.end());
    data.sessions.push_back(std::move(other.sessions[0]));
    const RunAnalysis a = analyse(data);
    EXPECT_EQ(a.prompts[0].n_valid, 2);
    EXPECT_NEAR(a.totals.at("net_energy_j").value, 20 * ladder_seconds(one), 10);
    EXPECT_EQ(a.windows.size(), 2U);
    EXPECT_EQ(a.idle.size(), 6U);
}

TEST(AnalyseRun, TrialsOnAFilledCacheAreInNoLaw) {
    RunData data = planted_run();
    for (std::size_t i = 0; i < 19; ++i) {
        data.trials[i].n_depth = 256;
    }
    const RunAnalysis a = analyse(data);
    EXPECT_EQ(find_law(a, "seconds")->paper_form.card.n_trials, 38);
    EXPECT_THAT(a.caveats, has_caveat("depth-left-out"));
}

}  // namespace
}  // namespace landauer
