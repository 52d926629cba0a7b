// The smaller file in stock shapes: what is dead goes without a trace, what stays keeps its codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "compress/pipeline.h"
#include "compress/planted_model.h"
#include "compress/stock_curves.h"
#include "compress/stock_write.h"
#include "temp_folder.h"

namespace landauer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace planted;
using testing::TempFolder;

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

        const auto units = *stock_units(bench->shape, *curves, {}, {});
        const double dead = bench->shape.ffn_cost(0, 32) + bench->shape.attention_cost(1, 1);
        const auto allocation = allocate(units.units, bench->shape.block_cost - dead);
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
    const auto units = *stock_units(bench->shape, *curves, {}, {});
    ASSERT_EQ(units.units.size(), 1U);
    const auto allocation = allocate(units.units, units.units.front().choices[1].cost);
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
    profile.units = *stock_units(bench->shape, profile.curves, {}, {});
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

TEST(Stock, AByteIsPaidForWhereItLies) {
    const TempFolder folder;
    write_tiny(wide("llama"), folder / "m.gguf");
    const auto file = WeightFile::open(folder / "m.gguf");
    ASSERT_TRUE(file);
    const auto shape = stock_shape(*file, byte_price());
    ASSERT_TRUE(shape);
    double bytes = 0.0;
    for (const GgufTensor& tensor : file->summary().tensors) {
        if (tensor.name.starts_with("blk.") && tensor.shape.size() == 2) bytes += static_cast<double>(tensor.bytes);
    }
    EXPECT_EQ(shape->block_cost, bytes);
    EXPECT_EQ(byte_price()("q4_0", 2, 33), 2 * 36.0) << "a broken block counts whole";
    EXPECT_EQ(byte_price()("q4_0", 0, 32), 0.0);
}

TEST(Stock, CompressedAndSyntheticFilesWantAFlag) {
    const CompressSettings strict;
    GgufSummary summary;
    summary.path = "m.gguf";
    EXPECT_TRUE(check_source(summary, strict));
    summary.synthetic = true;
    ASSERT_FALSE(check_source(summary, strict));
    EXPECT_THAT(check_source(summary, strict).error().remedy, HasSubstr("--allow-synthetic"));
    CompressSettings allowed;
    allowed.allow_synthetic = true;
    EXPECT_TRUE(check_source(summary, allowed));
    summary.metadata[kCompressedKey] = "1";
    ASSERT_FALSE(check_source(summary, allowed));
    EXPECT_THAT(check_source(summary, allowed).error().remedy, HasSubstr("--allow-compressed"));
    allowed.allow_compressed = true;
    EXPECT_TRUE(check_source(summary, allowed));
}

TEST(Stock, OnlyItsOwnStagesAreTakenAway) {
    const TempFolder folder;
    for (const char* name : {"own", "shared"}) std::filesystem::create_directory(folder / name);
    for (const char* name : {"own/windows.json", "own/statistics-1.gguf", "own/statistics-1.gguf.part",
                             "shared/windows.json", "shared/thesis.txt"}) {
        std::ofstream(folder / name) << "x";
    }
    remove_stages(folder / "own");
    remove_stages(folder / "shared");
    remove_stages(folder / "missing");
    EXPECT_FALSE(std::filesystem::exists(folder / "own"));
    EXPECT_FALSE(std::filesystem::exists(folder / "shared/windows.json"));
    EXPECT_TRUE(std::filesystem::exists(folder / "shared/thesis.txt"));
}

TEST(Stock, PartsOfBlocksAreToldFromOtherTensors) {
    EXPECT_EQ(block_part("blk.12.ffn_up.weight")->layer, 12U);
    EXPECT_EQ(block_part("blk.12.ffn_up.weight")->part, "ffn_up.weight");
    for (const char* other : {"token_embd.weight", "blk.", "blk.x.y", "blk.3", ""})
        EXPECT_FALSE(block_part(other)) << other;
}

}  // namespace
}  // namespace landauer
