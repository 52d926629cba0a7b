#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plan/plan.h"

namespace landauer {
namespace {

using ::testing::HasSubstr;

std::string sentence_of(std::string_view jsonl) {
    const auto prompts = parse_prompts(jsonl, "f.jsonl");
    if (prompts) {
        return "accepted";
    }
    EXPECT_EQ(prompts.error().kind, ErrorKind::Invalid);
    EXPECT_FALSE(prompts.error().remedy.empty());
    return prompts.error().sentence;
}

TEST(ParsePrompts, ReadsTextAndAppend) {
    const auto prompts =
        parse_prompts("{\"id\":\"a\",\"text\":\"One.\",\"question\":\"Q?\"}\r\n\n{\"id\":\"b\",\"append\":\"Two.\"}",
                      "f")
            .value();
    ASSERT_EQ(prompts.size(), 2U);
    EXPECT_EQ(prompts[0].full_text(), "One.\n\nQ?");
    EXPECT_EQ(prompts[1].full_text(), "One. Two.");
}

TEST(ParsePrompts, RoundTripsThroughJsonl) {
    const auto& ladder = builtin_ladder();
    EXPECT_EQ(parse_prompts(to_jsonl(ladder), "f").value(), ladder);
}

TEST(ParsePrompts, RefusesBadInputAndNamesTheLine) {
    EXPECT_THAT(sentence_of(""), HasSubstr("no prompts"));
    EXPECT_THAT(sentence_of("\n \n"), HasSubstr("no prompts"));
    EXPECT_THAT(sentence_of("{\"id\":\"a\",\"text\":\"\xff\"}"), HasSubstr("not UTF-8"));
    EXPECT_THAT(sentence_of("{\"id\":\"a\",\"text\":\"x\"}\nnonsense"), HasSubstr("line 2: not a JSON object"));
    EXPECT_THAT(sentence_of("[1]"), HasSubstr("not a JSON object"));
    EXPECT_THAT(sentence_of("{\"text\":\"x\"}"), HasSubstr("no \"id\""));
    EXPECT_THAT(sentence_of("{\"id\":7,\"text\":\"x\"}"), HasSubstr("\"id\" is not a string"));
    EXPECT_THAT(sentence_of("{\"id\":\"a\",\"text\":\"x\"}\n{\"id\":\"a\",\"text\":\"y\"}"),
                HasSubstr("\"a\" was used before"));
    EXPECT_THAT(sentence_of("{\"id\":\"a\"}"), HasSubstr("empty"));
    EXPECT_THAT(sentence_of("{\"id\":\"a\",\"text\":\"x\",\"append\":\"y\"}"), HasSubstr("both"));
}

TEST(ReadPrompts, SaysThatAFileIsMissing) {
    const auto prompts = read_prompts("/nowhere/prompts.jsonl");
    ASSERT_FALSE(prompts);
    EXPECT_EQ(prompts.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(prompts.error().sentence, HasSubstr("/nowhere/prompts.jsonl"));
}

}  // namespace
}  // namespace landauer
