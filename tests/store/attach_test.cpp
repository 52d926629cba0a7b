// Another instrument's samples and the caveat that names it: both are stored, or neither.
#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>

#include "sample_data.h"
#include "store/store.h"

namespace landauer::test {
namespace {

using ::testing::HasSubstr;

class Attach : public ::testing::Test {
   protected:
    void SetUp() override {
        run_id = store_a_run(store, a_run(), 3);
        before = must(store.read_run(run_id));
        session_id = before.sessions.at(0).session.id;
    }
    // What another program did to the store meanwhile.
    void meddle(const char* sql) const {
        SQLite::Database((folder / "a.db").string(), SQLite::OPEN_READWRITE).exec(sql);
    }

    TemporaryFolder folder;
    Store store = must(Store::open(folder / "a.db"));
    std::int64_t run_id = 0;
    std::int64_t session_id = 0;
    RunData before;
    const Series socket{{"external", "socket", "W", ChannelKind::gauge, 1e-6, 0, Rail{RailKind::wall}},
                        {10, 20, 30},
                        {5'000'000, 6'000'000, 7'000'000}};
    const Caveat caveat{"meter-attached", Severity::note, "A recording was attached.", "Align it more sharply."};
};

TEST_F(Attach, AddsSamplesAndCaveatAndLeavesTheRestAlone) {
    must(store.attach_samples(session_id, Trace{{socket}}, caveat));
    RunData expected = before;
    expected.sessions.at(0).trace.merge(Trace{{socket}});
    expected.sessions.at(0).session.caveats.push_back(caveat);
    expect_same(must(store.read_run(run_id)), expected);
}

TEST_F(Attach, SamplesThatCannotBeStoredLeaveNoCaveat) {
    const Series uneven{socket.channel, {1, 2}, {1}};
    EXPECT_EQ(store.attach_samples(session_id, Trace{{uneven}}, caveat).error().kind, ErrorKind::Bug);
    expect_same(must(store.read_run(run_id)), before);
}

TEST_F(Attach, ACaveatThatCannotBeStoredLeavesNoSamples) {
    meddle("CREATE TRIGGER no_caveat BEFORE INSERT ON caveat BEGIN SELECT RAISE(ABORT, 'no'); END");
    EXPECT_FALSE(store.attach_samples(session_id, Trace{{socket}}, caveat));
    meddle(
        "DROP TRIGGER no_caveat; CREATE TRIGGER no_sample BEFORE INSERT ON sample BEGIN SELECT RAISE(ABORT, 'no'); "
        "END");
    EXPECT_FALSE(store.attach_samples(session_id, Trace{{socket}}, caveat));
    meddle("DROP TRIGGER no_sample");
    expect_same(must(store.read_run(run_id)), before);
}

TEST_F(Attach, AnUnknownSessionIsRefused) {
    const auto done = store.attach_samples(session_id + 1, Trace{{socket}}, caveat);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(done.error().sentence, HasSubstr("not in this store"));
    EXPECT_FALSE(done.error().remedy.empty());
}

}  // namespace
}  // namespace landauer::test
