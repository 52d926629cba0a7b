// Trials with a picture on real, tiny vision models.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "engine_testing.h"
#include "synth_testing.h"
#include "vision/vision.h"

namespace landauer {
namespace {

using testing::expect_marks_match;
using ::testing::HasSubstr;
using testing::MadeModel;
using testing::make_model;
using testing::TempFolder;
using testing::text_request;
using testing::Watch;

std::shared_ptr<const RgbImage> picture(std::int32_t width, std::int32_t height) {
    auto image = std::make_shared<RgbImage>();
    image->size = {width, height};
    image->rgb.resize(static_cast<std::size_t>(image->size.pixels()) * 3);
    std::uint32_t state = 7;
    for (std::uint8_t& byte : image->rgb) {
        state = state * 1664525U + 1013904223U;
        byte = static_cast<std::uint8_t>(state >> 24U);
    }
    return image;
}

TrialRequest question(std::int32_t width, std::int32_t height, std::int32_t n_gen = 4) {
    TrialRequest request = text_request("What is this?", n_gen);
    request.image = picture(width, height);
    return request;
}

std::int64_t tokens_of(const TrialResult& result, PhaseKind kind) {
    return std::accumulate(
        result.phases.begin(), result.phases.end(), std::int64_t{0},
        [&](std::int64_t sum, const PhaseRecord& phase) { return sum + (phase.kind == kind ? phase.n_tokens : 0); });
}

class Images : public ::testing::TestWithParam<const char*> {
   protected:
    void SetUp() override {
        made_ = make_model(folder_, GetParam());
        settings_.model = made_.model;
        settings_.mmproj = made_.tower;
        settings_.n_threads = 1;
    }
    std::unique_ptr<Engine> loaded() {
        auto engine = make_llama_engine();
        const auto done = engine->load(settings_, {});
        EXPECT_TRUE(done) << done.error().sentence;
        return engine;
    }

    TempFolder folder_;
    MadeModel made_;
    EngineSettings settings_;
};

TEST_P(Images, PhasesCountWhatTheProjectorPredicts) {
    const auto engine = loaded();
    Watch watch;
    const auto result = engine->run(question(300, 200), watch.hooks());
    ASSERT_TRUE(result) << result.error().sentence;
    expect_marks_match(watch.marks, result->phases);
    const auto cost = predict_image(read_vision_model(made_.tower).value(), {}, {300, 200});
    ASSERT_TRUE(cost);
    EXPECT_EQ(result->image.n_tokens, cost->n_tokens);
    EXPECT_EQ(result->image.n_slices, cost->n_slices);
    EXPECT_EQ(result->image.n_patches, cost->n_patches);
    EXPECT_EQ(result->image.effective_px, cost->effective_px);
    EXPECT_EQ(result->image.width, 300);
    EXPECT_EQ(tokens_of(*result, PhaseKind::image_encode), cost->n_tokens);
    EXPECT_EQ(tokens_of(*result, PhaseKind::image_prefill), cost->n_tokens);
    EXPECT_EQ(tokens_of(*result, PhaseKind::prefill) + cost->n_tokens, result->n_prompt);
    EXPECT_EQ(tokens_of(*result, PhaseKind::decode), 3);
    EXPECT_EQ(result->phases.front().kind, PhaseKind::image_preprocess);
}

// Where a batch is cut must not move an embedding to another position.
TEST_P(Images, BatchesDoNotChangeTheAnswer) {
    const auto whole = loaded()->run(question(200, 200, 12), {});
    settings_.n_batch = 7;
    settings_.n_ubatch = 7;
    const auto parts = loaded()->run(question(200, 200, 12), {});
    ASSERT_TRUE(whole);
    ASSERT_TRUE(parts) << parts.error().sentence;
    EXPECT_EQ(whole->answer, parts->answer);
}

TEST_P(Images, NothingIsLeftForTheNextTrial) {
    settings_.prefix_cache = true;
    const auto engine = loaded();
    const auto first = engine->run(question(120, 90), {});
    const auto text = engine->run(text_request("What is this?", 4), {});
    const auto second = engine->run(question(120, 90), {});
    ASSERT_TRUE(first && text && second);
    EXPECT_EQ(first->answer, second->answer);
    EXPECT_EQ(text->n_reused, 0);
    EXPECT_EQ(second->n_reused, 0);
}

TEST_P(Images, InterruptedBetweenLayers) {
    const auto engine = loaded();
    bool encoding = false;
    bool encoded = false;
    EngineHooks hooks;
    hooks.phase = [&](PhaseKind kind, bool begins, std::int64_t) {
        encoding = kind == PhaseKind::image_encode && begins;
        encoded = encoded || kind == PhaseKind::image_prefill;
    };
    hooks.abort = [&] { return encoding; };
    const auto result = engine->run(question(400, 400), hooks);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::Interrupted);
    EXPECT_FALSE(encoded);
    EXPECT_TRUE(engine->run(question(60, 60), {}));
}

TEST_P(Images, AContextTooSmallIsSaidBeforeEncoding) {
    settings_.n_ctx = 32;
    const auto engine = loaded();
    Watch watch;
    const auto result = engine->run(question(600, 600, 400), watch.hooks());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::Invalid);
    EXPECT_TRUE(std::none_of(watch.marks.begin(), watch.marks.end(),
                             [](const testing::Mark& mark) { return mark.kind == PhaseKind::image_encode; }));
}

INSTANTIATE_TEST_SUITE_P(Tiny, Images, ::testing::Values("tiny-qwen2-vl", "tiny-smolvlm"), [](const auto& tested) {
    std::string name = tested.param;
    std::erase(name, '-');
    return name;
});

TEST(ImageInput, TheClampBinds) {
    const TempFolder folder;
    const MadeModel made = make_model(folder, "tiny-qwen2-vl");
    EngineSettings settings;
    settings.model = made.model;
    settings.mmproj = made.tower;
    settings.image_max_tokens = 30;
    const auto engine = make_llama_engine();
    ASSERT_TRUE(engine->load(settings, {}));
    const auto result = engine->run(question(900, 900), {});
    ASSERT_TRUE(result);
    EXPECT_EQ(result->image.n_tokens, 25);
}

TEST(ImageInput, RefusesWhatCannotGoTogether) {
    const TempFolder folder;
    const MadeModel sees = make_model(folder, "tiny-qwen2-vl");
    const MadeModel other = make_model(folder, "tiny-smolvlm");
    EngineSettings settings;
    settings.model = sees.model;
    const auto engine = make_llama_engine();
    ASSERT_TRUE(engine->load(settings, {}));
    const auto blind = engine->run(question(50, 50), {});
    ASSERT_FALSE(blind);
    EXPECT_EQ(blind.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(blind.error().remedy, HasSubstr("--mmproj"));

    settings.mmproj = sees.tower;
    settings.image_min_tokens = 50;
    settings.image_max_tokens = 40;
    EXPECT_EQ(engine->load(settings, {}).error().kind, ErrorKind::Invalid);
    settings.image_min_tokens = 0;
    settings.image_max_tokens = 0;
    settings.model = sees.tower;
    EXPECT_EQ(engine->load(settings, {}).error().kind, ErrorKind::Invalid);
    settings.model = sees.model;
    settings.mmproj = folder / "none.gguf";
    EXPECT_EQ(engine->load(settings, {}).error().kind, ErrorKind::Invalid);

    settings.mmproj = sees.tower;
    ASSERT_TRUE(engine->load(settings, {}));
    TrialRequest marked = question(50, 50);
    marked.text = "What is <__media__>?";
    EXPECT_EQ(engine->run(marked, {}).error().kind, ErrorKind::Invalid);
    TrialRequest empty = question(50, 50);
    empty.image = std::make_shared<RgbImage>();
    EXPECT_EQ(engine->run(empty, {}).error().kind, ErrorKind::Invalid);
    TrialRequest silent = question(50, 50);
    silent.text.clear();
    EXPECT_EQ(engine->run(silent, {}).error().kind, ErrorKind::Invalid);
}

TEST(ImageInput, TheFakeSeesAsItIsTold) {
    FakeModel model;
    model.speed = 1e6;
    model.image_px_per_token = 100.0;
    const auto engine = make_fake_engine(model);
    EngineSettings settings;
    settings.image_max_tokens = 50;
    ASSERT_TRUE(engine->load(settings, {}));
    const auto small = engine->run(question(40, 30), {});
    const auto large = engine->run(question(400, 300), {});
    ASSERT_TRUE(small && large);
    EXPECT_EQ(small->image.n_tokens, 12);
    EXPECT_EQ(large->image.n_tokens, 50);
    EXPECT_EQ(large->n_prompt - small->n_prompt, 38);
    EXPECT_EQ(tokens_of(*large, PhaseKind::image_encode), 50);
    EXPECT_EQ(tokens_of(*large, PhaseKind::prefill), tokens_of(*small, PhaseKind::prefill));
    model.image_px_per_token = 0.0;
    const auto blind = make_fake_engine(model);
    ASSERT_TRUE(blind->load({}, {}));
    EXPECT_EQ(blind->run(question(40, 30), {}).error().kind, ErrorKind::Invalid);
}

}  // namespace
}  // namespace landauer
