#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>

#include <sstream>

#include "sample_data.h"
#include "store/migrations.h"
#include "store/store.h"

namespace landauer::test {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

RunScores some_scores(const RunData& run, const std::string& references = "aa", double similarity = 61.5) {
    RunScores scores;
    scores.run_id = run.run.id;
    scores.references = "19 answers by a person";
    scores.references_sha256 = references;
    scores.embedder = "MiniLM";
    scores.embedder_sha256 = "ee";
    scores.rule = "best";
    scores.n_without_reference = 2;
    scores.caveats = {{"references-missing", Severity::warning, "2 of 4.", "Add them."}};
    for (const TrialRecord& trial : run.trials) {
        scores.answers.push_back({trial.id, trial.prompt_id, trial.repetition, similarity, 1.0, 0.5, "cut-off"});
    }
    scores.answers.back().exact_match.reset();
    scores.answers.back().keyword_recall.reset();
    scores.answers.back().defect.clear();
    return scores;
}

TextScore a_text_score(const std::string& model, const std::string& base = "b") {
    TextScore score;
    score.model_sha256 = model;
    score.base_sha256 = base;
    score.text_sha256 = "t";
    score.n_ctx = 512;
    score.n_tokens = 4096;
    score.perplexity = {21.5, {20.0, 23.0}};
    if (!base.empty()) {
        score.ln_ppl_ratio = Estimate{0.1 + 0.2, {0.2, 0.4}};
        score.kl_mean = Estimate{0.05, {0.04, 0.06}};
        score.kl_p99 = 1.5;
        score.same_top = Estimate{0.9, {0.85, 0.95}};
    }
    return score;
}

// Of the same run in two stores, whose ids differ.
void expect_same_scores(const RunScores& a, const RunScores& b) {
    const auto fields = [](const RunScores& s) {
        return std::tie(s.references, s.references_sha256, s.embedder, s.embedder_sha256, s.rule, s.n_without_reference,
                        s.caveats);
    };
    EXPECT_TRUE(fields(a) == fields(b));
    ASSERT_EQ(a.answers.size(), b.answers.size());
    for (std::size_t i = 0; i < a.answers.size(); ++i) {
        AnswerScore one = a.answers[i];
        one.trial_id = b.answers[i].trial_id;
        EXPECT_TRUE(one == b.answers[i]) << i;
    }
}

class ScoresTest : public ::testing::Test {
   protected:
    RunData a_stored_run(const std::string& tag = "one", int n = 4) {
        return must(store.read_run(store_a_run(store, a_run(tag), n)));
    }
    int count(const std::string& table) {
        SQLite::Database db((folder / "a.db").string(), SQLite::OPEN_READONLY);
        return db.execAndGet("SELECT count(*) FROM " + table).getInt();
    }

    TemporaryFolder folder;
    Store store = must(Store::open(folder / "a.db"));
};

TEST_F(ScoresTest, ComeBackNewestFirst) {
    const RunData run = a_stored_run();
    must(store.put_scores(some_scores(run, "aa")));
    must(store.put_scores(some_scores(run, "bb")));
    auto sets = must(store.read_scores(run.run.id));
    ASSERT_THAT(sets, SizeIs(2));
    EXPECT_EQ(sets[0], some_scores(run, "bb"));
    EXPECT_EQ(sets[1], some_scores(run, "aa"));
    // The same again takes its place and becomes the newest.
    must(store.put_scores(some_scores(run, "aa", 70.0)));
    sets = must(store.read_scores(run.run.id));
    ASSERT_THAT(sets, SizeIs(2));
    EXPECT_EQ(sets[0], some_scores(run, "aa", 70.0));
    EXPECT_EQ(must(store.read_run(run.run.id)).scores, sets);
}

TEST_F(ScoresTest, ASimilarityThatIsNoneStaysNone) {
    const RunData run = a_stored_run();
    must(store.put_scores(some_scores(run, "aa", kNone)));
    EXPECT_TRUE(std::isnan(must(store.read_scores(run.run.id)).at(0).answers.at(0).similarity));
}

TEST_F(ScoresTest, TrialsOfAnotherRunAreRefused) {
    const RunData one = a_stored_run("one");
    const RunData two = a_stored_run("two");
    RunScores scores = some_scores(one);
    scores.run_id = two.run.id;
    EXPECT_EQ(store.put_scores(scores).error().kind, ErrorKind::Invalid);
    scores.run_id = 99;
    EXPECT_EQ(store.put_scores(scores).error().kind, ErrorKind::Absent);
    EXPECT_EQ(store.read_scores(99).error().kind, ErrorKind::Absent);
    EXPECT_EQ(count("score"), 0);
}

TEST_F(ScoresTest, GoWithTheirRun) {
    const RunData one = a_stored_run("one");
    const RunData two = a_stored_run("two");
    must(store.put_scores(some_scores(one)));
    must(store.put_scores(some_scores(two)));
    must(store.delete_run(one.run.id));
    EXPECT_EQ(count("score_set"), 1);
    EXPECT_EQ(count("score"), 4);
    EXPECT_THAT(must(store.read_scores(two.run.id)), SizeIs(1));
}

TEST_F(ScoresTest, OfTextsAreFoundByWhatTheyAreOf) {
    must(store.put_text_score(a_text_score("m")));
    must(store.put_text_score(a_text_score("m", "")));
    EXPECT_EQ(must(store.find_text_score("m", "b", "t", 512)), a_text_score("m"));
    EXPECT_EQ(must(store.find_text_score("m", "", "t", 512)), a_text_score("m", ""));
    EXPECT_EQ(must(store.find_text_score("m", "b", "t", 256)), std::nullopt);
    EXPECT_EQ(must(store.find_text_score("x", "b", "t", 512)), std::nullopt);
    TextScore again = a_text_score("m");
    again.n_tokens = 1;
    must(store.put_text_score(again));
    EXPECT_EQ(must(store.find_text_score("m", "b", "t", 512)), again);
}

TEST_F(ScoresTest, MergeCarriesThem) {
    a_stored_run("before");  // other ids in the target
    Store other = must(Store::open(folder / "b.db"));
    const RunData run = must(other.read_run(store_a_run(other, a_run("one"), 3)));
    must(other.put_scores(some_scores(run, "aa", 42.0)));
    must(other.put_scores(some_scores(run, "bb")));
    must(other.put_text_score(a_text_score(run.run.model.sha256)));
    must(store.merge_from(other));
    const auto sets = must(store.read_scores(2));
    ASSERT_THAT(sets, SizeIs(2));
    expect_same_scores(sets[0], must(other.read_scores(run.run.id))[0]);
    EXPECT_EQ(sets[0].references_sha256, "bb");
    EXPECT_TRUE(must(store.find_text_score(run.run.model.sha256, "b", "t", 512)).has_value());
    EXPECT_EQ(must(store.merge_from(other)).runs_skipped, 1);
    // Scored later in the other store: the run that is here gets them.
    must(other.put_scores(some_scores(run, "cc")));
    EXPECT_EQ(must(store.merge_from(other)).runs_extended, 1);
    EXPECT_EQ(must(store.read_scores(2)).at(0).references_sha256, "cc");
}

TEST_F(ScoresTest, JsonlCarriesThem) {
    const RunData bare = a_stored_run();
    must(store.put_scores(some_scores(bare, "aa", 0.1 + 0.2)));
    must(store.put_scores(some_scores(bare, "bb", 7.0)));
    must(store.put_text_score(a_text_score(bare.run.model.sha256)));
    must(store.put_text_score(a_text_score(bare.run.model.sha256, "")));
    std::ostringstream out;
    must(export_jsonl(must(store.read_run(bare.run.id)), out));
    std::istringstream in(out.str());
    const auto runs = must(import_jsonl(in));
    Store other = must(Store::open(folder / "b.db"));
    must(other.add_run_data(runs.at(0)));
    const RunData there = must(other.read_run(1));
    const RunData here = must(store.read_run(bare.run.id));
    ASSERT_THAT(there.scores, SizeIs(2));
    expect_same_scores(there.scores[0], here.scores[0]);
    expect_same_scores(there.scores[1], here.scores[1]);
    EXPECT_EQ(there.text_scores, here.text_scores);
    EXPECT_EQ(must(other.add_run_data(runs.at(0))).runs_skipped, 1);
}

TEST_F(ScoresTest, ALineThatScoresATrialThatIsNotThereIsRefused) {
    const RunData run = a_stored_run();
    must(store.put_scores(some_scores(run)));
    std::ostringstream out;
    must(export_jsonl(must(store.read_run(run.run.id)), out));
    std::string text = out.str();
    const std::string place = "\"trial\":3";
    text.replace(text.find(place), place.size(), "\"trial\":9");
    std::istringstream in(text);
    const auto refused = import_jsonl(in);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().sentence, HasSubstr("scores a trial"));
}

// A store of the release before keeps its runs and takes scores.
TEST(ScoresMigration, TheThirdSchemaOpensToday) {
    const TemporaryFolder folder;
    {
        SQLite::Database db((folder / "old.db").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        migrate(db, migration_table().first(3));
        EXPECT_FALSE(db.tableExists("score_set"));
    }
    Store store = must(Store::open_existing(folder / "old.db"));
    const RunData run = must(store.read_run(store_a_run(store, a_run(), 2)));
    EXPECT_THAT(run.scores, SizeIs(0));
    must(store.put_scores(some_scores(run)));
    EXPECT_THAT(must(store.read_scores(run.run.id)), SizeIs(1));
}

}  // namespace
}  // namespace landauer::test
