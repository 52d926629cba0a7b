#include "store/store.h"

#include <gmock/gmock.h>

#include "sample_data.h"

namespace landauer::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class StoreTest : public ::testing::Test {
   protected:
    TemporaryFolder folder;
    Store store = must(Store::open(folder / "a.db"));
};

// What read_run should give for store_a_run with the same arguments.
RunData expected_run(const RunData& read, int n, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    RunData data;
    data.run = a_run();
    data.run.uuid = read.run.uuid;
    SessionData session{a_session(), {{PhaseKind::load, 5, 900, 0}}, {}};
    session.session.uuid = read.sessions.at(0).session.uuid;
    for (int i = 0; i < n; ++i) {
        data.trials.push_back(a_trial(1, 1, i));
        session.trace.merge(a_trace(random, 1'000'000'000'000 + 3'000'000'000 * std::int64_t{i}, 15));
    }
    data.sessions.push_back(std::move(session));
    return data;
}

TEST_F(StoreTest, ReadsWhatWasCommitted) {
    const std::int64_t id = store_a_run(store, a_run(), 40, 9);
    const RunData data = must(store.read_run(id));
    expect_same(data, expected_run(data, 40, 9));
    EXPECT_EQ(data.run.id, id);
    for (const TrialRecord& trial : data.trials) {
        EXPECT_EQ(trial.run_id, id);
        EXPECT_EQ(trial.session_id, data.sessions[0].session.id);
        EXPECT_GT(trial.id, 0);
    }
    EXPECT_EQ(data.run.uuid.size(), 36U);
}

TEST_F(StoreTest, IsStillThereAfterClosing) {
    const std::int64_t id = store_a_run(store, a_run(), 5);
    const RunData before = must(store.read_run(id));
    store = must(Store::open(folder / "b.db"));
    store = must(Store::open_existing(folder / "a.db"));
    expect_same(must(store.read_run(id)), before);
}

TEST_F(StoreTest, FiguresSurviveBitForBit) {
    const double special[] = {0.0,
                              -0.0,
                              1.0,
                              -1.0,
                              1e300,
                              5e-324,
                              9007199254740993.0,
                              1.0 / 3.0,
                              std::numeric_limits<double>::infinity(),
                              -std::numeric_limits<double>::infinity(),
                              std::numeric_limits<double>::quiet_NaN()};
    const RunRecord run = must(store.add_run(a_run()));
    const std::int64_t session = must(store.begin_session(a_session()));
    TrialRecord trial = a_trial(run.id, session, 0);
    trial.figures.clear();
    for (std::size_t i = 0; i < std::size(special); ++i) {
        trial.figures["f" + std::to_string(i)] = special[i];
    }
    must(store.commit_trial(trial, {}));
    const RunData data = must(store.read_run(run.id));
    for (std::size_t i = 0; i < std::size(special); ++i) {
        EXPECT_TRUE(same_bits(data.trials[0].figures.at("f" + std::to_string(i)), special[i])) << special[i];
    }
}

TEST_F(StoreTest, AModelIsStoredOnce) {
    const std::int64_t id = must(store.add_model(a_model("one")));
    EXPECT_EQ(must(store.add_model(a_model("one"))), id);
    EXPECT_NE(must(store.add_model(a_model("two"))), id);
    ModelRecord moved = a_model("one");
    moved.path = "/elsewhere.gguf";
    EXPECT_NE(must(store.add_model(moved)), id);
}

TEST_F(StoreTest, APlanIsResumedAndAnotherIsNot) {
    const RunRecord first = must(store.resume_or_add_run(a_run("one")));
    EXPECT_EQ(must(store.resume_or_add_run(a_run("one"))).id, first.id);
    EXPECT_EQ(must(store.resume_or_add_run(a_run("one"))).uuid, first.uuid);
    RunRecord moved = a_run("one");
    moved.model.path = "/elsewhere.gguf";
    EXPECT_EQ(must(store.resume_or_add_run(moved)).id, first.id) << "the same weights at another path";
    RunRecord other_plan = a_run("one");
    other_plan.plan_hash = "other";
    EXPECT_NE(must(store.resume_or_add_run(other_plan)).id, first.id);
    RunRecord other_model = a_run("one");
    other_model.model = a_model("two");
    EXPECT_NE(must(store.resume_or_add_run(other_model)).id, first.id);
    EXPECT_NE(must(store.add_run(a_run("one"))).id, first.id);
}

TEST_F(StoreTest, UnhashedModelsAreToldApartByPath) {
    RunRecord a = a_run("one");
    a.model.sha256.clear();
    RunRecord b = a;
    b.model.path = "/other.gguf";
    const std::int64_t id = must(store.resume_or_add_run(a)).id;
    EXPECT_NE(must(store.resume_or_add_run(b)).id, id);
    EXPECT_EQ(must(store.resume_or_add_run(a)).id, id);
}

TEST_F(StoreTest, ALabelIsKeptUnlessAnotherIsGiven) {
    must(store.resume_or_add_run(a_run("one")));
    RunRecord again = a_run("one");
    again.label = "";
    EXPECT_EQ(must(store.resume_or_add_run(again)).label, "label one");
    again.label = "better";
    EXPECT_EQ(must(store.resume_or_add_run(again)).label, "better");
}

TEST_F(StoreTest, FinishedKeysLeaveOutSpoiledTrials) {
    const RunRecord run = must(store.add_run(a_run()));
    const std::int64_t session = must(store.begin_session(a_session()));
    const auto commit = [&](const char* key, Grade grade, int attempt) {
        TrialRecord trial = a_trial(run.id, session, attempt);
        trial.key = key;
        trial.grade = grade;
        trial.attempt = attempt;
        must(store.commit_trial(trial, {}));
    };
    commit("P1/r0", Grade::A, 0);
    commit("P2/r0", Grade::C, 0);
    commit("P2/r0", Grade::C, 1);
    commit("P3/r0", Grade::C, 0);
    commit("P3/r0", Grade::B, 1);
    EXPECT_THAT(must(store.finished_keys(run.id)), UnorderedElementsAre("P1/r0", "P3/r0"));
    EXPECT_EQ(must(store.attempts(run.id, "P2/r0")), 2);
    EXPECT_EQ(must(store.attempts(run.id, "P9/r0")), 0);
    EXPECT_TRUE(must(store.finished_keys(run.id + 1)).empty());
}

TEST_F(StoreTest, SessionsAreUpdatedNotDoubled) {
    const RunRecord run = must(store.add_run(a_run()));
    SessionRecord session = a_session();
    session.id = must(store.begin_session(session));
    must(store.commit_trial(a_trial(run.id, session.id, 0), {}));
    session.ended_utc = "2026-02-02T00:00:00Z";
    session.idle.push_back({PhaseKind::idle, 40, 50, 0});
    session.caveats.push_back({"x", Severity::spoiled, "s", "r"});
    session.environment["backend_features"] = "AVX512";
    session.sampler.ticks = 99;
    must(store.update_session(session));
    must(store.update_session(session));
    const SessionRecord read = must(store.read_run(run.id)).sessions.at(0).session;
    EXPECT_EQ(read.idle, session.idle);
    EXPECT_EQ(read.caveats, session.caveats);
    EXPECT_EQ(read.environment, session.environment);
    EXPECT_EQ(read.ended_utc, session.ended_utc);
    EXPECT_EQ(read.sampler.ticks, 99U);
    session.id = 77;
    EXPECT_FALSE(store.update_session(session));
}

TEST_F(StoreTest, RunsOfOneSessionShareItsTrace) {
    const RunRecord a = must(store.add_run(a_run("one")));
    const RunRecord b = must(store.add_run(a_run("two")));
    const std::int64_t session = must(store.begin_session(a_session()));
    std::mt19937_64 random(1);
    Trace whole;
    for (int i = 0; i < 6; ++i) {
        const Trace part = a_trace(random, 1'000'000'000'000 + 3'000'000'000 * std::int64_t{i}, 15);
        whole.merge(part);
        must(store.commit_trial(a_trial(i % 2 == 0 ? a.id : b.id, session, i), part));
    }
    const Trace idle = a_trace(random, 2'000'000'000'000, 15);
    whole.merge(idle);
    must(store.commit_samples(session, idle));
    const std::int64_t unrelated = store_a_run(store, a_run("three"), 2, 5);
    const RunData of_a = must(store.read_run(a.id));
    EXPECT_EQ(of_a.trials.size(), 3U);
    ASSERT_EQ(of_a.sessions.size(), 1U);
    expect_same(of_a.sessions[0].trace, whole);
    EXPECT_TRUE(of_a.sessions[0].loads.empty());
    EXPECT_NE(must(store.read_run(unrelated)).sessions[0].session.id, session);
}

TEST_F(StoreTest, TrialsComeInOrderOfTimeAcrossSessions) {
    const RunRecord run = must(store.add_run(a_run()));
    const std::int64_t later = must(store.begin_session(a_session("2026-03-01T00:00:00Z")));
    const std::int64_t earlier = must(store.begin_session(a_session("2026-02-01T00:00:00Z")));
    must(store.commit_trial(a_trial(run.id, later, 0), {}));
    must(store.commit_trial(a_trial(run.id, earlier, 3), {}));
    must(store.commit_trial(a_trial(run.id, earlier, 2), {}));
    const RunData data = must(store.read_run(run.id));
    std::vector<std::string> keys;
    for (const TrialRecord& trial : data.trials) {
        keys.push_back(trial.key);
    }
    EXPECT_THAT(keys, ElementsAre("P3/r0", "P4/r0", "P1/r0"));
    ASSERT_EQ(data.sessions.size(), 2U);
    EXPECT_EQ(data.sessions[0].session.id, earlier);
}

TEST_F(StoreTest, ChannelsKeepTheirOrder) {
    const RunRecord run = must(store.add_run(a_run()));
    const std::int64_t first = must(store.begin_session(a_session()));
    const auto one = [](const char* name) { return Series{{"m", name, "s", ChannelKind::gauge, 1.0, 0}, {1}, {1}}; };
    must(store.commit_trial(a_trial(run.id, first, 0), Trace{{one("b"), one("a")}}));
    const std::int64_t second = must(store.begin_session(a_session("2026-04-01T00:00:00Z")));
    must(store.commit_trial(a_trial(run.id, second, 1), Trace{{one("a"), one("b"), one("c")}}));
    const RunData data = must(store.read_run(run.id));
    EXPECT_EQ(data.sessions.at(0).trace.series.at(0).channel.name, "b");
    EXPECT_EQ(data.sessions.at(1).trace.series.at(0).channel.name, "a");
}

// Idle samples may reach the store after a trial's, and overlap them.
TEST_F(StoreTest, SamplesCommittedOutOfOrderAreReadInOrder) {
    const RunRecord run = must(store.add_run(a_run()));
    const std::int64_t session = must(store.begin_session(a_session()));
    const auto part = [](std::vector<std::int64_t> t_ns, std::vector<std::int64_t> raw) {
        return Trace{{Series{{"m", "a", "s", ChannelKind::gauge, 1.0, 0}, std::move(t_ns), std::move(raw)}}};
    };
    must(store.commit_trial(a_trial(run.id, session, 0), part({10, 20, 30}, {1, 2, 3})));
    must(store.commit_samples(session, part({5, 20, 25}, {0, 2, 9})));
    must(store.commit_samples(session, part({40}, {4})));
    const Trace trace = must(store.read_run(run.id)).sessions.at(0).trace;
    EXPECT_THAT(trace.series.at(0).t_ns, ElementsAre(5, 10, 20, 25, 30, 40));
    EXPECT_THAT(trace.series.at(0).raw, ElementsAre(0, 1, 2, 9, 3, 4));
}

TEST_F(StoreTest, ListsRunsAndFindsThemByName) {
    EXPECT_TRUE(must(store.list_runs()).empty());
    EXPECT_EQ(store.find_run("last").error().kind, ErrorKind::Invalid);
    const std::int64_t a = store_a_run(store, a_run("one"), 15);
    const RunRecord b = must(store.add_run(a_run("two")));
    const auto runs = must(store.list_runs());
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_EQ(runs[0].n_trials, 15);
    EXPECT_EQ(runs[0].n_spoiled, 2);
    EXPECT_EQ(runs[0].last_utc, "2026-01-01T01:00:00Z");
    EXPECT_EQ(runs[1].n_trials, 0);
    EXPECT_EQ(runs[1].last_utc, b.created_utc);
    EXPECT_EQ(runs[1].run.model.name, "SmolLM2 two");
    EXPECT_EQ(must(store.find_run("last")), b.id);
    EXPECT_EQ(must(store.find_run(std::to_string(a))), a);
    EXPECT_EQ(must(store.find_run("label one")), a);
    EXPECT_EQ(must(store.find_run(b.uuid)), b.id);
    EXPECT_EQ(store.find_run("nothing").error().kind, ErrorKind::Invalid);
    EXPECT_EQ(store.find_run("1 OR 1=1").error().kind, ErrorKind::Invalid);
    must(store.add_run(a_run("two")));
    EXPECT_EQ(store.find_run("label two").error().kind, ErrorKind::Invalid);
}

TEST_F(StoreTest, RefusesTrialsOfUnknownRuns) {
    const std::int64_t session = must(store.begin_session(a_session()));
    const auto result = store.commit_trial(a_trial(99, session, 0), {});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::Invalid);
    EXPECT_EQ(store.read_run(99).error().kind, ErrorKind::Absent);
    Trace uneven{{Series{{}, {1, 2}, {1}}}};
    EXPECT_EQ(store.commit_samples(session, uneven).error().kind, ErrorKind::Bug);
}

TEST_F(StoreTest, AFailedCommitLeavesNothingOfTheTrial) {
    const RunRecord run = must(store.add_run(a_run()));
    const std::int64_t session = must(store.begin_session(a_session()));
    must(store.commit_trial(a_trial(run.id, session, 0), {}));
    EXPECT_FALSE(store.commit_trial(a_trial(run.id, session, 1), Trace{{Series{{}, {1, 2}, {1}}}}));
    EXPECT_EQ(must(store.read_run(run.id)).trials.size(), 1U);
    must(store.commit_trial(a_trial(run.id, session, 1), {}));
    EXPECT_EQ(must(store.read_run(run.id)).trials.size(), 2U);
}

}  // namespace
}  // namespace landauer::test
