#include "run/preflight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "temp_folder.h"

namespace landauer {
namespace {

using ::testing::HasSubstr;

class Preflight : public ::testing::Test {
   protected:
    void SetUp() override { settings_.model = folder_.write("model.fake.json", "{}"); }

    static Plan ladder_plan() {
        PlanRequest request;
        request.models = {"m"};
        request.prompts = {{"short", "one two", "", ""}, {"long", "one two three four five six", "", ""}};
        request.n_gen = 300;
        return make_plan(request).value();
    }
    static Plan grid_plan() {
        PlanRequest request;
        request.models = {"m"};
        request.grid = {{512, 0, 0}, {0, 128, 1024}};
        return make_plan(request).value();
    }

    testing::TempFolder folder_;
    EngineSettings settings_;
};

TEST_F(Preflight, CountsTokensInTheOrderOfThePrompts) {
    const auto needs = check_fit(ladder_plan(), settings_, false);
    ASSERT_TRUE(needs) << needs.error().sentence;
    ASSERT_EQ(needs->size(), 2U);
    EXPECT_EQ((*needs)[1].n_prompt - (*needs)[0].n_prompt, 4);
    EXPECT_EQ((*needs)[0].n_gen, 300);
}

TEST_F(Preflight, ChoosesTheSmallestContextThatHoldsTheLargestTrial) {
    ASSERT_TRUE(check_fit(ladder_plan(), settings_, false));
    EXPECT_EQ(settings_.n_ctx, 512);
    settings_.n_ctx = 0;
    ASSERT_TRUE(check_fit(grid_plan(), settings_, false));
    EXPECT_EQ(settings_.n_ctx, 1280);
}

TEST_F(Preflight, RefusesAContextThatIsTooSmallAndNamesTheTrial) {
    settings_.n_ctx = 300;
    const auto needs = check_fit(ladder_plan(), settings_, false);
    ASSERT_FALSE(needs);
    EXPECT_EQ(needs.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(needs.error().sentence, HasSubstr("Prompt long"));
    EXPECT_THAT(needs.error().sentence, HasSubstr("300"));
    EXPECT_THAT(needs.error().remedy, HasSubstr("-c 512"));
}

}  // namespace
}  // namespace landauer
