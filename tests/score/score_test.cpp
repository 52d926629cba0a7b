#include "score/score.h"

#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "fake_embedder.h"
#include "plan/plan.h"
#include "platform/sha256.h"
#include "score/answers.h"

namespace landauer::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TrialRecord trial(std::int64_t id, const std::string& prompt, const std::string& answer,
                  const std::string& stop = "end") {
    TrialRecord record;
    record.id = id;
    record.prompt_id = prompt;
    record.answer = answer;
    record.stop = stop;
    return record;
}

RunData run_of(const std::vector<Prompt>& prompts, std::vector<TrialRecord> trials) {
    RunData data;
    data.run.id = 3;
    data.run.prompts_json = to_jsonl(prompts);
    data.trials = std::move(trials);
    return data;
}

References refs(const std::vector<std::pair<std::string, std::string>>& answers) {
    std::vector<Reference> all;
    for (const auto& [id, answer] : answers) {
        all.push_back({id, answer, "test", "", {}});
    }
    return references_from(std::move(all));
}

Result<std::vector<RunScores>> score(const RunData& run, const References& references, Embedder* embedder,
                                     ReferenceRule rule = ReferenceRule::best) {
    const RunData* const runs[] = {&run};
    return score_runs(runs, references, embedder, {rule, "sha"}, nullptr);
}

const std::vector<Prompt> kPrompts = {{"P1", "", "Who?", "the mill"}, {"P2", "", "What?", ""}};

TEST(Score, BestAndMeanOverReferences) {
    const RunData run = run_of(kPrompts, {trial(1, "P1", "red house"), trial(2, "P2", "")});
    const References references = refs({{"P1", "red house"}, {"P1", "blue boat"}, {"P2", "x"}});
    FakeEmbedder embedder;
    const auto best = score(run, references, &embedder);
    ASSERT_TRUE(best) << best.error().sentence;
    EXPECT_NEAR(best->at(0).answers.at(0).similarity, 100.0, 1e-6);
    EXPECT_EQ(best->at(0).answers.at(1).similarity, 0.0) << "an empty answer is worth nothing";
    EXPECT_EQ(best->at(0).rule, "best");
    EXPECT_EQ(best->at(0).embedder, "fake words");
    EXPECT_EQ(best->at(0).embedder_sha256, "sha");
    EXPECT_EQ(best->at(0).references_sha256, references.sha256);
    const auto mean = score(run, references, &embedder, ReferenceRule::mean);
    EXPECT_NEAR(mean->at(0).answers.at(0).similarity, 50.0, 1e-6);
}

TEST(Score, EveryDistinctTextIsEmbeddedOnceAndOnlyIfCompared) {
    const RunData one =
        run_of(kPrompts, {trial(1, "P1", "same"), trial(2, "P1", "same"), trial(3, "P2", "not compared")});
    const RunData two = run_of(kPrompts, {trial(4, "P1", "same"), trial(5, "P1", "other")});
    const RunData* const runs[] = {&one, &two};
    FakeEmbedder embedder;
    ASSERT_TRUE(score_runs(runs, refs({{"P1", "same"}, {"P9", "unused"}}), &embedder, {}, nullptr));
    EXPECT_THAT(embedder.asked, ElementsAre("other", "same"));
}

TEST(Score, PromptsWithoutAReferenceAreCountedAndHaveNoSimilarity) {
    const RunData run = run_of(kPrompts, {trial(1, "P1", "a mill"), trial(2, "P2", "b"), trial(3, "P2", "c")});
    FakeEmbedder embedder;
    const auto scores = score(run, refs({{"P1", "mill"}}), &embedder);
    ASSERT_TRUE(scores);
    EXPECT_EQ(scores->at(0).n_without_reference, 1);
    EXPECT_TRUE(std::isnan(scores->at(0).answers.at(1).similarity));
    ASSERT_THAT(scores->at(0).caveats, SizeIs(1));
    EXPECT_EQ(scores->at(0).caveats[0].code, "references-missing");
}

TEST(Score, WithoutAnEmbedderTheRestIsStillTold) {
    const RunData run = run_of(kPrompts, {trial(1, "P1", "A mill, she said.", "length")});
    const auto scores = score(run, refs({{"P1", "x"}}), nullptr);
    ASSERT_TRUE(scores);
    const AnswerScore& answer = scores->at(0).answers.at(0);
    EXPECT_TRUE(std::isnan(answer.similarity));
    EXPECT_EQ(answer.exact_match, 1.0);
    EXPECT_EQ(answer.keyword_recall, 1.0);
    EXPECT_EQ(answer.defect, "cut-off");
    EXPECT_THAT(scores->at(0).embedder, IsEmpty());
    EXPECT_EQ(scores->at(0).caveats.at(0).code, "no-embedder");
}

TEST(Score, SentencesLeftOutAreACaveat) {
    const RunData run = run_of(kPrompts, {trial(1, "P1", "cut answer"), trial(2, "P2", "whole")});
    FakeEmbedder embedder;
    const auto scores = score(run, refs({{"P1", "whole"}, {"P2", "cut reference"}}), &embedder);
    ASSERT_THAT(scores->at(0).caveats, SizeIs(1));
    EXPECT_EQ(scores->at(0).caveats[0].code, "sentences-left-out");
    EXPECT_THAT(scores->at(0).caveats[0].sentence, HasSubstr("1 answer and 1 reference"));
}

TEST(Score, ReferencesOfAnotherQuestionAreACaveat) {
    const RunData run = run_of(kPrompts, {trial(1, "P1", "x"), trial(2, "P2", "x")});
    References references = refs({{"P1", "x"}, {"P2", "x"}});
    references.all[0].settings["question_sha256"] = sha256_text("Another?");
    references.all[1].settings["question_sha256"] = sha256_text("What?");
    FakeEmbedder embedder;
    const auto scores = score(run, references, &embedder);
    ASSERT_THAT(scores->at(0).caveats, SizeIs(1));
    EXPECT_THAT(scores->at(0).caveats[0].sentence, HasSubstr("P1"));
}

TEST(Score, APicturesOneQuestionIsOfAllSizes) {
    RunData run =
        run_of({{"scene", "Describe.", "", ""}}, {trial(1, "640x360", "a bus"), trial(2, "1280x720", "a bus")});
    for (TrialRecord& t : run.trials) {
        t.image = {640, 360, 100, 0, 0, 1};
    }
    FakeEmbedder embedder;
    const auto scores = score(run, refs({{"scene", "a bus"}}), &embedder);
    ASSERT_TRUE(scores);
    ASSERT_THAT(scores->at(0).answers, SizeIs(2));
    EXPECT_EQ(scores->at(0).answers[1].prompt_id, "1280x720");
    EXPECT_NEAR(scores->at(0).answers[1].similarity, 100.0, 1e-6);
    EXPECT_EQ(scores->at(0).n_without_reference, 0);
}

TEST(Score, SyntheticWeightsAndGridsAreRefused) {
    RunData run = run_of(kPrompts, {trial(1, "P1", "x")});
    run.run.model.metadata["landauer.synthetic"] = "true";
    const auto noise = score(run, refs({{"P1", "x"}}), nullptr);
    ASSERT_FALSE(noise);
    EXPECT_EQ(noise.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(noise.error().sentence, HasSubstr("synthetic"));
    const auto grid = score(run_of({}, {trial(1, "pp512", "")}), refs({{"P1", "x"}}), nullptr);
    ASSERT_FALSE(grid);
    EXPECT_EQ(grid.error().kind, ErrorKind::Invalid);
}

TEST(Score, StopsWhenAsked) {
    const RunData run = run_of(kPrompts, {trial(1, "P1", "x")});
    const RunData* const runs[] = {&run};
    FakeEmbedder embedder;
    EXPECT_EQ(score_runs(runs, refs({{"P1", "x"}}), &embedder, {}, [] { return true; }).error().kind,
              ErrorKind::Interrupted);
}

TEST(Answers, MatchExactlyWhateverTheirDress) {
    EXPECT_EQ(exact_match("The Great Nebula!", "the great nebula"), 1.0);
    EXPECT_EQ(exact_match("Great Nebula, of course", "the Great Nebula"), 1.0);
    EXPECT_EQ(exact_match("\u201cThirty\u2010four\u201d of them", "thirty-four"), 1.0);
    EXPECT_EQ(exact_match("\u00c9CLAIR", "\u00e9clair"), 1.0);
    EXPECT_EQ(exact_match("\u041c\u041e\u0421\u0422", "\u043c\u043e\u0441\u0442"), 1.0);
    EXPECT_EQ(exact_match("Inesa keeps it", "Ines"), 0.0) << "whole words only";
    EXPECT_EQ(exact_match("It is Ines", "Ines"), 0.0);
    EXPECT_EQ(exact_match("", "Ines"), 0.0);
    EXPECT_EQ(exact_match("anything", ""), std::nullopt);
}

TEST(Answers, RecallKeywords) {
    EXPECT_EQ(keyword_recall("It was Ines's own.", "Ines"), 1.0);
    EXPECT_EQ(keyword_recall("the price of something", "the price of doing nothing"), 1.0 / 3.0);
    EXPECT_EQ(keyword_recall("a mule", "by mule"), 1.0) << "small words do not count";
    EXPECT_EQ(keyword_recall("what it is", "it"), 1.0) << "unless there are no others";
    EXPECT_EQ(keyword_recall("x", "  "), std::nullopt);
}

TEST(Defects, AreFound) {
    EXPECT_EQ(defect_of("", "end"), "empty");
    EXPECT_EQ(defect_of(" \n\t", "length"), "empty");
    EXPECT_EQ(defect_of("A plain answer.", "end"), "");
    EXPECT_EQ(defect_of("A plain answer that was", "length"), "cut-off");
    EXPECT_EQ(defect_of("It is so. It is what it is. It is what it is. It is what it is. It is wh", "length"), "loop");
    EXPECT_EQ(defect_of("!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!", "length"), "loop");
    EXPECT_EQ(defect_of("\u662f\u7684\u3002\u662f\u7684\u3002\u662f\u7684\u3002\u662f\u7684\u3002\u662f\u7684\u3002"
                        "\u662f\u7684\u3002\u662f\u7684\u3002\u662f\u7684\u3002\u662f\u7684\u3002\u662f\u7684\u3002"
                        "\u662f\u7684\u3002",
                        "length"),
              "loop");
    EXPECT_EQ(defect_of("very, very good", "end"), "");
    EXPECT_EQ(defect_of("well well well well well well well well well well, it ended.", "end"), "")
        << "a loop goes on to the end";
}

}  // namespace
}  // namespace landauer::test
