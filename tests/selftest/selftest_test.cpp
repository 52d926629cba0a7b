#include "selftest/selftest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace landauer {
namespace {

SelftestOptions few(int n_seeds, std::vector<std::string> only = {}) {
    SelftestOptions options;
    options.n_seeds = n_seeds;
    options.only = std::move(only);
    return options;
}

TEST(Selftest, KeepsItsBoundsOnAFewSeedsOfEveryMachine) {
    const auto report = run_selftest(few(20));
    ASSERT_TRUE(report) << report.error().sentence;
    EXPECT_TRUE(report->passed()) << (report->failures.empty() ? "" : report->failures.front());
    EXPECT_EQ(report->n_seeds, 20);
    EXPECT_EQ(report->scenarios.size(), scenario_table().size());
    for (const ScenarioScore& score : report->scenarios) {
        EXPECT_EQ(score.n_detected + score.n_inside, score.n_faults) << score.name;
        EXPECT_EQ(score.n_faults > 0, score.has_fault) << score.name;
        if (!score.has_fault) {
            EXPECT_EQ(score.n_runs, 20) << score.name;
            EXPECT_EQ(score.n_false_alarms, 0) << score.name;
            EXPECT_EQ(score.n_refused, 0) << score.name;
        }
    }
}

TEST(Selftest, ScenariosHaveNamesOfTheirOwnAndSayWhatTheyEmulate) {
    std::set<std::string> names;
    for (const Scenario& scenario : scenario_table()) {
        EXPECT_TRUE(names.insert(std::string(scenario.name)).second) << scenario.name;
        EXPECT_FALSE(scenario.emulates.empty()) << scenario.name;
        EXPECT_FALSE(scenario.meters.empty()) << scenario.name;
    }
}

TEST(Selftest, OneSeedGivesOneTableHoweverManyThreadsThereAre) {
    SelftestOptions options = few(6);
    options.n_threads = 1;
    const auto one = run_selftest(options);
    options.n_threads = 3;
    const auto three = run_selftest(options);
    ASSERT_TRUE(one && three);
    for (std::size_t i = 0; i < one->scenarios.size(); ++i) {
        EXPECT_EQ(one->scenarios[i].bias_percent, three->scenarios[i].bias_percent) << one->scenarios[i].name;
        EXPECT_EQ(one->scenarios[i].half_width_percent, three->scenarios[i].half_width_percent);
        EXPECT_EQ(one->scenarios[i].n_detected, three->scenarios[i].n_detected);
    }
    options.seed = 77;
    const auto other = run_selftest(options);
    ASSERT_TRUE(other);
    EXPECT_NE(other->all.bias_percent, one->all.bias_percent);
}

std::string first_name() { return std::string(scenario_table().front().name); }

// What a wrong estimator would do; each must be caught on the machine that is easiest to measure.
struct Broken {
    const char* what;
    int n_seeds;  // a wide interval takes many to tell from luck
    std::function<void(NetEnergy&)> harm;
};

class BrokenEstimator : public ::testing::TestWithParam<Broken> {};

TEST_P(BrokenEstimator, IsCaught) {
    SelftestOptions options = few(GetParam().n_seeds, {first_name()});
    options.estimate = [](const EnergyModel& model, Window window) {
        auto energy = model.over(window);
        if (energy && energy->net_j) {
            GetParam().harm(*energy);
        }
        return energy;
    };
    const auto report = run_selftest(options);
    ASSERT_TRUE(report) << report.error().sentence;
    EXPECT_FALSE(report->passed()) << GetParam().what;
    ASSERT_FALSE(report->failures.empty());
    EXPECT_NE(report->failures.front().find(first_name()), std::string::npos) << report->failures.front();
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, BrokenEstimator,
    ::testing::Values(Broken{"reads three percent too much", 60, [](NetEnergy& e) { e.net_j = *e.net_j * 1.03; }},
                      Broken{"forgets to subtract idle", 20, [](NetEnergy& e) { e.net_j = e.gross_j; }},
                      Broken{"gives half of the interval", 60,
                             [](NetEnergy& e) { e.net_error = scaled(e.net_error, 0.5); }},
                      Broken{"gives an interval that always holds", 600,
                             [](NetEnergy& e) { e.net_error = scaled(e.net_error, 4.0); }}));

TEST(Selftest, RunsOfOneKindThatAreTooWideAreCaught) {
    SelftestOptions options = few(600, {"batches"});
    options.estimate = [](const EnergyModel& model, Window window) {
        auto energy = model.over(window);
        if (energy) {  // as if every trial erred to the same side: right for each trial, too wide for their sum
            energy->net_error.shared = std::hypot(energy->net_error.shared, energy->net_error.scatter());
            energy->net_error.own = 0.0;
            energy->net_error.linked.clear();
        }
        return energy;
    };
    const auto report = run_selftest(options);
    ASSERT_TRUE(report) << report.error().sentence;
    ASSERT_FALSE(report->passed());
    EXPECT_NE(report->failures.front().find("batches: 95 % intervals of runs"), std::string::npos)
        << report->failures.front();
}

TEST(Selftest, UnknownScenarioIsRefusedWithTheNamesThereAre) {
    const auto report = run_selftest(few(2, {"no-such-machine"}));
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().kind, ErrorKind::Invalid);
    EXPECT_NE(report.error().remedy.find(first_name()), std::string::npos) << report.error().remedy;
}

TEST(Selftest, NoSeedsAreRefused) {
    const auto report = run_selftest(few(0));
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().kind, ErrorKind::Invalid);
}

}  // namespace
}  // namespace landauer
