#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grad/decoder.h"
#include "temp_folder.h"
#include "tiny_model.h"

namespace landauer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::TempFolder;
using testing::TinyModel;

Result<DecoderShape> shape_of(const TinyModel& model) {
    const TempFolder folder;
    testing::write_tiny(model, folder / "m.gguf");
    const auto file = WeightFile::open(folder / "m.gguf");
    if (!file) return tl::unexpected(file.error());
    return decoder_shape(*file);
}

void expect_refusal(const TinyModel& model, const std::string& words) {
    const auto shape = shape_of(model);
    ASSERT_FALSE(shape) << "no error, but expected: " << words;
    EXPECT_EQ(shape.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(shape.error().sentence, HasSubstr(words));
    EXPECT_FALSE(shape.error().remedy.empty());
}

TEST(DecoderShape, IsReadForEveryArchitecture) {
    for (const TinyModel& model : testing::tiny_variants()) {
        const auto shape = shape_of(model);
        ASSERT_TRUE(shape) << model.architecture << ": " << shape.error().sentence;
        EXPECT_EQ(shape->architecture, model.architecture);
        EXPECT_EQ(shape->n_layer, model.n_head.size());
        EXPECT_EQ(shape->n_embd, 48U);
        EXPECT_EQ(shape->n_vocab, 97U);
        EXPECT_EQ(shape->head_dim, static_cast<std::size_t>(model.head_dim));
        EXPECT_EQ(shape->tied_head, model.tied);
        EXPECT_EQ(shape->rope_halves, model.architecture.starts_with("qwen"));
        EXPECT_EQ(shape->rope_factors.empty(), !model.rope_factors);
        EXPECT_DOUBLE_EQ(shape->rope_scale, model.rope_scaling > 0.0 ? 1.0 / model.rope_scaling : 1.0);
        EXPECT_NEAR(shape->rms_eps, static_cast<double>(model.rms_eps), 1e-12);
    }
}

TEST(DecoderShape, KnowsUnevenLayers) {
    const auto shape = shape_of(testing::tiny_variants().back());
    ASSERT_TRUE(shape) << shape.error().sentence;
    EXPECT_THAT(shape->n_head, ElementsAre(4, 0, 2, 3));
    EXPECT_THAT(shape->n_head_kv, ElementsAre(2, 0, 2, 1));
    EXPECT_THAT(shape->n_ff, ElementsAre(80, 33, 7, 96));
}

TEST(DecoderShape, RefusesWhatItCannotRun) {
    TinyModel other;
    other.architecture = "gemma2";
    const auto refused = shape_of(other);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().sentence, HasSubstr("\"gemma2\""));
    EXPECT_THAT(refused.error().remedy, HasSubstr("llama, qwen2, qwen3, qwen2vl, deci"));

    const auto with = [](const std::string& key, const GgufValue& value) {
        TinyModel model;
        model.edit = [key, value](GgufHeader& header) { ASSERT_TRUE(header.set("llama." + key, value)); };
        return model;
    };
    expect_refusal(with("expert_count", std::uint32_t{8}), "mixture of experts");
    expect_refusal(with("rope.scaling.type", std::string("yarn")), "\"yarn\"");
    expect_refusal(with("rope.dimension_count", std::uint32_t{6}), "rotates 6 of 12");
    expect_refusal(with("attention.value_length", std::uint32_t{24}), "different widths");
    expect_refusal(with("attention.head_count_kv", std::uint32_t{3}), "4 heads over 3");
    expect_refusal(with("attention.head_count", std::uint32_t{8}), "blk.0.attn_q.weight as [48, 48]");
    expect_refusal(with("feed_forward_length", std::vector<std::int32_t>{80, 80, 80}), "does not fit its layers");
    expect_refusal(with("feed_forward_length", std::string("many")), "feed_forward_length");
    expect_refusal(with("block_count", std::uint32_t{3}), "blk.2.attn_norm.weight");
    expect_refusal(with("block_count", std::uint32_t{1}), "blk.1.attn_norm.weight that this decoder does not know");
}

TEST(DecoderShape, RefusesTensorsThatAreMissingOrStrange) {
    TinyModel missing;
    missing.without = "blk.1.ffn_down.weight";
    expect_refusal(missing, "no tensor blk.1.ffn_down.weight");
    TinyModel more;
    more.more_tensors = {{"blk.0.attn_sinks.weight", "f32", {4}}};
    expect_refusal(more, "blk.0.attn_sinks.weight that this decoder does not know");
}

TEST(DecoderShape, RefusesLayersThatTheRuntimeReadsOtherwise) {
    TinyModel model;
    model.architecture = "deci";
    model.n_head = {0, 4};
    model.n_head_kv = {0, 2};
    expect_refusal(model, "no attention in layer 0");
    model.n_head = {4, 4};
    model.n_head_kv = {2, 2};
    model.edit = [](GgufHeader& header) {
        ASSERT_TRUE(header.set("deci.attention.head_count_kv", std::vector<std::int32_t>{2, 0}));
    };
    expect_refusal(model, "replaces the attention of layer 1");
}

}  // namespace
}  // namespace landauer
