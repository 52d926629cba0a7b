// Synthetic vision towers in libmtmd: they load beside their language model and see in finite numbers.
#include <gtest/gtest.h>
#include <llama.h>
#include <mtmd.h>

#include <cmath>
#include <memory>
#include <random>

#include "engine/llama/borrow.h"
#include "engine_testing.h"
#include "synth_testing.h"

namespace landauer {
namespace {

using testing::make_model;
using testing::TempFolder;

using MtmdPtr = std::unique_ptr<mtmd_context, decltype(&mtmd_free)>;
using BitmapPtr = std::unique_ptr<mtmd_bitmap, decltype(&mtmd_bitmap_free)>;
using ChunksPtr = std::unique_ptr<mtmd_input_chunks, decltype(&mtmd_input_chunks_free)>;

class SynthTower {
   public:
    explicit SynthTower(const std::string& shape) : engine_(make_llama_engine()) {
        mtmd_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
        const auto made = make_model(folder_, shape);
        EngineSettings settings;
        settings.model = made.model;
        settings.n_threads = 1;
        const auto loaded = engine_->load(settings, {});
        EXPECT_TRUE(loaded) << loaded.error().sentence;
        auto params = mtmd_context_params_default();
        params.use_gpu = false;
        params.print_timings = false;
        params.warmup = false;
        params.n_threads = 1;
        mtmd_.reset(mtmd_init_from_file(made.tower.c_str(), borrow_model(*engine_), params));
    }

    mtmd_context* mtmd() { return mtmd_.get(); }
    llama_model* model() { return borrow_model(*engine_); }

    // A prompt with a noisy image in it.
    ChunksPtr chunks(std::uint32_t width, std::uint32_t height) {
        std::mt19937 random(1);
        std::vector<unsigned char> pixels(std::size_t{3} * width * height);
        for (auto& pixel : pixels) pixel = static_cast<unsigned char>(random());
        const BitmapPtr bitmap(mtmd_bitmap_init(width, height, pixels.data()), mtmd_bitmap_free);
        ChunksPtr chunks(mtmd_input_chunks_init(), mtmd_input_chunks_free);
        const std::string prompt = std::string(mtmd_default_marker()) + "What is this?";
        const mtmd_input_text text{prompt.data(), prompt.size(), true, true};
        const mtmd_bitmap* bitmaps[] = {bitmap.get()};
        EXPECT_EQ(mtmd_tokenize(mtmd(), chunks.get(), &text, bitmaps, 1), 0);
        return chunks;
    }

   private:
    TempFolder folder_;
    std::unique_ptr<Engine> engine_;
    MtmdPtr mtmd_{nullptr, mtmd_free};
};

std::size_t image_tokens(const mtmd_input_chunks* chunks) {
    std::size_t n = 0;
    for (std::size_t i = 0; i < mtmd_input_chunks_size(chunks); ++i) {
        const auto* chunk = mtmd_input_chunks_get(chunks, i);
        if (mtmd_input_chunk_get_type(chunk) == MTMD_INPUT_CHUNK_TYPE_IMAGE) n += mtmd_input_chunk_get_n_tokens(chunk);
    }
    return n;
}

void expect_finite_embeddings(SynthTower& tower, const mtmd_input_chunks* chunks) {
    const auto width = static_cast<std::size_t>(llama_model_n_embd(tower.model()));
    for (std::size_t i = 0; i < mtmd_input_chunks_size(chunks); ++i) {
        const auto* chunk = mtmd_input_chunks_get(chunks, i);
        if (mtmd_input_chunk_get_type(chunk) != MTMD_INPUT_CHUNK_TYPE_IMAGE) continue;
        ASSERT_EQ(mtmd_encode_chunk(tower.mtmd(), chunk), 0);
        const float* values = mtmd_get_output_embd(tower.mtmd());
        double squares = 0.0;
        const std::size_t n = mtmd_input_chunk_get_n_tokens(chunk) * width;
        for (std::size_t k = 0; k < n; ++k) {
            ASSERT_TRUE(std::isfinite(values[k]));
            squares += static_cast<double>(values[k]) * static_cast<double>(values[k]);
        }
        const double rms = std::sqrt(squares / static_cast<double>(n));
        EXPECT_GT(rms, 0.01);
        EXPECT_LT(rms, 100.0);
    }
}

TEST(SynthTowers, Qwen2VlSees) {
    SynthTower tower("tiny-qwen2-vl");
    ASSERT_NE(tower.mtmd(), nullptr);
    EXPECT_TRUE(mtmd_decode_use_mrope(tower.mtmd()));
    const auto chunks = tower.chunks(224, 168);
    EXPECT_EQ(image_tokens(chunks.get()), 8U * 6U);
    expect_finite_embeddings(tower, chunks.get());
}

TEST(SynthTowers, SmolVlmSees) {
    SynthTower tower("tiny-smolvlm");
    ASSERT_NE(tower.mtmd(), nullptr);
    const auto chunks = tower.chunks(600, 300);
    EXPECT_EQ(image_tokens(chunks.get()) % 64, 0U);
    EXPECT_GT(image_tokens(chunks.get()), 64U);
    expect_finite_embeddings(tower, chunks.get());
}

}  // namespace
}  // namespace landauer
