// How many lessons a budget allows, and whose.
#include <gtest/gtest.h>

#include "compress/heal/plan.h"
#include "heal_testing.h"

namespace landauer {
namespace {

using healing::student_of;
using healing::write_pair;
using testing::TempFolder;

struct School {
    TempFolder folder;
    LessonNeeds needs;

    School() {
        write_pair({}, "q8_0", folder / "b.gguf", folder / "s.gguf");
        needs.key = "k";
        needs.window_tokens = 16;
    }
    [[nodiscard]] LessonPlan plan() const {
        const auto base = WeightFile::open(folder / "b.gguf");
        EXPECT_TRUE(base);
        const auto planned = plan_lessons(needs, *base, student_of(folder / "s.gguf"), folder / "plan.json", {});
        EXPECT_TRUE(planned) << planned.error().sentence;
        return planned.value_or(LessonPlan{});
    }
};

TEST(HealPlan, TokensAreTakenFromTheWindowsThatThereAre) {
    School school;
    school.needs.n_tokens = 4 * 2 * 16;
    school.needs.n_given = 20;
    const LessonPlan enough = school.plan();
    EXPECT_TRUE(enough.given);
    EXPECT_EQ(enough.n_windows, 20);
    EXPECT_EQ(enough.n_steps, 4);
    school.needs.n_given = 11;
    const LessonPlan too_few = school.plan();
    EXPECT_FALSE(too_few.given);
    EXPECT_EQ(too_few.n_windows, 12) << "four are held out";
}

TEST(HealPlan, ALongBudgetMakesNewWindowsAndKeepsToThem) {
    School school;
    school.needs.n_given = 6;  // a step a round
    school.needs.budget_seconds = 600.0;
    const LessonPlan first = school.plan();
    EXPECT_FALSE(first.given);
    EXPECT_GT(first.n_windows, 100);
    const LessonPlan again = school.plan();
    EXPECT_EQ(again.n_windows, first.n_windows) << "by the clock it would hardly be the same";
    EXPECT_EQ(again.given, first.given);
    const auto n_steps = settle_steps(first, school.needs, school.folder / "plan.json");
    ASSERT_TRUE(n_steps);
    EXPECT_EQ(settle_steps(school.plan(), school.needs, school.folder / "plan.json"), *n_steps);
}

TEST(HealPlan, ABudgetOfNoStepsSaysHowMuchItTakes) {
    School school;
    school.needs.budget_seconds = 1e-3;
    const auto base = WeightFile::open(school.folder / "b.gguf");
    ASSERT_TRUE(base);
    const auto refused =
        plan_lessons(school.needs, *base, student_of(school.folder / "s.gguf"), school.folder / "p", {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::Invalid);
    EXPECT_NE(refused.error().remedy.find("s or more"), std::string::npos) << refused.error().remedy;
}

}  // namespace
}  // namespace landauer
