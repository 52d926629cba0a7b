#include "plan/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace landauer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

PlanRequest ladder_request() {
    PlanRequest request;
    request.models = {"a"};
    request.prompts = builtin_ladder();
    request.repetitions = 3;
    return request;
}

std::vector<std::string> keys(const Plan& plan) {
    std::vector<std::string> out;
    for (const TrialSpec& trial : plan.trials) {
        out.push_back(trial.key);
    }
    return out;
}

PlanRequest image_request() {
    PlanRequest request;
    request.models = {"a", "b"};
    request.prompts = {{"scene", "What is this?", "", ""}};
    request.images = {{640, 360}, {1280, 720}};
    request.repetitions = 2;
    return request;
}

TEST(ImagePlan, EverySizeOnceABlock) {
    const Plan plan = make_plan(image_request()).value();
    ASSERT_EQ(plan.trials.size(), 8U);
    std::set<std::string> names;
    for (const TrialSpec& trial : plan.trials) {
        EXPECT_EQ(trial.prompt, 0);
        names.insert(trial.prompt_id);
    }
    EXPECT_THAT(names, ElementsAre("1280x720", "640x360"));
    EXPECT_EQ(cheapest_trial(plan).prompt_id, "640x360");
    PlanRequest other = image_request();
    other.images.back().width = 1281;
    EXPECT_NE(make_plan(other).value().hash, plan.hash);
}

TEST(ImagePlan, RefusesSizesAndQuestionsThatCannotBe) {
    PlanRequest request = image_request();
    request.images.push_back({640, 360});
    EXPECT_THAT(make_plan(request).error().sentence, HasSubstr("640x360 is there twice"));
    request = image_request();
    request.images.push_back({0, 360});
    EXPECT_THAT(make_plan(request).error().sentence, HasSubstr("no pixels"));
    request = image_request();
    request.prompts = builtin_ladder();
    EXPECT_THAT(make_plan(request).error().sentence, HasSubstr("one question"));
}

TEST(Ladder, HasNineteenPromptsEachContainingTheOneBefore) {
    const auto& ladder = builtin_ladder();
    ASSERT_EQ(ladder.size(), 19U);
    for (std::size_t i = 0; i < ladder.size(); ++i) {
        EXPECT_EQ(ladder[i].id, "P" + std::to_string(i + 1));
        EXPECT_FALSE(ladder[i].question.empty());
        if (i > 0) {
            EXPECT_EQ(ladder[i].text.rfind(ladder[i - 1].text, 0), 0U) << ladder[i].id;
        }
    }
}

TEST(Ladder, GrowsNearEvenly) {
    const auto& ladder = builtin_ladder();
    const auto words = [](const std::string& text) { return 1 + std::count(text.begin(), text.end(), ' '); };
    const auto step = (words(ladder.back().text) - words(ladder.front().text)) / 18;
    for (std::size_t i = 1; i < ladder.size(); ++i) {
        const auto grown = words(ladder[i].text) - words(ladder[i - 1].text);
        EXPECT_GT(grown, step * 8 / 10) << ladder[i].id;
        EXPECT_LT(grown, step * 12 / 10) << ladder[i].id;
    }
}

TEST(Ladder, AnswersStandInTheTextOfTheirPrompt) {
    const auto lower = [](std::string text) {
        std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
        return text;
    };
    for (const Prompt& prompt : builtin_ladder()) {
        EXPECT_THAT(lower(prompt.text), HasSubstr(lower(prompt.expected))) << prompt.id;
    }
}

TEST(MakePlan, HoldsEveryPromptInEveryRepetitionOnce) {
    const Plan plan = make_plan(ladder_request()).value();
    const auto all = keys(plan);
    EXPECT_EQ(all.size(), 57U);
    EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 57U);
}

TEST(MakePlan, SameSeedSameOrderOtherSeedOtherOrder) {
    PlanRequest request = ladder_request();
    const auto first = keys(make_plan(request).value());
    EXPECT_EQ(first, keys(make_plan(request).value()));
    request.seed = 2;
    EXPECT_NE(first, keys(make_plan(request).value()));
}

TEST(MakePlan, ShufflesWithinARepetitionNeverAcross) {
    const Plan plan = make_plan(ladder_request()).value();
    for (std::size_t i = 0; i < plan.trials.size(); ++i) {
        EXPECT_EQ(plan.trials[i].repetition, static_cast<int>(i / 19));
    }
    EXPECT_NE(plan.trials.front().prompt_id, plan.trials[19].prompt_id);  // two orders, by this seed
}

TEST(MakePlan, RunsModelsThereAndBackAgain) {
    PlanRequest request = ladder_request();
    request.models = {"a", "b"};
    request.prompts.resize(1);
    request.repetitions = 4;
    const Plan plan = make_plan(request).value();
    std::vector<int> models;
    for (const TrialSpec& trial : plan.trials) {
        models.push_back(trial.model);
    }
    EXPECT_THAT(models, ElementsAre(0, 1, 1, 0, 0, 1, 1, 0));
}

TEST(MakePlan, ModelsTakeTurnsPieceByPieceWithTheSamePrompts) {
    PlanRequest request = ladder_request();
    request.models = {"a", "b"};
    request.repetitions = 1;
    request.pieces = 4;
    const Plan plan = make_plan(request).value();
    ASSERT_EQ(plan.trials.size(), 38U);
    std::string turns;
    for (const TrialSpec& trial : plan.trials) {
        turns += trial.model == 0 ? 'a' : 'b';
    }
    EXPECT_EQ(turns, "aaaabbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaa");
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(plan.trials[i].key, plan.trials[4 + i].key);
    }
}

TEST(MakePlan, AsManyPiecesAsPicturesIsTrialByTrial) {
    PlanRequest request = image_request();
    request.pieces = 100;
    const Plan plan = make_plan(request).value();
    std::vector<int> models;
    for (const TrialSpec& trial : plan.trials) {
        models.push_back(trial.model);
    }
    EXPECT_THAT(models, ElementsAre(0, 1, 1, 0, 0, 1, 1, 0));
    request.pieces = 0;
    EXPECT_THAT(make_plan(request).error().sentence, HasSubstr("0 pieces"));
}

TEST(MakePlan, HashChangesWithEverythingThatMattersAndNothingElse) {
    const std::string base = make_plan(ladder_request())->hash;
    EXPECT_EQ(base, make_plan(ladder_request())->hash);
    const auto changed = [&](auto&& change) {
        PlanRequest request = ladder_request();
        change(request);
        return make_plan(request)->hash != base;
    };
    EXPECT_TRUE(changed([](PlanRequest& r) { r.models = {"b"}; }));
    EXPECT_TRUE(changed([](PlanRequest& r) { r.prompts[3].question += "?"; }));
    EXPECT_TRUE(changed([](PlanRequest& r) { r.n_gen = 65; }));
    EXPECT_TRUE(changed([](PlanRequest& r) { r.seed = 9; }));
    EXPECT_TRUE(changed([](PlanRequest& r) { r.settings["n_threads"] = "2"; }));
    EXPECT_TRUE(changed([](PlanRequest& r) { r.grid.push_back({1, 1, 0}); }));
}

TEST(MakePlan, RefusesWhatRunsNothing) {
    const auto error_of = [](auto&& change) {
        PlanRequest request = ladder_request();
        change(request);
        const auto plan = make_plan(request);
        return plan ? ErrorKind::Bug : plan.error().kind;
    };
    EXPECT_EQ(error_of([](PlanRequest& r) { r.repetitions = 0; }), ErrorKind::Invalid);
    EXPECT_EQ(error_of([](PlanRequest& r) { r.models.clear(); }), ErrorKind::Invalid);
    EXPECT_EQ(error_of([](PlanRequest& r) { r.prompts.clear(); }), ErrorKind::Invalid);
    EXPECT_EQ(error_of([](PlanRequest& r) { r.n_gen = -1; }), ErrorKind::Invalid);
    EXPECT_EQ(error_of([](PlanRequest& r) { r.grid.push_back({0, 0, 5}); }), ErrorKind::Invalid);
}

TEST(FindProtocol, NamesTheKnownOnes) {
    EXPECT_EQ(find_protocol("paper")->rate_hz, 5.0);
    const auto unknown = find_protocol("fast");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(unknown.error().remedy, HasSubstr("quick, paper, grid"));
}

}  // namespace
}  // namespace landauer
