#include "score/references.h"

#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "image/image.h"
#include "plan/plan.h"
#include "score/default_references.h"
#include "score/scene_references.h"
#include "temp_folder.h"

namespace landauer::test {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

void expect_refused(const std::string& jsonl, const std::string& words) {
    const auto references = parse_references(jsonl, "refs.jsonl");
    ASSERT_FALSE(references) << jsonl;
    EXPECT_EQ(references.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(references.error().sentence, HasSubstr(words));
    EXPECT_FALSE(references.error().remedy.empty());
}

TEST(References, SeveralAPromptAreKept) {
    const auto references = parse_references(
        "{\"id\":\"a\",\"answer\":\"one\",\"source\":\"x\",\"created_utc\":\"2026-11-20T01:02:03Z\","
        "\"settings\":{\"temperature\":0,\"model\":\"m\"}}\n\n"
        "{\"id\":\"a\",\"answer\":\"two\"}\r\n{\"id\":\"b\",\"answer\":\"one\"}",
        "refs.jsonl");
    ASSERT_TRUE(references) << references.error().sentence;
    EXPECT_THAT(references->of("a"), SizeIs(2));
    EXPECT_THAT(references->of("c"), SizeIs(0));
    EXPECT_EQ(references->all[0].settings.at("temperature"), "0");
    EXPECT_EQ(references->words(), "3 answers by unnamed, x, 2026-11-20");
    const auto again = parse_references(to_jsonl(references->all), "again");
    ASSERT_TRUE(again);
    EXPECT_EQ(again->all, references->all);
    EXPECT_EQ(again->sha256, references->sha256);
}

TEST(References, TheHashIsOfIdsAndAnswersInAnyOrder) {
    const auto one = parse_references("{\"id\":\"a\",\"answer\":\"x\"}\n{\"id\":\"b\",\"answer\":\"y\"}", "1");
    const auto two =
        parse_references("{\"id\":\"b\",\"answer\":\"y\",\"source\":\"s\"}\n{\"id\":\"a\",\"answer\":\"x\"}", "2");
    const auto other = parse_references("{\"id\":\"a\",\"answer\":\"y\"}\n{\"id\":\"b\",\"answer\":\"x\"}", "3");
    ASSERT_TRUE(one && two && other);
    EXPECT_EQ(one->sha256, two->sha256);
    EXPECT_NE(one->sha256, other->sha256);
}

TEST(References, EveryFaultNamesItsLine) {
    expect_refused("", "holds no reference answers");
    expect_refused("{\"id\":\"a\",\"answer\":\"x\"}\nnot json", "line 2: not a JSON object");
    expect_refused("[1]", "line 1");
    expect_refused("\n{\"answer\":\"x\"}", "line 2: no \"id\"");
    expect_refused("{\"id\":\"a\"}", "no \"answer\" to \"a\"");
    expect_refused("{\"id\":\"a\",\"answer\":\"  \"}", "no \"answer\"");
    expect_refused("{\"id\":\"a\",\"answer\":5}", "\"answer\" is not a string");
    expect_refused("{\"id\":\"a\",\"answer\":\"x\",\"settings\":[]}", "\"settings\" is not an object");
    expect_refused("{\"id\":\"a\",\"answer\":\"x\",\"settings\":{\"k\":[1]}}", "\"k\"");
    expect_refused("{\"id\":\"a\",\"answer\":\"x\"}\n\n{\"id\":\"a\",\"answer\":\"x\",\"source\":\"s\"}",
                   "line 3: the same answer to \"a\" as in line 1");
    expect_refused("{\"id\":\"a\",\"answer\":\"\xff\"}", "not UTF-8");
}

TEST(References, AFileThatCannotBeReadIsSaid) {
    const testing::TempFolder folder;
    for (const auto& file : {folder / "gone.jsonl", folder / "."}) {
        const auto references = read_references(file);
        ASSERT_FALSE(references);
        EXPECT_EQ(references.error().kind, ErrorKind::Invalid);
    }
}

TEST(References, TheLadderHasOneForEachPromptThatHoldsWhatIsExpected) {
    const auto references = builtin_references();
    ASSERT_TRUE(references) << references.error().sentence;
    for (const Prompt& prompt : builtin_ladder()) {
        ASSERT_THAT(references->of(prompt.id), SizeIs(1)) << prompt.id;
    }
    EXPECT_EQ(references->all.size(), builtin_ladder().size());
}

TEST(SceneReferences, TellTheTruthInSeveralWordings) {
    for (const std::uint32_t seed : {1U, 2U, 77U}) {
        const auto references = scene_references(seed, "scene");
        ASSERT_THAT(references, SizeIs(3));
        const auto truth = nlohmann::json::parse(traffic_scene_json(seed));
        for (const Reference& reference : references) {
            EXPECT_EQ(reference.prompt_id, "scene");
            EXPECT_THAT(reference.answer, HasSubstr(truth["objects"][0]["state"].get<std::string>()));
        }
        EXPECT_LT(references[0].answer.size(), references[1].answer.size());
        EXPECT_THAT(references[1].answer, HasSubstr(truth["time"].get<std::string>()));
        // Every vehicle with its colour.
        for (const auto& object : truth["objects"]) {
            if (object.contains("plate")) {
                EXPECT_THAT(references[1].answer,
                            HasSubstr(object["colour"].get<std::string>() + " " + object["kind"].get<std::string>()));
            }
        }
    }
}

RunRecord a_run(const std::vector<Prompt>& prompts) {
    RunRecord run;
    run.id = 7;
    run.prompts_json = to_jsonl(prompts);
    return run;
}

TEST(DefaultReferences, BelongToTheLadderAndTheScene) {
    const auto ladder = default_references(a_run(builtin_ladder()));
    ASSERT_TRUE(ladder);
    EXPECT_EQ(ladder->sha256, builtin_references()->sha256);
    RunRecord scene = a_run({{"scene", kSceneQuestion, "", ""}});
    scene.settings["image"] = "traffic scene 5";
    const auto of_scene = default_references(scene);
    ASSERT_TRUE(of_scene) << of_scene.error().sentence;
    EXPECT_EQ(of_scene->all, scene_references(5, "scene"));
}

TEST(DefaultReferences, AreAbsentForWhatIsTheUsersOwn) {
    EXPECT_EQ(default_references(a_run({{"P1", "Another text.", "Who?", ""}})).error().kind, ErrorKind::Absent);
    RunRecord other_question = a_run({{"scene", "How many cars?", "", ""}});
    other_question.settings["image"] = "traffic scene 5";
    EXPECT_EQ(default_references(other_question).error().kind, ErrorKind::Absent);
    RunRecord other_picture = a_run({{"scene", kSceneQuestion, "", ""}});
    other_picture.settings = {{"image", "traffic scene 5"}, {"image_sha256", "abc"}};
    EXPECT_EQ(default_references(other_picture).error().kind, ErrorKind::Absent);
    EXPECT_EQ(default_references(a_run({})).error().kind, ErrorKind::Invalid);
}

}  // namespace
}  // namespace landauer::test
