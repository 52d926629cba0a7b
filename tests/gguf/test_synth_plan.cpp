// Shapes against what is published of the models they stand for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "gguf/rope_factors.h"
#include "gguf/synth/synth.h"
#include "gguf/synth/vocab_places.h"

namespace landauer {
namespace {

using ::testing::HasSubstr;

SynthPlan planned(const std::string& shape, const std::string& type = "") {
    SynthRequest request;
    request.shape = shape;
    request.type = type;
    auto plan = plan_synth(request);
    EXPECT_TRUE(plan) << shape << ": " << (plan ? "" : plan.error().sentence);
    return std::move(*plan);
}

std::uint64_t data_bytes(const SynthFile& file) { return file.header.file_bytes() - file.header.header_bytes(); }

std::map<std::string, int> count_types(const SynthFile& file) {
    std::map<std::string, int> types;
    for (const SynthTensor& tensor : file.tensors) ++types[tensor.spec.type];
    return types;
}

TEST(SynthPlan, ParametersAreThePublishedOnes) {
    // rope_freqs, which llama.cpp's converter adds, counts as well: half a head each.
    EXPECT_EQ(planned("llama-3.1-8b").model.n_params(), 8'030'261'248U + 64);
    EXPECT_EQ(planned("llama-3.2-3b").model.n_params(), 3'212'749'824U + 64);
    EXPECT_EQ(planned("llama-3.2-1b").model.n_params(), 1'235'814'400U + 32);
    EXPECT_EQ(planned("smollm2-135m").model.n_params(), 134'515'008U);
    EXPECT_EQ(planned("smollm2-360m").model.n_params(), 361'821'120U);
    const SynthPlan qwen = planned("qwen2-vl-2b");
    ASSERT_TRUE(qwen.tower);
    EXPECT_EQ(qwen.model.n_params() + qwen.tower->n_params(), 2'208'985'600U);
    const SynthPlan smol = planned("smolvlm-256m");
    ASSERT_TRUE(smol.tower);
    EXPECT_EQ(smol.model.n_params() + smol.tower->n_params(), 256'484'928U);
}

TEST(SynthPlan, TheSmallerPartnerHas57PercentOfTheLanguageWeights) {
    const SynthPlan whole = planned("qwen2-vl-2b");
    const SynthPlan partner = planned("qwen2-vl-1.1b-like");
    const double share = static_cast<double>(partner.model.n_params()) / static_cast<double>(whole.model.n_params());
    EXPECT_NEAR(share, 0.57, 0.005);
    ASSERT_TRUE(whole.tower && partner.tower);
    EXPECT_EQ(partner.tower->n_params(), whole.tower->n_params());
}

TEST(SynthPlan, FilesAreAsLargeAsTheRealOnes) {
    const SynthPlan large = planned("llama-3.1-8b");
    EXPECT_EQ(large.model.tensors.size(), 292U);
    EXPECT_EQ(data_bytes(large.model), 4'912'898'304U);
    const SynthPlan small = planned("llama-3.2-3b");
    EXPECT_EQ(small.model.tensors.size(), 255U);
    EXPECT_EQ(data_bytes(small.model), 2'011'539'712U);
    if (!find_vocabulary("llama-bpe")) GTEST_SKIP() << "without llama.cpp's vocabularies headers are shorter";
    // Metadata differ by a name or two.
    EXPECT_NEAR(static_cast<double>(large.model.header.file_bytes()), 4'920'734'304.0, 1024.0);
    EXPECT_NEAR(static_cast<double>(small.model.header.file_bytes()), 2'019'373'504.0, 1024.0);
}

TEST(SynthPlan, MixturesFollowTheLayers) {
    const auto untied = count_types(planned("llama-3.1-8b", "Q4_K_M").model);
    // Of 32 layers 4 first, 4 last and every third of the 24 between: 16 favour attn_v and ffn_down; the head as well.
    EXPECT_EQ(untied.at("q6_K"), 2 * 16 + 1);
    EXPECT_EQ(untied.at("q4_K"), 32 * 7 + 1 - 2 * 16);
    EXPECT_EQ(untied.at("f32"), 2 * 32 + 2);
    const auto narrow = count_types(planned("smollm2-135m", "Q4_K_M").model);
    // Rows of 576 have no blocks of 256: their types fall back, rows of 1536 keep theirs.
    EXPECT_EQ(narrow.at("q5_0") + narrow.at("q8_0"), 6 * 30 + 1);
    EXPECT_EQ(narrow.at("q4_K") + narrow.at("q6_K"), 30);
    EXPECT_EQ(count_types(planned("tiny-qwen2", "F16").model).size(), 2U);
    EXPECT_EQ(count_types(planned("tiny-qwen2", "F32").model).size(), 1U);
}

TEST(SynthPlan, EveryShapeTakesEveryType) {
    for (const SynthShape& shape : synth_shapes()) {
        for (const std::string& type : file_type_names()) {
            GgufHeader header;
            for (const SynthTensor& tensor : language_tensors(shape.language, 512, *find_file_type(type))) {
                const auto added = header.add_tensor(tensor.spec);
                EXPECT_TRUE(added) << shape.name << " " << type << ": " << added.error().sentence;
            }
        }
    }
}

TEST(SynthPlan, TinyShapesAreMegabytes) {
    for (const SynthShape& shape : synth_shapes()) {
        if (!shape.is_tiny) continue;
        const SynthPlan plan = planned(shape.name);
        EXPECT_LT(plan.model.header.file_bytes(), 10'000'000U) << shape.name;
        EXPECT_EQ(plan.tower.has_value(), shape.tower.has_value()) << shape.name;
    }
}

TEST(SynthPlan, TinyShapesHaveTheKeysOfTheLargeOnes) {
    const auto keys = [](const SynthFile& file, const std::vector<std::string>& wanted) {
        for (const std::string& key : wanted) EXPECT_TRUE(file.header.get(key)) << key;
    };
    for (const char* name : {"qwen2-vl-2b", "tiny-qwen2-vl"}) {
        const SynthPlan plan = planned(name);
        keys(plan.model, {"qwen2vl.rope.dimension_sections", "qwen2vl.rope.freq_base", "qwen2vl.context_length",
                          "qwen2vl.attention.layer_norm_rms_epsilon", "tokenizer.ggml.pre", "tokenizer.chat_template",
                          "landauer.synthetic", "landauer.synthetic.shape", "landauer.synthetic.seed",
                          "landauer.synthetic.tokenizer"});
        ASSERT_TRUE(plan.tower);
        keys(*plan.tower, {"clip.projector_type", "clip.vision.image_size", "clip.vision.image_mean",
                           "clip.vision.image_std", "landauer.synthetic"});
        EXPECT_FALSE(plan.tower->header.get("clip.use_gelu"));
    }
    for (const char* name : {"smolvlm-256m", "tiny-smolvlm"}) {
        const SynthPlan plan = planned(name);
        ASSERT_TRUE(plan.tower);
        keys(*plan.tower, {"clip.use_gelu", "clip.vision.projector.scale_factor", "clip.vision.preproc_image_size"});
    }
}

TEST(SynthPlan, UnknownNamesAreRefusedWithTheNearest) {
    SynthRequest request;
    request.shape = "llama-3.1-8";
    auto plan = plan_synth(request);
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(plan.error().sentence, HasSubstr("\"llama-3.1-8\""));
    EXPECT_THAT(plan.error().remedy, HasSubstr("llama-3.1-8b, "));
    request.shape = "tiny-llama";
    request.type = "Q4_K_X";
    plan = plan_synth(request);
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(plan.error().remedy, HasSubstr("Q4_K_M"));
}

TEST(RopeFactors, ShortWavesStayAndLongOnesAreStretched) {
    const auto factors = rope_factors(128, 500000.0, {.factor = 8.0});
    ASSERT_EQ(factors.size(), 64U);
    EXPECT_EQ(factors.front(), 1.0F);
    EXPECT_EQ(factors.back(), 8.0F);
    EXPECT_TRUE(std::is_sorted(factors.begin(), factors.end()));
    // 29 waves turn more than four times within 8192 tokens, 29 less than once.
    EXPECT_EQ(std::count(factors.begin(), factors.end(), 1.0F), 29);
    EXPECT_EQ(std::count(factors.begin(), factors.end(), 8.0F), 29);
}

}  // namespace
}  // namespace landauer
