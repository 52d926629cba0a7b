#include "score/make_references.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "score/references.h"
#include "temp_folder.h"

namespace landauer::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ScriptedSource final : public AnswerSource {
   public:
    explicit ScriptedSource(std::string name = "big") : name_(std::move(name)) {}
    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] Result<MadeAnswer> ask(const Prompt& prompt, const std::function<bool()>& /*abort*/) override {
        if (static_cast<int>(asked.size()) == fails_after) {
            return fail(ErrorKind::Interrupted, "Interrupted.", "Again.");
        }
        asked.push_back(prompt.id);
        return MadeAnswer{"answer to " + prompt.id, prompt.id == "P2", 10, 4, {{"temperature", "0"}}};
    }

    std::vector<std::string> asked;
    int fails_after = -1;

   private:
    std::string name_;
};

class MakeReferences : public ::testing::Test {
   protected:
    Result<void> make(ScriptedSource& source, const std::vector<Prompt>& prompts) {
        report = {};
        return make_references(prompts, source, file, nullptr, nullptr, report);
    }
    void append(const std::string& text) { std::ofstream(file, std::ios::app) << text; }

    testing::TempFolder folder;
    std::filesystem::path file = folder / "refs.jsonl";
    MakeReport report;
    const std::vector<Prompt> prompts = {{"P1", "", "a", ""}, {"P2", "", "b", ""}, {"P3", "", "c", ""}};
};

TEST_F(MakeReferences, KeepsEveryAnswerWithWhatMadeIt) {
    ScriptedSource source;
    ASSERT_TRUE(make(source, prompts));
    const auto references = read_references(file);
    ASSERT_TRUE(references) << references.error().sentence;
    ASSERT_THAT(references->all, SizeIs(3));
    EXPECT_EQ(references->all[1].source, "big");
    EXPECT_EQ(references->all[1].settings.at("stop"), "length");
    EXPECT_EQ(references->all[1].settings.at("question_sha256").size(), 64U);
    EXPECT_FALSE(references->all[0].created_utc.empty());
    EXPECT_EQ(report.n_made, 3);
    EXPECT_EQ(report.n_prompt, 30);
    EXPECT_EQ(report.n_gen, 12);
    EXPECT_THAT(report.cut_off, ElementsAre("P2"));
}

TEST_F(MakeReferences, GoesOnWhereItEnded) {
    ScriptedSource first;
    first.fails_after = 2;
    EXPECT_EQ(make(first, prompts).error().kind, ErrorKind::Interrupted);
    EXPECT_EQ(report.n_made, 2);
    ScriptedSource second;
    ASSERT_TRUE(make(second, prompts));
    EXPECT_THAT(second.asked, ElementsAre("P3"));
    EXPECT_EQ(report.n_found, 2);
    EXPECT_THAT(report.cut_off, ElementsAre("P2"));
    ScriptedSource other("another");
    ASSERT_TRUE(make(other, {prompts[0]}));
    EXPECT_THAT(other.asked, SizeIs(1)) << "another source answers the same question, too";
}

TEST_F(MakeReferences, ALineCutByAKillIsTakenOff) {
    ScriptedSource first;
    ASSERT_TRUE(make(first, {prompts[0]}));
    append("{\"id\":\"P2\",\"answer\":\"half of");
    ScriptedSource second;
    ASSERT_TRUE(make(second, prompts));
    EXPECT_THAT(second.asked, ElementsAre("P2", "P3"));
    EXPECT_THAT(read_references(file)->all, SizeIs(3));
}

TEST_F(MakeReferences, ALastLineWithoutItsEndIsKept) {
    append("{\"id\":\"P1\",\"answer\":\"by hand\",\"source\":\"big\"}");
    ScriptedSource source;
    ASSERT_TRUE(make(source, {prompts[0], prompts[2]}));
    EXPECT_THAT(source.asked, ElementsAre("P3"));
    EXPECT_THAT(read_references(file)->all, SizeIs(2));
}

TEST_F(MakeReferences, AnotherQuestionOfTheSameNameIsRefused) {
    ScriptedSource source;
    ASSERT_TRUE(make(source, prompts));
    const auto other = make(source, {{"P1", "", "changed", ""}});
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(other.error().sentence, HasSubstr("P1"));
}

TEST_F(MakeReferences, AFileOfSomethingElseIsLeftAlone) {
    append("my notes\n");
    ScriptedSource source;
    EXPECT_EQ(make(source, prompts).error().kind, ErrorKind::Invalid);
    EXPECT_THAT(source.asked, IsEmpty());
    std::ifstream in(file);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "my notes\n");
}

TEST_F(MakeReferences, AFolderThatIsNotThereIsSaid) {
    file = folder / "gone" / "refs.jsonl";
    ScriptedSource source;
    EXPECT_EQ(make(source, prompts).error().kind, ErrorKind::Failed);
}

}  // namespace
}  // namespace landauer::test
