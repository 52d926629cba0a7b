#include "run/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>

#include "analysis/figures.h"
#include "temp_folder.h"

namespace landauer {
namespace {

namespace fs = std::filesystem;

// Stops after a number of polls that follow the n-th finished trial.
class Counting final : public RunListener {
   public:
    void trial_ended(const TrialRecord& trial, std::size_t, std::size_t, double) override { keys.push_back(trial.key); }
    std::vector<std::string> keys;
};

// Another process that keeps a core busy while it lives.
class NoisyNeighbour {
   public:
    NoisyNeighbour() : pipe_(popen("while :; do :; done & echo $!", "r")) {  // NOLINT(cert-env33-c)
        static_cast<void>(std::fscanf(pipe_, "%d", &pid_));
    }
    NoisyNeighbour(const NoisyNeighbour&) = delete;
    NoisyNeighbour& operator=(const NoisyNeighbour&) = delete;
    NoisyNeighbour(NoisyNeighbour&&) = delete;
    NoisyNeighbour& operator=(NoisyNeighbour&&) = delete;
    ~NoisyNeighbour() {
        kill(pid_, SIGKILL);
        pclose(pipe_);
    }

   private:
    std::FILE* pipe_;
    int pid_ = 0;
};

class Runner : public ::testing::Test {
   protected:
    void SetUp() override {
        options_.idle_s = 0.0;
        options_.idle_cap_s = 0.0;
        options_.cooldown_cap_s = 0.0;
        options_.rate_hz = 50.0;
    }

    Plan plan(int repetitions = 2, std::size_t models = 1) {
        PlanRequest request;
        request.prompts = {
            {"A", "one", "", ""}, {"B", "one two three", "", ""}, {"C", "one two three four five", "", ""}};
        request.repetitions = repetitions;
        request.n_gen = 4;
        for (std::size_t i = 0; i < models; ++i) {
            request.models.push_back("model" + std::to_string(i));
        }
        return make_plan(request).value();
    }

    std::vector<Candidate> candidates(const Plan& plan, const FakeModel& model = {}) {
        std::vector<Candidate> out;
        for (std::size_t i = 0; i < plan.request.models.size(); ++i) {
            Candidate candidate;
            candidate.settings.model = folder_ / ("m" + std::to_string(i) + ".fake.json");
            std::ofstream(candidate.settings.model) << "{}";
            candidate.engine = make_fake_engine(model);
            candidate.run.plan_hash = plan.hash + "." + std::to_string(i);
            candidate.run.model.path = candidate.settings.model.string();
            candidate.run.model.sha256 = plan.request.models[i];
            candidate.run.model.name = plan.request.models[i];
            out.push_back(std::move(candidate));
        }
        return out;
    }

    Result<RunOutcome> run(const Plan& plan, std::vector<Candidate>& models, const AbortPoll& abort = {}) {
        Store store = Store::open(folder_ / "s.db").value();
        return run_plan(plan, models, store, options_, listener_, abort);
    }

    testing::TempFolder folder_;
    RunnerOptions options_;
    Counting listener_;
};

TEST_F(Runner, RunsEveryTrialOnceAndStoresIt) {
    const Plan p = plan();
    auto models = candidates(p);
    const auto outcome = run(p, models);
    ASSERT_TRUE(outcome) << outcome.error().sentence;
    Store store = Store::open(folder_ / "s.db").value();
    const RunData data = store.read_run(outcome->run_ids.at(0)).value();
    std::set<std::string> keys;
    for (const TrialRecord& trial : data.trials) {
        if (trial.grade != Grade::C) {
            EXPECT_TRUE(keys.insert(trial.key).second) << trial.key;
        }
        EXPECT_EQ(trial.n_gen, 4);
        EXPECT_LE(trial.begin_ns, trial.phases.front().begin_ns);
        EXPECT_GE(trial.end_ns, trial.phases.back().end_ns);
    }
    EXPECT_EQ(keys.size() + outcome->n_spoiled, 6U);
    ASSERT_EQ(data.sessions.size(), 1U);
    EXPECT_EQ(data.sessions[0].loads.size(), 1U);
    EXPECT_EQ(data.sessions[0].session.idle.size(), 3U);
    EXPECT_FALSE(data.sessions[0].session.ended_utc.empty());
}

TEST_F(Runner, ShowsOnePictureAtEverySizeAndReloadsForEach) {
    PlanRequest request;
    request.models = {"model0"};
    request.prompts = {{"scene", "What is this?", "", ""}};
    request.images = {{40, 30}, {80, 60}, {160, 120}};
    request.n_gen = 2;
    const Plan p = make_plan(request).value();
    FakeModel model;
    model.image_px_per_token = 100.0;
    auto models = candidates(p, model);
    std::ofstream(models[0].settings.model) << R"({"image_px_per_token": 100})";
    models[0].settings.image_max_tokens = 50;
    options_.reload = true;
    options_.limits.others_c = 1e9;
    options_.limits.steal_c = 1e9;
    const auto outcome = run(p, models);
    ASSERT_TRUE(outcome) << outcome.error().sentence;
    const RunData data = Store::open(folder_ / "s.db").value().read_run(outcome->run_ids.at(0)).value();
    ASSERT_EQ(data.trials.size(), 3U);
    for (const TrialRecord& trial : data.trials) {
        const auto tokens = std::min<std::int64_t>(trial.image.width * trial.image.height / 100, 50);
        EXPECT_EQ(trial.image.n_tokens, tokens) << trial.key;
        EXPECT_EQ(trial.prompt_id, image_name({trial.image.width, trial.image.height}));
        EXPECT_GT(trial.figures.at("encode_s"), 0.0);
    }
    EXPECT_EQ(data.sessions.at(0).loads.size(), 3U);
}

TEST_F(Runner, StoredFiguresAreWhatTheRawSamplesGive) {
    const Plan p = plan();
    FakeModel model;
    model.busy = 1.0;
    auto models = candidates(p, model);
    const auto outcome = run(p, models);
    ASSERT_TRUE(outcome);
    const RunData data = Store::open(folder_ / "s.db").value().read_run(outcome->run_ids.at(0)).value();
    for (const TrialRecord& trial : data.trials) {
        EXPECT_EQ(trial_figures(data.sessions.at(0).trace, trial), trial.figures) << trial.key;
        EXPECT_GT(trial.figures.at("cpu_s"), 0.0);
    }
}

TEST_F(Runner, ContinuesWhereAnInterruptLeftOff) {
    const Plan p = plan();
    auto models = candidates(p);
    const auto first = run(p, models, [&] { return listener_.keys.size() >= 2; });
    ASSERT_TRUE(first);
    EXPECT_TRUE(first->interrupted);
    EXPECT_EQ(first->n_trials, 2U);
    auto again = candidates(p);
    const auto second = run(p, again);
    ASSERT_TRUE(second);
    EXPECT_FALSE(second->interrupted);
    EXPECT_EQ(second->run_ids, first->run_ids);
    const RunData data = Store::open(folder_ / "s.db").value().read_run(second->run_ids.at(0)).value();
    std::set<std::string> keys;
    for (const TrialRecord& trial : data.trials) {
        keys.insert(trial.key);
    }
    EXPECT_EQ(keys.size(), 6U);
    EXPECT_EQ(data.sessions.size(), 2U);
    auto third_models = candidates(p);
    const auto third = run(p, third_models);
    ASSERT_TRUE(third);
    EXPECT_EQ(third->n_trials, 0U) << "nothing is run twice";
}

// Keeps one core busy as another program would: half of the kernel's accounting is not ours.
TEST_F(Runner, RepeatsContendedTrialsAndTheNextSessionTriesAgain) {
    const Plan p = plan(1);
    FakeModel slow;
    slow.prefill_s = 0.15;
    auto models = candidates(p, slow);
    options_.max_attempts = 2;
    const NoisyNeighbour neighbour;
    const auto first = run(p, models);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->n_spoiled, 3U);
    EXPECT_EQ(first->n_trials, 6U) << "each was tried twice";
    auto again = candidates(p, slow);
    const auto second = run(p, again);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->n_trials, 6U);
    const RunData data = Store::open(folder_ / "s.db").value().read_run(second->run_ids.at(0)).value();
    EXPECT_EQ(std::max_element(data.trials.begin(), data.trials.end(),
                               [](const TrialRecord& a, const TrialRecord& b) { return a.attempt < b.attempt; })
                  ->attempt,
              3);
}

TEST_F(Runner, RunsAgainWhenAsked) {
    const Plan p = plan(1);
    auto models = candidates(p);
    const auto first = run(p, models);
    options_.rerun = true;
    auto again = candidates(p);
    const auto second = run(p, again);
    ASSERT_TRUE(first && second);
    EXPECT_NE(first->run_ids, second->run_ids);
    EXPECT_GE(second->n_trials, 3U);
}

TEST_F(Runner, KeepsEachModelsTrialsInItsOwnRun) {
    const Plan p = plan(2, 2);
    auto models = candidates(p);
    const auto outcome = run(p, models);
    ASSERT_TRUE(outcome) << outcome.error().sentence;
    ASSERT_EQ(outcome->run_ids.size(), 2U);
    Store store = Store::open(folder_ / "s.db").value();
    for (const std::int64_t id : outcome->run_ids) {
        const RunData data = store.read_run(id).value();
        std::set<std::string> keys;
        for (const TrialRecord& trial : data.trials) {
            keys.insert(trial.key);
        }
        EXPECT_EQ(keys.size(), 6U);
    }
    EXPECT_EQ(store.read_run(outcome->run_ids[0])->sessions.at(0).loads.size(), 2U) << "A B B A: A is loaded twice";
}

TEST_F(Runner, AFailingEngineLosesNothingMeasured) {
    const Plan p = plan();
    auto models = candidates(p);
    const auto interrupted = run(p, models, [&] { return listener_.keys.size() >= 3; });
    ASSERT_TRUE(interrupted);
    FakeModel broken;
    broken.fail_at = "load";
    auto bad = candidates(p, broken);
    const auto failed = run(p, bad);
    ASSERT_FALSE(failed);
    EXPECT_FALSE(failed.error().remedy.empty());
    const RunData data = Store::open(folder_ / "s.db").value().read_run(interrupted->run_ids.at(0)).value();
    EXPECT_EQ(data.trials.size(), 3U);
}

}  // namespace
}  // namespace landauer
