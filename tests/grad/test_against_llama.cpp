// The forward pass against libllama's own, in single precision throughout.
#include <gtest/gtest.h>
#include <landauer/load_model.h>

#include <cstdlib>
#include <memory>

#include "engine/engine.h"
#include "engine/factor_testing.h"
#include "engine/quantise.h"
#include "gguf/synth/synth.h"
#include "grad/head.h"
#include "llama.h"
#include "temp_folder.h"
#include "tiny_model.h"

namespace landauer {
namespace {

using testing::TempFolder;
using testing::TinyModel;

// Single precision in another order: 1e-4 is seen over 30 layers of a real model, 1e-2 and more where a term is wrong.
constexpr float kRounding = 1e-3F;

struct FreeModel {
    void operator()(llama_model* model) const { llama_model_free(model); }
};
struct FreeContext {
    void operator()(llama_context* context) const { llama_free(context); }
};

// ln p of every token at every position.
MatrixF llama_log_probabilities(const std::filesystem::path& file, const std::vector<std::int32_t>& tokens) {
    llama_log_set([](ggml_log_level, const char*, void*) {}, nullptr);
    llama_backend_init();
    const std::unique_ptr<llama_model, FreeModel> model(
        load_llama_model(file, llama_model_default_params()).value_or(nullptr));
    if (!model) {
        ADD_FAILURE() << "libllama does not load " << file;
        return {};
    }
    llama_context_params params = llama_context_default_params();
    params.n_ctx = params.n_batch = params.n_ubatch = 512;
    params.n_threads = params.n_threads_batch = 2;
    params.type_k = params.type_v = GGML_TYPE_F32;
    params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    const std::unique_ptr<llama_context, FreeContext> context(llama_init_from_model(model.get(), params));
    llama_batch batch = llama_batch_init(512, 0, 1);
    batch.n_tokens = static_cast<std::int32_t>(tokens.size());
    for (std::size_t t = 0; t < tokens.size(); ++t) {
        batch.token[t] = tokens[t];
        batch.pos[t] = static_cast<llama_pos>(t);
        batch.n_seq_id[t] = 1;
        batch.seq_id[t][0] = 0;
        batch.logits[t] = 1;
    }
    EXPECT_EQ(llama_decode(context.get(), batch), 0);
    llama_batch_free(batch);
    const auto n_vocab = static_cast<std::size_t>(llama_vocab_n_tokens(llama_model_get_vocab(model.get())));
    MatrixF all(tokens.size(), n_vocab);
    for (std::size_t t = 0; t < tokens.size(); ++t) {
        const float* logits = llama_get_logits_ith(context.get(), static_cast<std::int32_t>(t));
        double sum = 0.0;
        const float top = *std::max_element(logits, logits + n_vocab);
        for (std::size_t v = 0; v < n_vocab; ++v) sum += std::exp(static_cast<double>(logits[v] - top));
        for (std::size_t v = 0; v < n_vocab; ++v) all(t, v) = logits[v] - top - static_cast<float>(std::log(sum));
    }
    return all;
}

MatrixF own_log_probabilities(const std::filesystem::path& path, const std::vector<std::int32_t>& tokens) {
    const auto file = WeightFile::open(path);
    EXPECT_TRUE(file) << file.error().sentence;
    const auto shape = decoder_shape(*file);
    EXPECT_TRUE(shape) << shape.error().sentence;
    if (!shape) return {};
    auto stream = read_embeddings(*file, *shape, tokens);
    EXPECT_TRUE(stream) << stream.error().sentence;
    BlockTape tape;
    for (std::size_t layer = 0; layer < shape->n_layer; ++layer) {
        const auto weights = read_block(*file, *shape, layer);
        EXPECT_TRUE(weights) << weights.error().sentence;
        block_forward(*shape, *weights, layer, *stream, tape, *stream);
    }
    const auto head = read_head(*file, *shape);
    EXPECT_TRUE(head) << head.error().sentence;
    return log_probabilities(*head, *stream);
}

std::vector<std::int32_t> random_tokens(std::size_t n, std::int64_t n_vocab, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<std::int32_t> tokens(n);
    for (std::int32_t& token : tokens) {
        token = static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(n_vocab));
    }
    return tokens;
}

void expect_same(const std::filesystem::path& file, const std::vector<std::int32_t>& tokens, float tolerance,
                 const std::string& what) {
    const MatrixF theirs = llama_log_probabilities(file, tokens);
    const MatrixF ours = own_log_probabilities(file, tokens);
    ASSERT_EQ(theirs.cols(), ours.cols()) << what;
    ASSERT_EQ(theirs.rows(), ours.rows()) << what;
    float most = 0.0F;
    for (std::size_t i = 0; i < ours.values().size(); ++i) {
        most = std::max(most, std::abs(ours.values()[i] - theirs.values()[i]));
    }
    EXPECT_LT(most, tolerance) << what;
    if (std::getenv("LANDAUER_SHOW") != nullptr) std::printf("%s: largest difference %.2e nats\n", what.c_str(), most);
}

TEST(AgainstLlama, EveryArchitectureHasItsLogits) {
    const TempFolder folder;
    for (TinyModel model : testing::tiny_variants()) {
        for (unsigned seed = 1; seed <= 3; ++seed) {
            model.seed = seed;
            testing::write_tiny(model, folder / "m.gguf");
            expect_same(folder / "m.gguf", random_tokens(70, model.n_vocab, seed), kRounding,
                        model.architecture + " seed " + std::to_string(seed));
        }
    }
}

// Factors, which libllama computes with on a device of landauer's.
TEST(AgainstLlama, FactorsHaveTheLogitsOfTheirProduct) {
    for (TinyModel model : testing::tiny_variants()) {
        if (!model.is_even()) continue;  // ranks that fit every layer
        const TempFolder folder;
        model.n_head_kv = model.n_head;
        testing::write_tiny(model, folder / "m.gguf");
        testing::Factorising how;
        how.rank = 8;
        testing::factorise(folder / "m.gguf", how, folder / "f.gguf", folder / "d.gguf");
        expect_same(folder / "f.gguf", random_tokens(70, model.n_vocab, 3), kRounding, model.architecture);
    }
}

TEST(AgainstLlama, SyntheticShapesHaveItsLogits) {
    // The pinned llama.cpp takes 0 for qwen2vl's epsilon instead of the header's, which shows beside its small
    // random embeddings.
    const std::vector<std::pair<std::string, float>> shapes = {
        {"tiny-llama", 3e-4F}, {"tiny-qwen2", 3e-4F}, {"tiny-qwen2-vl", 5e-3F}};
    for (const auto& [shape, tolerance] : shapes) {
        const TempFolder folder;
        SynthRequest request;
        request.shape = shape;
        request.type = "F32";
        const auto plan = plan_synth(request);
        ASSERT_TRUE(plan) << plan.error().sentence;
        ASSERT_TRUE(write_synth(*plan, plan->model, folder / "m.gguf", false, {}));
        expect_same(folder / "m.gguf", random_tokens(100, 200, 5), tolerance, shape);
    }
}

// Dequantised, so that libllama multiplies in single precision as well.
TEST(AgainstLlama, RealModelHasItsLogits) {
    const char* model = std::getenv("LANDAUER_TEST_MODEL");
    if (model == nullptr) GTEST_SKIP() << "LANDAUER_TEST_MODEL is not set";
    const TempFolder folder;
    ASSERT_TRUE(quantise(model, "F32", folder / "f32.gguf", 2));
    const auto vocabulary = open_vocabulary(model);
    ASSERT_TRUE(vocabulary) << vocabulary.error().sentence;
    TrialRequest request;
    request.chat_template = false;
    for (int i = 0; i < 12; ++i) {
        request.text +=
            "The second law says that the entropy of a closed system never falls. A computer that "
            "forgets a bit must give away heat, and the least of it is kT ln 2. ";
    }
    const auto tokens = (*vocabulary)->tokenize(request);
    ASSERT_TRUE(tokens) << tokens.error().sentence;
    ASSERT_GT(tokens->size(), 300U);
    expect_same(folder / "f32.gguf", *tokens, kRounding, "SmolLM2-135M, " + std::to_string(tokens->size()) + " tokens");
}

}  // namespace
}  // namespace landauer
