// On a real small model, whose path LANDAUER_TEST_MODEL holds (`make test` sets it).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

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
    EXPECT_EQ(result->n_reused, 0);
    EXPECT_EQ(result->phases[0].n_tokens, result->n_prompt);
    EXPECT_EQ(result->n_gen, 8);
    EXPECT_EQ(result->phases[1].n_tokens, 7) << "the first token comes from the prefill";
    EXPECT_EQ(result->stop, "end") << "a short answer ends before the tokens do";
    EXPECT_THAT(result->answer, HasSubstr("Paris"));
}

TEST_F(LlamaEngineTest, ChatTemplateWrapsThePrompt) {
    auto engine = loaded(settings_);
    auto request = text_request("Hello", 1);
    const auto wrapped = engine->tokenize(request);
    request.chat_template = false;
    const auto plain = engine->tokenize(request);
    ASSERT_TRUE(wrapped && plain);
    EXPECT_EQ(plain->size(), 1U);
    // <|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n, where the special tokens are 1 and 2.
    EXPECT_EQ(wrapped->size(), 10U);
    EXPECT_EQ(wrapped->front(), 1);
    EXPECT_EQ(std::count(wrapped->begin(), wrapped->end(), 1), 2);
    EXPECT_EQ(std::count(wrapped->begin(), wrapped->end(), 2), 1);
    EXPECT_THAT(*wrapped, Contains(plain->front()));
}

TEST_F(LlamaEngineTest, GreedyAnswersRepeatAndSeedsMatter) {
    auto engine = loaded(settings_);
    auto request = text_request("Tell me about the sea.", 12);
    const auto first = engine->run(request, {});
    const auto second = engine->run(request, {});
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->answer, second->answer);
    EXPECT_EQ(second->phases[0].n_tokens, first->phases[0].n_tokens) << "memory is cleared between trials";
    request.sampling.temperature = 1.5F;
    request.sampling.seed = 1;
    const auto seed1 = engine->run(request, {});
    const auto seed1_again = engine->run(request, {});
    request.sampling.seed = 2;
    const auto seed2 = engine->run(request, {});
    ASSERT_TRUE(seed1 && seed1_again && seed2);
    EXPECT_EQ(seed1->answer, seed1_again->answer);
    EXPECT_NE(seed1->answer, seed2->answer);
}

TEST_F(LlamaEngineTest, EndOfGenerationIsHonouredWhenAsked) {
    auto engine = loaded(settings_);
    auto request = text_request(kQuestion, 200);
    request.ignore_eos = false;
    const auto ended = engine->run(request, {});
    ASSERT_TRUE(ended) << ended.error().sentence;
    EXPECT_EQ(ended->stop, "end");
    EXPECT_LT(ended->n_gen, 200);
    EXPECT_EQ(ended->phases[1].n_tokens, ended->n_gen - 1);
    request.ignore_eos = true;
    request.n_gen = static_cast<std::int32_t>(ended->n_gen) + 20;
    const auto forced = engine->run(request, {});
    ASSERT_TRUE(forced);
    EXPECT_EQ(forced->n_gen, request.n_gen);
    EXPECT_EQ(forced->stop, "end");
    EXPECT_EQ(forced->answer, ended->answer) << "what follows the end costs and says nothing";
    EXPECT_EQ(forced->phases[1].n_tokens, request.n_gen - 1);
}

TEST_F(LlamaEngineTest, PrefixCacheReusesWhatIsTheSame) {
    settings_.prefix_cache = true;
    auto engine = loaded(settings_);
    auto fresh_settings = settings_;
    fresh_settings.prefix_cache = false;
    auto fresh = loaded(fresh_settings);
    const auto short_request = text_request("List the planets of the solar system.", 6);
    auto long_request = short_request;
    long_request.text += " Begin with the one nearest to the sun.";
    ASSERT_TRUE(engine->run(short_request, {}));
    const auto a = *engine->tokenize(short_request);
    const auto b = *engine->tokenize(long_request);
    const auto common = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin();
    ASSERT_GT(common, 5);
    const auto reused = engine->run(long_request, {});
    const auto whole = fresh->run(long_request, {});
    ASSERT_TRUE(reused && whole);
    EXPECT_EQ(reused->n_reused, common);
    EXPECT_EQ(reused->phases[0].n_tokens, static_cast<std::int64_t>(b.size()) - common);
    EXPECT_EQ(whole->n_reused, 0);
    EXPECT_EQ(reused->answer, whole->answer);
    // The very same prompt: one token must be processed for its logits.
    const auto again = engine->run(long_request, {});
    ASSERT_TRUE(again);
    EXPECT_EQ(again->phases[0].n_tokens, 1);
    EXPECT_EQ(again->n_reused, static_cast<std::int64_t>(b.size()) - 1);
    EXPECT_EQ(again->answer, whole->answer);
}

TEST_F(LlamaEngineTest, AbortInsidePrefillIsSoonAndLeavesTheEngineUsable) {
    settings_.n_ctx = 4096;
    settings_.prefix_cache = true;
    auto engine = loaded(settings_);
    Watch watch;
    watch.stop_after_polls = 300;
    const auto result = engine->run(grid_request(3000, 0), watch.hooks());
    const auto returned_ns = system_clock().now_ns();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::Interrupted);
    ASSERT_GT(watch.stopped_at_ns, 0) << "polled inside the prefill";
    EXPECT_EQ(watch.marks.size(), 2U) << "a broken phase ends too";
    // The whole prefill takes many seconds; 200 ms is the aim, the bound leaves room for a busy machine.
    EXPECT_LT(returned_ns - watch.stopped_at_ns, 2'000'000'000);
    ::testing::Test::RecordProperty("abort_ms", std::to_string((returned_ns - watch.stopped_at_ns) / 1'000'000));
    const auto after = engine->run(text_request(kQuestion, 8), {});
    ASSERT_TRUE(after) << after.error().sentence;
    EXPECT_EQ(after->n_reused, 0);
    EXPECT_THAT(after->answer, HasSubstr("Paris"));
}

TEST_F(LlamaEngineTest, AbortedTrialLeavesNoPrefix) {
    settings_.prefix_cache = true;
    auto engine = loaded(settings_);
    ASSERT_TRUE(engine->run(text_request(kQuestion, 8), {}));
    Watch watch;
    watch.stop_after_polls = 300;
    ASSERT_FALSE(engine->run(text_request(kQuestion + " Then say why.", 8), watch.hooks()));
    const auto after = engine->run(text_request(kQuestion, 8), {});
    ASSERT_TRUE(after);
    EXPECT_EQ(after->n_reused, 0);
    EXPECT_THAT(after->answer, HasSubstr("Paris"));
}

TEST_F(LlamaEngineTest, AbortInsideLoad) {
    auto engine = make_llama_engine();
    EngineHooks hooks;
    int n_polls = 0;
    int n_steps = 0;
    hooks.abort = [&] { return ++n_polls >= 2; };
    hooks.progress = [&](PhaseKind, double) { ++n_steps; };
    const auto result = engine->load(settings_, hooks);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::Interrupted);
    EXPECT_EQ(n_steps, 2) << "the load went on";
    EXPECT_TRUE(engine->load(settings_, {}));
}

TEST_F(LlamaEngineTest, ContextTooSmallSaysTheNumbers) {
    settings_.n_ctx = 256;
    auto engine = loaded(settings_);
    const auto result = engine->run(grid_request(200, 100), {});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(result.error().sentence, HasSubstr("need 300 tokens, but the context holds 256"));
    EXPECT_THAT(result.error().remedy, HasSubstr("-c 300"));
    EXPECT_TRUE(engine->run(grid_request(200, 56), {}));
    EXPECT_TRUE(engine->run(grid_request(200, 56), {})) << "memory is cleared before";
}

TEST_F(LlamaEngineTest, PromptBeyondTheModelIsInvalid) {
    settings_.n_ctx = 0;
    auto engine = loaded(settings_);
    const auto result = engine->run(text_request(kQuestion, 9000), {});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(result.error().sentence, HasSubstr("made for 8192"));
}

TEST_F(LlamaEngineTest, ContextGrowsWhenLeftToTheTrials) {
    settings_.n_ctx = 0;
    auto engine = loaded(settings_);
    ASSERT_TRUE(engine->run(grid_request(16, 2), {}));
    EXPECT_EQ(engine->facts().at("n_ctx"), "256");
    ASSERT_TRUE(engine->run(grid_request(300, 2), {}));
    EXPECT_EQ(engine->facts().at("n_ctx"), "512");
}

TEST_F(LlamaEngineTest, GridCountsPromptGenerationAndDepth) {
    auto engine = loaded(settings_);
    Watch watch;
    const auto result = engine->run(grid_request(64, 4, 96), watch.hooks());
    ASSERT_TRUE(result) << result.error().sentence;
    expect_marks_match(watch.marks, result->phases);
    ASSERT_EQ(result->phases.size(), 2U);
    EXPECT_EQ(result->phases[0].n_tokens, 64);
    EXPECT_EQ(result->phases[1].n_tokens, 4) << "a grid test decodes every token";
    EXPECT_EQ(result->n_prompt, 64);
    EXPECT_EQ(result->n_gen, 4);
    const auto prompt_only = engine->run(grid_request(64, 0), {});
    const auto decode_only = engine->run(grid_request(0, 4, 96), {});
    ASSERT_TRUE(prompt_only && decode_only);
    EXPECT_EQ(prompt_only->phases.size(), 1U);
    EXPECT_EQ(decode_only->phases.front().kind, PhaseKind::decode);
    EXPECT_FALSE(engine->run(grid_request(0, 0), {}));
    EXPECT_FALSE(engine->run(grid_request(-1, 4), {}));
}

TEST_F(LlamaEngineTest, DepthIsFilledOnceOutsideThePhases) {
    auto engine = loaded(settings_);
    // The poll is asked at every node of the graph, so that it shows where work was done.
    const auto polls_before_the_phase = [&](const TrialRequest& request) {
        int n_polls = 0;
        int n_before = -1;
        EngineHooks hooks;
        hooks.abort = [&] { return ++n_polls < 0; };
        hooks.phase = [&](PhaseKind, bool, std::int64_t) {
            if (n_before < 0) n_before = n_polls;
        };
        EXPECT_TRUE(engine->run(request, hooks));
        return n_before;
    };
    auto request = grid_request(16, 0, 96);
    EXPECT_GT(polls_before_the_phase(request), 100);
    EXPECT_LT(polls_before_the_phase(request), 100) << "restored, not computed again";
    request.n_depth = 64;
    EXPECT_GT(polls_before_the_phase(request), 100);
    request.n_depth = 0;
    EXPECT_LT(polls_before_the_phase(request), 100);
}

TEST_F(LlamaEngineTest, SettingsReachTheEngine) {
    settings_.n_threads = 2;
    settings_.type_k = "q8_0";
    settings_.type_v = "q8_0";
    settings_.flash_attn = "on";
    settings_.load_mode = "none";
    settings_.repack = false;
    auto engine = loaded(settings_);
    const auto facts = engine->facts();
    EXPECT_EQ(facts.at("n_threads"), "2");
    EXPECT_EQ(facts.at("engine"), "llama.cpp");
    EXPECT_THAT(facts.at("llama_commit"), Not(HasSubstr("unknown")));
    EXPECT_FALSE(facts.at("backend_features").empty());
    EXPECT_TRUE(engine->run(grid_request(32, 2), {}));
}

TEST_F(LlamaEngineTest, ReplacesALoadedModelAndUnloads) {
    auto engine = loaded(settings_);
    settings_.n_ctx = 512;
    const auto again = engine->load(settings_, {});
    ASSERT_TRUE(again);
    EXPECT_EQ(again->n_ctx, 512);
    engine->unload();
    EXPECT_FALSE(engine->run(grid_request(8, 0), {}));
}

TEST_F(LlamaEngineTest, VocabularyAloneCountsTheSameTokens) {
    auto vocabulary = open_vocabulary(settings_.model);
    ASSERT_TRUE(vocabulary) << vocabulary.error().sentence;
    auto engine = loaded(settings_);
    const auto request = text_request(kQuestion, 1);
    EXPECT_EQ(*(*vocabulary)->tokenize(request), *engine->tokenize(request));
    EXPECT_FALSE((*vocabulary)->run(request, {})) << "there are no weights";
}

TEST_F(LlamaEngineTest, TooLittleMemoryIsSaidBeforeLoading) {
    Watch watch;
    auto hooks = watch.hooks();
    hooks.memory = [] { return std::uint64_t{50'000'000}; };
    const auto result = make_llama_engine()->load(settings_, hooks);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::Failed);
    EXPECT_THAT(result.error().sentence, HasSubstr("0.05 GiB are available"));
    EXPECT_TRUE(watch.marks.empty());
}

TEST_F(LlamaEngineTest, DeletedModelGoesOnAnswering) {
    const testing::TempFolder folder;
    std::filesystem::copy_file(settings_.model, folder.path() / "m.gguf");
    settings_.model = folder.path() / "m.gguf";
    auto engine = loaded(settings_);
    std::filesystem::remove(settings_.model);
    const auto result = engine->run(text_request(kQuestion, 8), {});
    ASSERT_TRUE(result) << result.error().sentence;
    EXPECT_THAT(result->answer, HasSubstr("Paris"));
    const auto reloaded = engine->load(settings_, {});
    ASSERT_FALSE(reloaded);
    EXPECT_THAT(reloaded.error().sentence, HasSubstr("does not exist"));
}

}  // namespace
}  // namespace landauer
