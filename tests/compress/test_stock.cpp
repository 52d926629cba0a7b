// The smaller file in stock shapes: what is dead goes without a trace, what stays keeps its codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <numeric>

#include "compress/collect.h"
#include "compress/pipeline.h"
#include "compress/stock_curves.h"
#include "compress/stock_write.h"
#include "grad/head.h"
#include "temp_folder.h"
#include "tiny_model.h"

namespace landauer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::TempFolder;
using testing::TinyModel;

using Change = std::function<void(const GgufTensor& tensor, std::span<float> values)>;

// The same file with other values in its (f32) tensors.
void replant(const std::filesystem::path& from, const std::filesystem::path& to, const Change& change) {
    const auto source = WeightFile::open(from);
    ASSERT_TRUE(source);
    auto header = GgufHeader::with_metadata_of(from);
    ASSERT_TRUE(header);
    for (const GgufTensor& tensor : source->summary().tensors) {
        ASSERT_TRUE(header->add_tensor({tensor.name, tensor.type, tensor.shape}));
    }
    auto writer = GgufWriter::create(to, *header, true);
    ASSERT_TRUE(writer);
    for (const GgufTensor& tensor : source->summary().tensors) {
        auto values = source->read(tensor.name);
        ASSERT_TRUE(values);
        change(tensor, *values);
        ASSERT_TRUE(writer->write(tensor.name, std::as_bytes(std::span(*values))));
    }
    ASSERT_TRUE(writer->finish());
}

// Columns [first, last) of an out x in matrix become 0.
void kill_columns(std::span<float> values, std::size_t n_in, std::size_t first, std::size_t last) {
    for (std::size_t at = 0; at < values.size(); ++at) {
        if (at % n_in >= first && at % n_in < last) values[at] = 0.0F;
    }
}

std::vector<std::int32_t> some_tokens(std::size_t n) {
    std::vector<std::int32_t> tokens(n);
    std::iota(tokens.begin(), tokens.end(), 3);
    return tokens;
}

MatrixF log_probabilities_of(const std::filesystem::path& path) {
    const auto file = WeightFile::open(path);
    EXPECT_TRUE(file);
    const auto shape = decoder_shape(*file);
    EXPECT_TRUE(shape) << shape.error().sentence;
    if (!shape) return {};
    auto stream = read_embeddings(*file, *shape, some_tokens(40));
    BlockTape tape;
    for (std::size_t layer = 0; layer < shape->n_layer; ++layer) {
        const auto weights = read_block(*file, *shape, layer);
        EXPECT_TRUE(weights) << weights.error().sentence;
        if (!weights) return {};
        block_forward(*shape, *weights, layer, *stream, tape, *stream);
    }
    return log_probabilities(*read_head(*file, *shape), *stream);
}

float difference(const MatrixF& a, const MatrixF& b) {
    if (a.values().size() != b.values().size() || a.empty()) return INFINITY;
    float most = 0.0F;
    for (std::size_t i = 0; i < a.values().size(); ++i) most = std::max(most, std::abs(a.values()[i] - b.values()[i]));
    return most;
}

struct Bench {
    WeightFile file;
    StockShape shape;
    StatisticsFile statistics;
};

Result<Bench> bench_of(const std::filesystem::path& model, const std::filesystem::path& statistics) {
    std::vector<std::vector<std::int32_t>> windows;
    for (std::int32_t w = 0; w < 6; ++w) {
        windows.emplace_back();
        for (std::int32_t t = 0; t < 50; ++t) windows.back().push_back((w * 31 + t * t * 7 + t) % 97);
    }
    CollectSettings settings;
    settings.all_gradients = false;
    if (auto done = collect_statistics(model, windows, settings, statistics, {}, {}); !done) {
        return tl::unexpected(done.error());
    }
    auto file = WeightFile::open(model);
    if (!file) return tl::unexpected(file.error());
    auto shape = stock_shape(*file, CostAxis::Parameters);
    if (!shape) return tl::unexpected(shape.error());
    auto opened = StatisticsFile::open(statistics);
    if (!opened) return tl::unexpected(opened.error());
    return Bench{std::move(*file), std::move(*shape), std::move(*opened)};
}

std::vector<LayerKeep> everything(const StockShape& shape) {
    std::vector<LayerKeep> keep(shape.decoder.n_layer);
    for (std::size_t layer = 0; layer < keep.size(); ++layer) {
        keep[layer].neurons.resize(shape.decoder.n_ff[layer]);
        keep[layer].groups.resize(shape.decoder.n_head_kv[layer]);
        std::iota(keep[layer].neurons.begin(), keep[layer].neurons.end(), 0U);
        std::iota(keep[layer].groups.begin(), keep[layer].groups.end(), 0U);
    }
    return keep;
}

TinyModel wide(const std::string& architecture) {
    TinyModel model;
    model.architecture = architecture;
    model.n_ff = {96, 96};
    model.biases = architecture == "qwen2" || architecture == "qwen2vl";
    return model;
}

// Neurons 10 to 41 of layer 0 and head group 1 of layer 1 reach nothing.
void plant_dead(const GgufTensor& tensor, std::span<float> values) {
    if (tensor.name == "blk.0.ffn_down.weight") kill_columns(values, 96, 10, 42);
    if (tensor.name == "blk.1.attn_output.weight") kill_columns(values, 48, 24, 48);
}

TEST(Stock, WhatIsDeadGoesWithoutATraceInEveryFamily) {
    for (const std::string architecture : {"llama", "qwen2"}) {
        const TempFolder folder;
        write_tiny(wide(architecture), folder / "raw.gguf");
        replant(folder / "raw.gguf", folder / "m.gguf", plant_dead);
        const auto bench = bench_of(folder / "m.gguf", folder / "s.gguf");
        ASSERT_TRUE(bench) << bench.error().sentence;
        const auto curves = stock_curves(bench->file, bench->shape, bench->statistics, {}, {});
        ASSERT_TRUE(curves) << curves.error().sentence;
        EXPECT_NEAR((*curves)[0].neurons.loss[32], 0.0, 1e-9);
        EXPECT_EQ((*curves)[1].groups.order.front(), 1U);
        EXPECT_NEAR((*curves)[1].groups.loss[1], 0.0, 1e-9);

        const auto units = stock_units(bench->shape, *curves);
        const double dead = 32.0 * bench->shape.prices[0].neuron + bench->shape.prices[1].group;
        const auto allocation = allocate(units, bench->shape.block_cost - dead);
        ASSERT_TRUE(allocation);
        const auto keep = kept_by(bench->shape, *curves, units, *allocation);
        EXPECT_EQ(keep[0].neurons.size(), 64U);
        EXPECT_EQ(std::count(keep[0].neurons.begin(), keep[0].neurons.end(), 20U), 0);
        EXPECT_THAT(keep[1].groups, ElementsAre(0U));

        Making making;
        making.source_name = "tiny";
        ASSERT_TRUE(write_stock(bench->file, bench->shape, keep, bench->statistics, making, folder / "o.gguf", {}, {}));
        const auto small = WeightFile::open(folder / "o.gguf");
        ASSERT_TRUE(small);
        EXPECT_EQ(small->summary().architecture, "deci");
        EXPECT_THAT(small->summary().lists.at("deci.feed_forward_length"), ElementsAre(64, 96));
        EXPECT_THAT(small->summary().lists.at("deci.attention.head_count"), ElementsAre(4, 2));
        EXPECT_THAT(small->summary().lists.at("deci.attention.head_count_kv"), ElementsAre(2, 1));
        EXPECT_LT(difference(log_probabilities_of(folder / "m.gguf"), log_probabilities_of(folder / "o.gguf")), 1e-3F)
            << architecture;
    }
}

TEST(Stock, AttentionThatReachesNothingGoesWhole) {
    const TempFolder folder;
    write_tiny(wide("llama"), folder / "raw.gguf");
    replant(folder / "raw.gguf", folder / "m.gguf", [](const GgufTensor& tensor, std::span<float> values) {
        if (tensor.name == "blk.1.attn_output.weight") std::fill(values.begin(), values.end(), 0.0F);
    });
    const auto bench = bench_of(folder / "m.gguf", folder / "s.gguf");
    ASSERT_TRUE(bench) << bench.error().sentence;
    const auto curves = stock_curves(bench->file, bench->shape, bench->statistics, {}, {});
    ASSERT_TRUE(curves);
    EXPECT_EQ((*curves)[0].groups.loss.size(), 2U) << "layer 0 must keep some";
    ASSERT_EQ((*curves)[1].groups.loss.size(), 3U);
    EXPECT_NEAR((*curves)[1].groups.loss[2], 0.0, 1e-9);
    auto keep = everything(bench->shape);
    keep[1].groups.clear();
    ASSERT_TRUE(write_stock(bench->file, bench->shape, keep, bench->statistics, {}, folder / "o.gguf", {}, {}));
    const auto small = WeightFile::open(folder / "o.gguf");
    ASSERT_TRUE(small);
    EXPECT_EQ(small->find("blk.1.attn_q.weight"), nullptr);
    EXPECT_EQ(small->find("blk.1.attn_norm.weight"), nullptr);
    EXPECT_NE(small->find("blk.1.ffn_norm.weight"), nullptr);
    EXPECT_LT(difference(log_probabilities_of(folder / "m.gguf"), log_probabilities_of(folder / "o.gguf")), 1e-3F);
}

TEST(Stock, NothingRemovedIsTheSameModelUnderItsOwnArchitecture) {
    const TempFolder folder;
    write_tiny(wide("llama"), folder / "m.gguf");
    const auto bench = bench_of(folder / "m.gguf", folder / "s.gguf");
    ASSERT_TRUE(bench) << bench.error().sentence;
    ASSERT_TRUE(write_stock(bench->file, bench->shape, everything(bench->shape), bench->statistics, {},
                            folder / "o.gguf", {}, {}));
    const auto same = WeightFile::open(folder / "o.gguf");
    ASSERT_TRUE(same);
    EXPECT_EQ(same->summary().architecture, "llama");
    for (const GgufTensor& tensor : bench->file.summary().tensors) {
        EXPECT_EQ(*bench->file.read(tensor.name), *same->read(tensor.name)) << tensor.name;
    }
}

// Where llama.cpp has one width for all layers, all get the same, and each loses its own least.
TEST(Stock, AnEvenFamilyKeepsOneWidthAndItsHeads) {
    const TempFolder folder;
    write_tiny(wide("qwen2vl"), folder / "raw.gguf");
    replant(folder / "raw.gguf", folder / "m.gguf", [](const GgufTensor& tensor, std::span<float> values) {
        if (tensor.name == "blk.0.ffn_down.weight") kill_columns(values, 96, 0, 32);
        if (tensor.name == "blk.1.ffn_down.weight") kill_columns(values, 96, 64, 96);
    });
    const auto bench = bench_of(folder / "m.gguf", folder / "s.gguf");
    ASSERT_TRUE(bench) << bench.error().sentence;
    const auto curves = stock_curves(bench->file, bench->shape, bench->statistics, {}, {});
    ASSERT_TRUE(curves);
    const auto units = stock_units(bench->shape, *curves);
    ASSERT_EQ(units.size(), 1U);
    const auto allocation = allocate(units, units.front().choices[1].cost);
    ASSERT_TRUE(allocation);
    EXPECT_NEAR(allocation->loss, 0.0, 1e-9);
    const auto keep = kept_by(bench->shape, *curves, units, *allocation);
    EXPECT_EQ(keep[0].neurons.front(), 32U);
    EXPECT_EQ(keep[1].neurons.back(), 63U);
    ASSERT_TRUE(write_stock(bench->file, bench->shape, keep, bench->statistics, {}, folder / "o.gguf", {}, {}));
    const auto small = WeightFile::open(folder / "o.gguf");
    ASSERT_TRUE(small);
    EXPECT_EQ(small->summary().architecture, "qwen2vl");
    EXPECT_EQ(small->summary().n_ff, 64);
    EXPECT_LT(difference(log_probabilities_of(folder / "m.gguf"), log_probabilities_of(folder / "o.gguf")), 1e-3F);
}

TEST(Stock, TheChoiceMeetsTheShareAndNamesTheMost) {
    const TempFolder folder;
    write_tiny(wide("llama"), folder / "m.gguf");
    const auto bench = bench_of(folder / "m.gguf", folder / "s.gguf");
    ASSERT_TRUE(bench);
    Profile profile;
    profile.shape = bench->shape;
    profile.curves = *stock_curves(bench->file, bench->shape, bench->statistics, {}, {});
    profile.units = stock_units(bench->shape, profile.curves);
    double last = -1.0;
    for (const double share : {0.0, 0.1, 0.3, 0.5, 0.65}) {
        const auto choice = choose_stock(profile, share);
        ASSERT_TRUE(choice) << share;
        EXPECT_GE(choice->removed, share - 1e-12);
        EXPECT_GE(choice->allocation.loss, last);
        last = choice->allocation.loss;
    }
    EXPECT_EQ(choose_stock(profile, 0.0)->removed, 0.0);
    for (const double share : {0.99, 1.0, -0.1, static_cast<double>(NAN)}) {
        const auto choice = choose_stock(profile, share);
        ASSERT_FALSE(choice) << share;
        EXPECT_EQ(choice.error().kind, ErrorKind::Invalid);
        EXPECT_THAT(choice.error().remedy, HasSubstr("%"));
    }
}

TEST(Stock, CompressedAndSyntheticFilesWantAFlag) {
    GgufSummary summary;
    summary.path = "m.gguf";
    EXPECT_TRUE(check_source(summary, {}));
    summary.synthetic = true;
    ASSERT_FALSE(check_source(summary, {}));
    EXPECT_THAT(check_source(summary, {}).error().remedy, HasSubstr("--allow-synthetic"));
    CompressSettings allowed;
    allowed.allow_synthetic = true;
    EXPECT_TRUE(check_source(summary, allowed));
    summary.metadata[kCompressedKey] = "1";
    ASSERT_FALSE(check_source(summary, allowed));
    EXPECT_THAT(check_source(summary, allowed).error().remedy, HasSubstr("--allow-compressed"));
    allowed.allow_compressed = true;
    EXPECT_TRUE(check_source(summary, allowed));
}

TEST(Stock, PartsOfBlocksAreToldFromOtherTensors) {
    EXPECT_EQ(block_part("blk.12.ffn_up.weight")->layer, 12U);
    EXPECT_EQ(block_part("blk.12.ffn_up.weight")->part, "ffn_up.weight");
    for (const char* other : {"token_embd.weight", "blk.", "blk.x.y", "blk.3", ""})
        EXPECT_FALSE(block_part(other)) << other;
}

}  // namespace
}  // namespace landauer
