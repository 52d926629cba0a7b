// On a real small model, whose path LANDAUER_TEST_MODEL holds (`make test` sets it).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine_testing.h"

namespace landauer {
namespace {

using ::testing::Contains;
using testing::expect_marks_match;
using testing::grid_request;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::text_request;
using testing::Watch;

const std::string kQuestion = "What is the capital of France? Answer with one word.";

class LlamaEngineTest : public ::testing::Test {
   protected:
    void SetUp() override {
        const char* model = std::getenv("LANDAUER_TEST_MODEL");
        if (model == nullptr) GTEST_SKIP() << "LANDAUER_TEST_MODEL is not set";
        settings_.model = model;
        settings_.n_ctx = 1024;
        settings_.n_threads = 1;
    }

    std::unique_ptr<Engine> loaded(const EngineSettings& settings) {
        auto engine = make_llama_engine();
        auto result = engine->load(settings, {});
        EXPECT_TRUE(result) << result.error().sentence;
        return engine;
    }

    EngineSettings settings_;
};

TEST_F(LlamaEngineTest, LoadIsTimedAndTellsOfTheModel) {
    auto engine = make_llama_engine();
    Watch watch;
    const auto result = engine->load(settings_, watch.hooks());
    ASSERT_TRUE(result) << result.error().sentence;
    expect_marks_match(watch.marks, {result->load});
    EXPECT_EQ(result->load.kind, PhaseKind::load);
    EXPECT_GE(result->n_ctx, 1024);
    EXPECT_EQ(result->n_ctx_train, 8192);
    EXPECT_GT(result->model.n_params, 100'000'000U);
    EXPECT_THAT(result->model.type, HasSubstr("Q4_1"));
    EXPECT_TRUE(result->caveats.empty());
}

TEST_F(LlamaEngineTest, TextTrialCountsWhatItProcessed) {
    auto engine = loaded(settings_);
    const auto request = text_request(kQuestion, 8);
    const auto tokens = engine->tokenize(request);
    ASSERT_TRUE(tokens);
    Watch watch;
    const auto result = engine->run(request, watch.hooks());
    ASSERT_TRUE(result) << result.error().sentence;
    ASSERT_EQ(result->phases.size(), 2U);
    expect_marks_match(watch.marks, result->phases);
    EXPECT_EQ(result->n_prompt, static_cast<std::int64_t>(tokens->size()));
    EXPECT_EQ(result->phases[0].n_tokens, result->n_prompt);
    EXPECT_EQ(result->n_gen, 8);
    EXPECT_EQ(result->phases[1].n_tokens, 7) << "the first token comes from the prefill";
    EXPECT_EQ(result->stop, "length");
    EXPECT_THAT(result->answer, HasSubstr("Paris"));
}

}  // namespace
}  // namespace landauer
