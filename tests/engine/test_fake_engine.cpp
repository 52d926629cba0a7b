#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>

#include "engine_testing.h"

namespace landauer {
namespace {

using testing::expect_marks_match;
using testing::grid_request;
using ::testing::HasSubstr;
using testing::TempFolder;
using testing::text_request;
using testing::Watch;

double seconds(const PhaseRecord& phase) { return static_cast<double>(phase.end_ns - phase.begin_ns) * 1e-9; }

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec) + static_cast<double>(usage.ru_utime.tv_usec) * 1e-6;
}

std::unique_ptr<Engine> loaded(const FakeModel& model, const EngineSettings& settings = {}) {
    auto engine = make_fake_engine(model);
    EXPECT_TRUE(engine->load(settings, {}));
    return engine;
}

FakeModel quick() {
    FakeModel model;
    model.speed = 1e6;
    return model;
}

TEST(FakeEngine, CountsLikeARealOne) {
    auto engine = make_fake_engine(quick());
    Watch watch;
    const auto load = engine->load({}, watch.hooks());
    ASSERT_TRUE(load);
    expect_marks_match(watch.marks, {load->load});
    EXPECT_EQ(load->n_ctx_train, 8192);
    watch.marks.clear();
    const auto result = engine->run(text_request("one two  three\nfour", 10), watch.hooks());
    ASSERT_TRUE(result) << result.error().sentence;
    expect_marks_match(watch.marks, result->phases);
    EXPECT_EQ(result->n_prompt, 7) << "four words and three of the template";
    EXPECT_EQ(result->phases[0].n_tokens, 7);
    EXPECT_EQ(result->n_gen, 10);
    EXPECT_EQ(result->phases[1].n_tokens, 9);
    EXPECT_EQ(result->stop, "length");
    EXPECT_EQ(std::count(result->answer.begin(), result->answer.end(), ' '), 9);
}

TEST(FakeEngine, TokensAreWords) {
    auto engine = make_fake_engine({});
    auto request = text_request("a b a", 0);
    request.chat_template = false;
    const auto tokens = *engine->tokenize(request);
    ASSERT_EQ(tokens.size(), 3U);
    EXPECT_EQ(tokens[0], tokens[2]);
    EXPECT_NE(tokens[0], tokens[1]);
    EXPECT_GE(tokens[0], 0);
    request.text = " \n ";
    EXPECT_TRUE(engine->tokenize(request)->empty());
}

TEST(FakeEngine, AnswersDependOnPromptAndSeedAlone) {
    const auto answer = [](const std::string& text, std::uint32_t seed) {
        auto request = text_request(text, 12);
        request.sampling.seed = seed;
        return loaded(quick())->run(request, {})->answer;
    };
    EXPECT_EQ(answer("hello", 1), answer("hello", 1));
    EXPECT_NE(answer("hello", 1), answer("hullo", 1));
    EXPECT_NE(answer("hello", 1), answer("hello", 2));
}

TEST(FakeEngine, SpendsWhatItsModelSays) {
    FakeModel model;
    model.prefill_s = 0.02;
    model.prefill_s_per_token = 0.001;
    model.prefill_s_per_token2 = 0.00001;
    model.decode_s = 0.01;
    model.decode_s_per_token = 0.004;
    const auto result = loaded(model)->run(grid_request(50, 5), {});
    ASSERT_TRUE(result);
    // Never less than asked; how much more is the machine's affair.
    EXPECT_GE(seconds(result->phases[0]), 0.02 + 0.05 + 0.025);
    EXPECT_GE(seconds(result->phases[1]), 0.01 + 0.02);
    EXPECT_LT(seconds(result->phases[1]), seconds(result->phases[0]) + 1.0);
}

TEST(FakeEngine, SpeedScalesTheClock) {
    FakeModel model;
    model.prefill_s = 100.0;
    model.speed = 2000.0;
    const auto result = loaded(model)->run(grid_request(1, 0), {});
    ASSERT_TRUE(result);
    EXPECT_GE(seconds(result->phases[0]), 0.05);
    EXPECT_LT(seconds(result->phases[0]), 20.0);
}

TEST(FakeEngine, BusySpinsAndIdleSleeps) {
    FakeModel model;
    model.prefill_s = 0.3;
    auto sleeping = loaded(model);
    model.busy = 1.0;
    auto spinning = loaded(model);
    const double before = cpu_seconds();
    ASSERT_TRUE(sleeping->run(grid_request(1, 0), {}));
    const double slept = cpu_seconds() - before;
    ASSERT_TRUE(spinning->run(grid_request(1, 0), {}));
    const double spun = cpu_seconds() - before - slept;
    EXPECT_GT(spun, slept + 0.03);
}

TEST(FakeEngine, NoiseSpreadsThePhases) {
    FakeModel model;
    model.prefill_s = 0.02;
    model.noise = 2.0;  // wide enough to show through the noise of the machine
    model.seed = 3;
    auto engine = loaded(model);
    std::vector<double> times;
    for (int i = 0; i < 6; ++i) times.push_back(seconds(engine->run(grid_request(1, 0), {})->phases[0]));
    EXPECT_GT(*std::max_element(times.begin(), times.end()), 2.0 * *std::min_element(times.begin(), times.end()));
}

TEST(FakeEngine, PrefixCacheReusesLikeARealOne) {
    EngineSettings settings;
    settings.prefix_cache = true;
    auto engine = loaded(quick(), settings);
    auto request = text_request("one two three", 2);
    request.chat_template = false;
    EXPECT_EQ(engine->run(request, {})->n_reused, 0);
    EXPECT_EQ(engine->run(request, {})->n_reused, 2) << "one token must be processed";
    request.text = "one two four five";
    const auto result = engine->run(request, {});
    EXPECT_EQ(result->n_reused, 2);
    EXPECT_EQ(result->phases[0].n_tokens, 2);
    EXPECT_EQ(engine->run(grid_request(3, 0), {})->n_reused, 0);
}

TEST(FakeEngine, AbortsPromptly) {
    FakeModel model;
    model.prefill_s = 600.0;
    auto engine = loaded(model);
    Watch watch;
    watch.stop_after_polls = 5;
    const auto result = engine->run(grid_request(1, 0), watch.hooks());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::Interrupted);
    EXPECT_EQ(watch.marks.size(), 2U);
    model.prefill_s = 0.0;
    EXPECT_TRUE(loaded(model)->run(grid_request(1, 0), {}));
}

TEST(FakeEngine, FailsWhereTold) {
    FakeModel model = quick();
    model.fail_at = "load";
    const auto load = make_fake_engine(model)->load({}, {});
    ASSERT_FALSE(load);
    EXPECT_THAT(load.error().sentence, HasSubstr("failed at load"));
    model.fail_at = "decode";
    auto engine = loaded(model);
    EXPECT_TRUE(engine->run(grid_request(3, 0), {}));
    const auto decode = engine->run(grid_request(3, 1), {});
    ASSERT_FALSE(decode);
    EXPECT_EQ(decode.error().kind, ErrorKind::Failed);
}

TEST(FakeEngine, HoldsMemoryWhileLoaded) {
    FakeModel model = quick();
    model.ram_bytes = 64 << 20;
    const auto resident = [] {
        std::ifstream status("/proc/self/statm");
        long pages = 0;
        status >> pages >> pages;
        return pages * 4096;
    };
    auto engine = make_fake_engine(model);
    const long before = resident();
    ASSERT_TRUE(engine->load({}, {}));
    EXPECT_GT(resident() - before, 60 << 20);
    engine->unload();
#ifndef __SANITIZE_ADDRESS__  // which holds freed memory back
    EXPECT_LT(resident() - before, 8 << 20);
#endif
    EngineHooks hooks;
    hooks.memory = [] { return std::uint64_t{1000}; };
    EXPECT_FALSE(engine->load({}, hooks));
}

TEST(FakeEngine, ChecksRequests) {
    EngineSettings settings;
    settings.n_ctx = 10;
    auto engine = loaded(quick(), settings);
    const auto large = engine->run(grid_request(8, 3), {});
    ASSERT_FALSE(large);
    EXPECT_THAT(large.error().sentence, HasSubstr("need 11 tokens, but the context holds 10"));
    EXPECT_TRUE(engine->run(grid_request(8, 2), {}));
    EXPECT_FALSE(engine->run(grid_request(0, 0), {}));
    EXPECT_FALSE(engine->run(grid_request(1, -1), {}));
    auto empty = text_request("", 1);
    empty.chat_template = false;
    EXPECT_FALSE(engine->run(empty, {}));
    EXPECT_FALSE(make_fake_engine({})->run(grid_request(1, 0), {})) << "not loaded";
}

TEST(FakeModelFile, ReadsEveryKey) {
    const TempFolder folder;
    const auto file = folder.write("m.fake.json", R"({"load_s": 1, "prefill_s": 2, "prefill_s_per_token": 3.5,
        "prefill_s_per_token2": 4, "decode_s": 5, "decode_s_per_token": 6, "noise": 0.5, "busy": 1, "speed": 8,
        "seed": 4294967295, "ram_bytes": 10000000000, "fail_at": "prefill", "n_ctx_train": 11})");
    const auto model = read_fake_model(file);
    ASSERT_TRUE(model) << model.error().sentence;
    EXPECT_EQ(model->prefill_s_per_token, 3.5);
    EXPECT_EQ(model->seed, 4294967295U);
    EXPECT_EQ(model->ram_bytes, 10'000'000'000);
    EXPECT_EQ(model->fail_at, "prefill");
    EXPECT_EQ(model->n_ctx_train, 11);
    EXPECT_TRUE(read_fake_model(folder.write("d.fake.json", "{}")));
}

TEST(FakeModelFile, RefusesByName) {
    const TempFolder folder;
    const std::pair<const char*, const char*> cases[] = {
        {"", "not a JSON object"},
        {"[1]", "not a JSON object"},
        {"{\"load_s\": 1", "not a JSON object"},
        {R"({"loads": 1})", "\"loads\""},
        {R"({"load_s": "1"})", "\"load_s\""},
        {R"({"load_s": -1})", "\"load_s\""},
        {R"({"busy": 1.5})", "\"busy\""},
        {R"({"speed": 0})", "\"speed\""},
        {R"({"seed": -1})", "\"seed\""},
        {R"({"seed": 4294967296})", "\"seed\""},
        {R"({"seed": 1.5})", "\"seed\""},
        {R"({"ram_bytes": -5})", "\"ram_bytes\""},
        {R"({"ram_bytes": 18446744073709551615})", "\"ram_bytes\""},
        {R"({"n_ctx_train": 0})", "\"n_ctx_train\""},
        {R"({"fail_at": "noon"})", "\"fail_at\""},
        {R"({"fail_at": 1})", "\"fail_at\""},
    };
    for (const auto& [text, wanted] : cases) {
        const auto model = read_fake_model(folder.write("m.fake.json", text));
        ASSERT_FALSE(model) << text;
        EXPECT_EQ(model.error().kind, ErrorKind::Invalid);
        EXPECT_THAT(model.error().sentence, HasSubstr(wanted));
    }
    EXPECT_FALSE(read_fake_model(folder.path() / "none.fake.json"));
}

TEST(MakeEngine, ChoosesByName) {
    const TempFolder folder;
    const auto fake = make_engine(folder.write("m.fake.json", "{}"));
    ASSERT_TRUE(fake);
    EXPECT_EQ((*fake)->facts().at("engine"), "fake");
    const auto llama = make_engine("m.gguf");
    ASSERT_TRUE(llama) << "the file is looked at when it is loaded";
    EXPECT_EQ((*llama)->facts().at("engine"), "llama.cpp");
    EXPECT_TRUE(open_vocabulary(folder.path() / "m.fake.json"));
    EXPECT_FALSE(make_engine(folder.write("bad.fake.json", "{")));
}

}  // namespace
}  // namespace landauer
