// Synthetic models in libllama: they load, think in finite numbers, and have the types llama-quantize gives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "engine/llama/borrow.h"
#include "engine/llama/vocabulary.h"
#include "engine_testing.h"
#include "gguf/summary.h"
#include "synth_testing.h"

namespace landauer {
namespace {

using ::testing::Contains;
using ::testing::Field;
using testing::grid_request;
using ::testing::HasSubstr;
using testing::make_model;
using testing::TempFolder;
using testing::text_request;

const std::vector<std::string> kTiny = {"tiny-llama", "tiny-qwen2", "tiny-qwen2-vl", "tiny-smolvlm"};

EngineSettings settings_for(const std::filesystem::path& model) {
    EngineSettings settings;
    settings.model = model;
    settings.n_ctx = 256;
    settings.n_threads = 1;
    return settings;
}

// Logits after each of a few tokens.
std::vector<float> logits_of(llama_model* model) {
    auto params = llama_context_default_params();
    params.n_ctx = 64;
    params.n_threads = 1;
    params.n_threads_batch = 1;
    const std::unique_ptr<llama_context, decltype(&llama_free)> context(llama_init_from_model(model, params),
                                                                        llama_free);
    std::vector<llama_token> tokens = {1, 7, 42, 99};
    EXPECT_EQ(llama_decode(context.get(), llama_batch_get_one(tokens.data(), 4)), 0);
    const auto n_vocab = static_cast<std::size_t>(llama_vocab_n_tokens(llama_model_get_vocab(model)));
    const float* logits = llama_get_logits_ith(context.get(), -1);
    return {logits, logits + n_vocab};
}

TEST(SynthModels, TinyOnesLoadAndThinkInFiniteNumbers) {
    for (const std::string& shape : kTiny) {
        for (const char* type : {"Q4_K_M", "Q8_0", "F16"}) {
            const TempFolder folder;
            auto engine = make_llama_engine();
            const auto loaded = engine->load(settings_for(make_model(folder, shape, type).model), {});
            ASSERT_TRUE(loaded) << shape << ": " << loaded.error().sentence;
            const auto logits = logits_of(borrow_model(*engine));
            double sum = 0.0;
            double squares = 0.0;
            for (const float logit : logits) {
                ASSERT_TRUE(std::isfinite(logit)) << shape << " " << type;
                sum += static_cast<double>(logit);
                squares += static_cast<double>(logit) * static_cast<double>(logit);
            }
            const auto n = static_cast<double>(logits.size());
            const double deviation = std::sqrt(squares / n - sum / n * sum / n);
            EXPECT_GT(deviation, 0.3) << shape << " " << type;
            EXPECT_LT(deviation, 30.0) << shape << " " << type;
        }
    }
}

TEST(SynthModels, TextGoesThroughTheTokenizerAndBack) {
    const std::string text = "Caf\xC3\xA9, 3 \xE2\x82\xAC: <|im_start|> is text here?\n\n\tYes.";
    for (const std::string& shape : kTiny) {
        const TempFolder folder;
        auto engine = open_llama_vocabulary(make_model(folder, shape).model);
        ASSERT_TRUE(engine) << engine.error().sentence;
        const llama_vocab* vocab = llama_model_get_vocab(borrow_model(**engine));
        std::vector<llama_token> tokens(256);
        const auto n = llama_tokenize(vocab, text.data(), static_cast<std::int32_t>(text.size()), tokens.data(), 256,
                                      /*add_special=*/false, /*parse_special=*/false);
        ASSERT_GT(n, 0) << shape;
        std::string back(1024, '\0');
        const auto length = llama_detokenize(vocab, tokens.data(), n, back.data(), 1024, false, true);
        ASSERT_GT(length, 0) << shape;
        back.resize(static_cast<std::size_t>(length));
        EXPECT_EQ(back, text) << shape;
    }
}

TEST(SynthModels, SayThatTheirWeightsAreSynthetic) {
    const TempFolder folder;
    const auto made = make_model(folder, "tiny-llama");
    const auto summary = inspect_gguf(made.model);
    ASSERT_TRUE(summary);
    EXPECT_TRUE(summary->synthetic);
    EXPECT_EQ(summary->metadata.at("landauer.synthetic.shape"), "tiny-llama");
    EXPECT_EQ(summary->metadata.at("landauer.synthetic.tokenizer"), "byte fallback");
    auto engine = make_llama_engine();
    const auto loaded = engine->load(settings_for(made.model), {});
    ASSERT_TRUE(loaded);
    EXPECT_THAT(loaded->caveats, Contains(Field(&Caveat::code, "synthetic-weights")));
    EXPECT_THAT(loaded->model.type, HasSubstr("Q4_K - Medium, synthetic weights"));
    EXPECT_EQ(loaded->model.name, "Tiny-Llama synthetic");
}

TEST(SynthModels, ChatTemplatesAreUnderstood) {
    for (const std::string& shape : kTiny) {
        const TempFolder folder;
        auto engine = make_llama_engine();
        const auto loaded = engine->load(settings_for(make_model(folder, shape).model), {});
        ASSERT_TRUE(loaded);
        EXPECT_THAT(loaded->caveats, Not(Contains(Field(&Caveat::code, HasSubstr("chat-template"))))) << shape;
        const auto plain = engine->tokenize(text_request("Hi", 0));
        ASSERT_TRUE(plain);
        EXPECT_GT(plain->size(), 10U) << shape;
        const auto done = engine->run(text_request("Hi", 4), {});
        ASSERT_TRUE(done) << done.error().sentence;
    }
}

std::map<std::string, std::string> types_in(const std::filesystem::path& file) {
    std::map<std::string, std::string> types;
    const auto summary = inspect_gguf(file);
    EXPECT_TRUE(summary) << summary.error().sentence;
    for (const GgufTensor& tensor : summary->tensors) types[tensor.name] = tensor.type;
    return types;
}

// libllama quantises the F16 model itself; the plan must have foreseen every type.
void expect_types_as_quantised(const SynthShape& shape) {
    const TempFolder folder;
    SynthRequest request;
    request.type = "F16";
    const auto whole = plan_synth(shape, request);
    ASSERT_TRUE(whole) << whole.error().sentence;
    ASSERT_TRUE(write_synth(*whole, whole->model, folder / "f16.gguf", false, {}));
    for (const std::string& type : file_type_names()) {
        request.type = type;
        const auto plan = plan_synth(shape, request);
        ASSERT_TRUE(plan);
        auto params = llama_model_quantize_default_params();
        params.nthread = 1;
        params.ftype = static_cast<llama_ftype>(plan->file_type.id);
        const auto out = folder / (type + ".gguf");
        ASSERT_EQ(llama_model_quantize((folder / "f16.gguf").c_str(), out.c_str(), &params), 0U) << type;
        const auto quantised = types_in(out);
        EXPECT_EQ(quantised.size(), plan->model.tensors.size());
        for (const SynthTensor& tensor : plan->model.tensors) {
            EXPECT_EQ(tensor.spec.type, quantised.at(tensor.spec.name)) << type << " " << tensor.spec.name;
        }
    }
}

TEST(SynthModels, TypesAreThoseOfLlamaQuantize) {
    const auto engine = make_llama_engine();  // keeps libllama's log to itself
    expect_types_as_quantised(*find_shape("tiny-llama"));
    expect_types_as_quantised(*find_shape("tiny-qwen2"));
}

// Rows without blocks of 256 or even 32, many layers, and more than four query heads for a key head.
TEST(SynthModels, TypesFallBackAsLlamaQuantizeDoes) {
    const auto engine = make_llama_engine();
    SynthShape shape = *find_shape("tiny-llama");
    shape.language.n_layer = 24;
    shape.language.n_embd = 192;
    shape.language.n_head = 6;
    shape.language.n_head_kv = 1;
    shape.language.n_ff = 272;
    expect_types_as_quantised(shape);
    shape.language.n_ff = 512;
    shape.language.tied = true;
    expect_types_as_quantised(shape);
}

}  // namespace
}  // namespace landauer
