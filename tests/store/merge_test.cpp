#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>

#include "sample_data.h"
#include "store/store.h"

namespace landauer::test {
namespace {

class MergeTest : public ::testing::Test {
   protected:
    int count(const char* file, const std::string& table) {
        SQLite::Database db((folder / file).string(), SQLite::OPEN_READONLY);
        return db.execAndGet("SELECT count(*) FROM " + table).getInt();
    }

    TemporaryFolder folder;
    Store a = must(Store::open(folder / "a.db"));
    Store b = must(Store::open(folder / "b.db"));
};

void expect_report(const Store::MergeReport& report, int added, int extended, int skipped, int trials) {
    EXPECT_EQ(report.runs_added, added);
    EXPECT_EQ(report.runs_extended, extended);
    EXPECT_EQ(report.runs_skipped, skipped);
    EXPECT_EQ(report.trials_added, trials);
}

TEST_F(MergeTest, CopiesRunsWholeAndOnlyOnce) {
    // Another channel order and other ids in the target must not matter.
    const std::int64_t own = store_a_run(a, a_run("own"), 3, 5);
    const std::int64_t one = store_a_run(b, a_run("one"), 10, 6);
    const std::int64_t two = store_a_run(b, a_run("two"), 4, 7);
    const RunData own_before = must(a.read_run(own));
    expect_report(must(a.merge_from(b)), 2, 0, 0, 14);
    expect_report(must(a.merge_from(b)), 0, 0, 2, 0);
    const auto runs = must(a.list_runs());
    ASSERT_EQ(runs.size(), 3U);
    expect_same(must(a.read_run(runs[1].run.id)), must(b.read_run(one)));
    expect_same(must(a.read_run(runs[2].run.id)), must(b.read_run(two)));
    expect_same(must(a.read_run(own)), own_before);
    // And back again: only the third run is new there.
    expect_report(must(b.merge_from(a)), 1, 0, 2, 3);
}

TEST_F(MergeTest, TakesOnlyTheRunsAskedFor) {
    store_a_run(b, a_run("one"), 2, 6);
    const std::int64_t two = store_a_run(b, a_run("two"), 4, 7);
    expect_report(must(a.merge_from(b, {two})), 1, 0, 0, 4);
    EXPECT_EQ(must(a.list_runs()).at(0).run.label, "label two");
    EXPECT_EQ(a.merge_from(b, {99}).error().kind, ErrorKind::Absent);
}

TEST_F(MergeTest, AnEarlierCopyIsExtended) {
    const RunRecord run = must(b.add_run(a_run()));
    SessionRecord session = a_session();
    session.ended_utc.clear();
    session.id = must(b.begin_session(session));
    std::mt19937_64 random(3);
    must(b.commit_trial(a_trial(run.id, session.id, 0), a_trace(random, 0, 15)));
    must(a.merge_from(b));
    must(b.commit_trial(a_trial(run.id, session.id, 1), a_trace(random, 5'000'000'000, 15)));
    must(b.commit_load(session.id, run.id, {PhaseKind::load, 1, 2, 0}));
    session.ended_utc = "2026-07-07T00:00:00Z";
    session.idle.push_back({PhaseKind::idle, 8, 9, 0});
    must(b.update_session(session));
    expect_report(must(a.merge_from(b)), 0, 1, 0, 1);
    expect_same(must(a.read_run(1)), must(b.read_run(run.id)));
    expect_report(must(a.merge_from(b)), 0, 0, 1, 0);
}

TEST_F(MergeTest, TwoRunsOfOneSessionKeepSharingIt) {
    const RunRecord one = must(b.add_run(a_run("one")));
    const RunRecord two = must(b.add_run(a_run("two")));
    const std::int64_t session = must(b.begin_session(a_session()));
    std::mt19937_64 random(3);
    must(b.commit_trial(a_trial(one.id, session, 0), a_trace(random, 0, 15)));
    must(b.commit_trial(a_trial(two.id, session, 1), a_trace(random, 5'000'000'000, 15)));
    must(a.merge_from(b));
    EXPECT_EQ(count("a.db", "session"), 1);
    expect_same(must(a.read_run(2)), must(b.read_run(two.id)));
}

TEST_F(MergeTest, DeletingARunTakesEverythingOfItAlone) {
    const std::int64_t one = store_a_run(a, a_run("one"), 10, 6);
    const std::int64_t two = store_a_run(a, a_run("two"), 4, 7);
    const RunData kept = must(a.read_run(two));
    must(a.delete_run(one));
    EXPECT_EQ(a.read_run(one).error().kind, ErrorKind::Absent);
    EXPECT_EQ(a.delete_run(one).error().kind, ErrorKind::Absent);
    expect_same(must(a.read_run(two)), kept);
    EXPECT_EQ(count("a.db", "model"), 1);
    EXPECT_EQ(count("a.db", "session"), 1);
    EXPECT_EQ(count("a.db", "sample"), 4);
    must(a.delete_run(two));
    for (const char* table : {"machine", "model", "session", "run", "trial", "phase", "sample", "caveat", "figure"}) {
        EXPECT_EQ(count("a.db", table), 0) << table;
    }
}

TEST_F(MergeTest, ASharedSessionGoesWithItsLastRun) {
    const RunRecord one = must(a.add_run(a_run("one")));
    const RunRecord two = must(a.add_run(a_run("two")));
    const std::int64_t session = must(a.begin_session(a_session()));
    std::mt19937_64 random(3);
    must(a.commit_trial(a_trial(one.id, session, 0), a_trace(random, 0, 15)));
    must(a.commit_trial(a_trial(two.id, session, 1), a_trace(random, 5'000'000'000, 15)));
    const RunData kept = must(a.read_run(two.id));
    must(a.delete_run(one.id));
    expect_same(must(a.read_run(two.id)), kept);
    must(a.delete_run(two.id));
    EXPECT_EQ(count("a.db", "sample"), 0);
}

TEST_F(MergeTest, DeletingGivesTheSpaceBack) {
    const std::int64_t large = store_a_run(a, a_run("large"), 300, 6);
    store_a_run(a, a_run("small"), 1, 7);
    a = must(Store::open(folder / "c.db"));  // closing empties the journal into the file
    const auto before = std::filesystem::file_size(folder / "a.db");
    {
        Store store = must(Store::open(folder / "a.db"));
        must(store.delete_run(large));
    }
    EXPECT_LT(std::filesystem::file_size(folder / "a.db"), before / 2);
}

TEST_F(MergeTest, RunsWithoutIdentityAreRefused) {
    RunData data;
    data.run = a_run();
    EXPECT_EQ(a.add_run_data(data).error().kind, ErrorKind::Invalid);
}

}  // namespace
}  // namespace landauer::test
