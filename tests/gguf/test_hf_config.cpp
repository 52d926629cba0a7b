#include <gmock/gmock.h>

#include <cmath>

#include "gguf/hf/config.h"
#include "gguf/hf/import.h"
#include "gguf_testing.h"
#include "hf_testing.h"

namespace landauer {
namespace {

using testing::config_of;
using ::testing::HasSubstr;
using testing::json;
using testing::TempFolder;
using testing::TinyHf;

json with(const json& changes, const char* architecture = "LlamaForCausalLM") {
    TinyHf model;
    model.hf_architecture = architecture;
    model.more_config = changes;
    return config_of(model);
}

std::string said(const json& changes, const char* architecture = "LlamaForCausalLM") {
    const auto config = read_hf_config(with(changes, architecture));
    if (config) return "";
    EXPECT_EQ(config.error().kind, ErrorKind::Invalid);
    EXPECT_FALSE(config.error().remedy.empty());
    return config.error().sentence;
}

TEST(HfConfig, WhatFilesOfSeveralAgesSayIsRead) {
    const auto config = read_hf_config(with({{"rope_theta", 500000}, {"num_key_value_heads", nullptr}}));
    ASSERT_TRUE(config) << config.error().sentence;
    EXPECT_EQ(config->architecture, "llama");
    EXPECT_EQ(config->n_head_kv, 4);
    EXPECT_EQ(config->rope.theta, 500000.0);
    EXPECT_EQ(config->rope.scaling, RopeScaling::None);
    EXPECT_TRUE(config->tied);
    auto newer = with({{"rope_parameters", {{"rope_theta", 7e5}, {"rope_type", "linear"}, {"factor", 2.0}}}});
    newer.erase("rope_theta");
    newer.erase("head_dim");
    newer.erase("tie_word_embeddings");
    const auto read = read_hf_config(newer);
    ASSERT_TRUE(read) << read.error().sentence;
    EXPECT_EQ(read->rope.theta, 7e5);
    EXPECT_EQ(read->rope.scaling, RopeScaling::Linear);
    EXPECT_EQ(read->rope.stretch.factor, 2.0);
    EXPECT_EQ(read->head_dim, 8);
    EXPECT_FALSE(read->tied);
}

TEST(HfConfig, WhatIsNotSupportedIsNamed) {
    EXPECT_THAT(said({{"architectures", {"GemmaForCausalLM"}}}), HasSubstr("GemmaForCausalLM is not supported."));
    EXPECT_THAT(said({{"architectures", {"Qwen3MoeForCausalLM"}}}), HasSubstr("mixture of experts"));
    EXPECT_THAT(said({{"architectures", json::array()}}), HasSubstr("names no architecture"));
    EXPECT_THAT(said({{"num_local_experts", 8}}), HasSubstr("mixture of experts"));
    EXPECT_THAT(said({{"quantization_config", {{"quant_method", "gptq"}}}}), HasSubstr("quantised already (gptq)"));
    EXPECT_THAT(said({{"use_sliding_window", true}}), HasSubstr("slides over a window"));
    EXPECT_THAT(said({{"layer_types", {"full_attention", "sliding_attention"}}}), HasSubstr("slides over a window"));
    EXPECT_THAT(said({{"sliding_window", 4096}}), HasSubstr("slides over a window"));
    EXPECT_EQ(said({{"sliding_window", 4096}, {"use_sliding_window", false}}), "");
    EXPECT_EQ(said({{"layer_types", {"full_attention", "full_attention"}}}), "");
    EXPECT_THAT(said({{"hidden_act", "gelu"}}), HasSubstr("activation is gelu"));
    EXPECT_THAT(said({{"rope_interleaved", true}}), HasSubstr("rope_interleaved"));
    EXPECT_THAT(said({{"partial_rotary_factor", 0.5}}), HasSubstr("part of each head"));
    EXPECT_THAT(said({{"rope_scaling", {{"type", "dynamic"}, {"factor", 2.0}}}}), HasSubstr("\"dynamic\""));
    EXPECT_THAT(said({{"rope_scaling", {{"rope_type", "longrope"}}}}), HasSubstr("\"longrope\""));
    EXPECT_THAT(said({{"rope_scaling", {{"rope_type", "yarn"}, {"factor", 4.0}, {"beta_fast", 16}}}}),
                HasSubstr("yarn"));
    EXPECT_THAT(said({{"rope_scaling", {{"rope_type", "llama3"}, {"factor", 8.0}}}}, "Qwen2ForCausalLM"),
                HasSubstr("not for qwen2"));
    EXPECT_THAT(said(json::object(), "Qwen2VLForConditionalGeneration"), HasSubstr("mrope_section"));
}

TEST(HfConfig, SizesThatAreMissingOrDoNotFitAreNamed) {
    EXPECT_THAT(said({{"hidden_size", nullptr}}), HasSubstr("does not say hidden_size"));
    EXPECT_THAT(said({{"hidden_size", "32"}}), HasSubstr("hidden_size of config.json is not a whole number"));
    EXPECT_THAT(said({{"num_hidden_layers", 0}}), HasSubstr("num_hidden_layers"));
    EXPECT_THAT(said({{"intermediate_size", -4}}), HasSubstr("intermediate_size"));
    EXPECT_THAT(said({{"rms_norm_eps", 0.0}}), HasSubstr("rms_norm_eps"));
    EXPECT_THAT(said({{"tie_word_embeddings", 1}}), HasSubstr("tie_word_embeddings"));
    EXPECT_THAT(said({{"num_key_value_heads", 3}}), HasSubstr("4 heads over 3 of keys"));
    EXPECT_THAT(said({{"head_dim", 7}}), HasSubstr("7 values each"));
    EXPECT_THAT(said({{"rope_scaling", {{"type", "linear"}}}}), HasSubstr("factor"));
}

// The plan of a folder whose configuration is changed so.
Result<ImportPlan> planned(const json& changes, const char* architecture = "LlamaForCausalLM") {
    const TempFolder folder;
    TinyHf model;
    model.hf_architecture = architecture;
    model.more_config = changes;
    write_hf_folder(model, folder / "hf");
    return plan_import({folder / "hf", "", "", "1"});
}

TEST(HfConfig, StretchedPositionsReachTheFile) {
    const auto linear = planned({{"rope_scaling", {{"type", "linear"}, {"factor", 4.0}}}});
    ASSERT_TRUE(linear) << linear.error().sentence;
    EXPECT_EQ(linear->header.get("llama.rope.scaling.type"), GgufValue(std::string("linear")));
    EXPECT_EQ(linear->header.get("llama.rope.scaling.factor"), GgufValue(4.0F));

    const auto yarn = planned({{"rope_scaling", {{"rope_type", "yarn"}, {"factor", 4.0}, {"attention_factor", 1.0}}}},
                              "Qwen2ForCausalLM");
    ASSERT_TRUE(yarn) << yarn.error().sentence;
    EXPECT_EQ(yarn->header.get("qwen2.rope.scaling.original_context_length"), GgufValue(std::uint32_t{512}));
    const auto attention = yarn->header.get("qwen2.rope.scaling.attn_factor");
    ASSERT_TRUE(attention);
    EXPECT_NEAR(std::get<float>(*attention) * (1.0 + 0.1 * std::log(4.0)), 1.0, 1e-6);

    const auto llama3 = planned(
        {{"rope_scaling", {{"rope_type", "llama3"}, {"factor", 8.0}, {"original_max_position_embeddings", 64}}}});
    ASSERT_TRUE(llama3) << llama3.error().sentence;
    const auto& factors = llama3->tensors[1];
    EXPECT_EQ(factors.spec.name, "rope_freqs.weight");
    // Turns within 64 tokens: 10.2, 1.02, 0.10, 0.01.
    ASSERT_EQ(factors.values.size(), 4U);
    EXPECT_EQ(factors.values[0], 1.0F);
    EXPECT_GT(factors.values[1], 1.0F);
    EXPECT_LT(factors.values[1], 8.0F);
    EXPECT_EQ(factors.values[2], 8.0F);
    EXPECT_EQ(factors.values[3], 8.0F);
    EXPECT_FALSE(llama3->header.get("llama.rope.scaling.type"));
}

TEST(HfConfig, TheLanguagePartOfAModelThatSeesIsTaken) {
    const TempFolder folder;
    TinyHf model;
    model.hf_architecture = "Qwen2VLForConditionalGeneration";
    model.biases = true;
    model.more_config = {{"rope_scaling", {{"type", "mrope"}, {"mrope_section", {2, 1, 1}}}},
                         {"vision_config", {{"depth", 2}}}};
    write_hf_folder(model, folder / "hf");
    auto weights = weights_of(model);
    weights["visual.blocks.0.attn.qkv.weight"] = {"F16", {2, 2}, "12345678"};
    testing::write_bytes(folder / "hf" / "model.safetensors", testing::safetensors_of(weights));
    const auto plan = plan_import({folder / "hf", "", "", "1"});
    ASSERT_TRUE(plan) << plan.error().sentence;
    EXPECT_EQ(plan->header.get("general.architecture"), GgufValue(std::string("qwen2vl")));
    EXPECT_EQ(plan->header.get("qwen2vl.rope.dimension_sections"), GgufValue(std::vector<std::int32_t>{2, 1, 1, 0}));
    EXPECT_EQ(plan->tensors.size(), weights.size() - 1);
}

}  // namespace
}  // namespace landauer
