// A whole model in another type: every block's matrix with less loss than rounding, everything else untouched.
#include "compress/quantise_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compress/stock_header.h"
#include "planted_model.h"
#include "temp_folder.h"

namespace landauer {
namespace {

using planted::Bench;
using planted::bench_of;
using ::testing::HasSubstr;
using testing::TempFolder;
using testing::TinyModel;

TinyModel fitting() {
    TinyModel model;
    model.n_embd = 64;
    model.head_dim = 16;
    model.n_ff = {128, 128};
    return model;
}

ModelQuantising into(const std::string& type) {
    ModelQuantising how;
    how.type = type;
    how.source_sha256 = "abc";
    return how;
}

Result<Bench> bench_in(const TempFolder& folder, const TinyModel& model) {
    write_tiny(model, folder / "m.gguf");
    return bench_of(folder / "m.gguf", folder / "s.gguf");
}

const MatrixD& moment_of(const LayerStatistics& layer, const std::string& part) {
    if (part == "ffn_down.weight") return layer.ffn_down;
    if (part == "attn_output.weight") return layer.attn_out;
    return part.starts_with("ffn") ? layer.ffn_in : layer.attn_in;
}

// tr(dW C dW^T).
double loss_of(std::span<const float> before, std::span<const float> after, const MatrixD& c) {
    double loss = 0.0;
    for (std::size_t row = 0; row < before.size(); row += c.rows()) {
        for (std::size_t i = 0; i < c.rows(); ++i) {
            for (std::size_t j = 0; j < c.rows(); ++j) {
                loss += c(i, j) * static_cast<double>(after[row + i] - before[row + i]) *
                        static_cast<double>(after[row + j] - before[row + j]);
            }
        }
    }
    return loss;
}

// What ggml's own rounding would read back.
std::vector<float> rounded(const TempFolder& folder, const std::string& type, const GgufTensor& tensor,
                           std::span<const float> values) {
    const auto columns = static_cast<std::uint64_t>(tensor.shape.front());
    std::vector<std::byte> bytes(values.size() / columns * row_bytes(type, columns));
    EXPECT_TRUE(encode_rows(type, values, columns, {}, bytes));
    GgufHeader header;
    EXPECT_TRUE(header.set("general.architecture", std::string("llama")));
    EXPECT_TRUE(header.add_tensor({"w", type, tensor.shape}));
    auto writer = GgufWriter::create(folder / "rounded.gguf", header, true);
    EXPECT_TRUE(writer && writer->write("w", bytes) && writer->finish());
    return *WeightFile::open(folder / "rounded.gguf")->read("w");
}

TEST(QuantiseModel, EveryMatrixOfABlockLosesLessThanByRounding) {
    const TempFolder folder;
    const auto bench = bench_in(folder, fitting());
    ASSERT_TRUE(bench) << bench.error().sentence;
    const auto bytes = quantise_model(bench->file, bench->statistics, into("Q4_0"), folder / "o.gguf");
    ASSERT_TRUE(bytes) << bytes.error().sentence;
    EXPECT_EQ(std::filesystem::file_size(folder / "o.gguf"), *bytes);
    const auto small = WeightFile::open(folder / "o.gguf");
    ASSERT_TRUE(small);
    EXPECT_EQ(small->summary().file_type, "q4_0");
    std::size_t n_matrices = 0;
    for (const GgufTensor& tensor : bench->file.summary().tensors) {
        const auto before = bench->file.read(tensor.name);
        const auto after = small->read(tensor.name);
        ASSERT_TRUE(before && after);
        const auto place = block_part(tensor.name);
        if (!place || tensor.shape.size() < 2) {
            EXPECT_EQ(*before, *after) << tensor.name;
            continue;
        }
        ++n_matrices;
        EXPECT_EQ(small->find(tensor.name)->type, "q4_0");
        const auto layer = bench->statistics.layer(place->layer);
        ASSERT_TRUE(layer);
        const MatrixD& c = moment_of(*layer, std::string(place->part));
        EXPECT_LT(loss_of(*before, *after, c), 0.8 * loss_of(*before, rounded(folder, "q4_0", tensor, *before), c))
            << tensor.name;
    }
    EXPECT_EQ(n_matrices, 14U);
}

TEST(QuantiseModel, WhatHasTheTypeKeepsItsCodes) {
    const TempFolder folder;
    const auto bench = bench_in(folder, fitting());
    ASSERT_TRUE(bench);
    ASSERT_TRUE(quantise_model(bench->file, bench->statistics, into("Q4_1"), folder / "once.gguf"));
    const auto once = WeightFile::open(folder / "once.gguf");
    ASSERT_TRUE(once);
    ASSERT_TRUE(quantise_model(*once, bench->statistics, into("Q4_1"), folder / "twice.gguf"));
    const auto twice = WeightFile::open(folder / "twice.gguf");
    ASSERT_TRUE(twice);
    for (const GgufTensor& tensor : once->summary().tensors) {
        std::vector<std::byte> first(tensor.bytes);
        std::vector<std::byte> second(tensor.bytes);
        const std::uint64_t rows = tensor.elements / static_cast<std::uint64_t>(tensor.shape.front());
        ASSERT_TRUE(once->read_rows(tensor.name, 0, rows, first));
        ASSERT_TRUE(twice->read_rows(tensor.name, 0, rows, second));
        EXPECT_EQ(first, second) << tensor.name;
    }
}

TEST(QuantiseModel, IsTheSameForAnyNumberOfThreads) {
    const TempFolder folder;
    const auto bench = bench_in(folder, fitting());
    ASSERT_TRUE(bench);
    ModelQuantising how = into("IQ4_NL");
    ASSERT_TRUE(quantise_model(bench->file, bench->statistics, how, folder / "one.gguf"));
    how.n_threads = 3;
    ASSERT_TRUE(quantise_model(bench->file, bench->statistics, how, folder / "three.gguf"));
    const auto one = WeightFile::open(folder / "one.gguf");
    const auto three = WeightFile::open(folder / "three.gguf");
    ASSERT_TRUE(one && three);
    for (const GgufTensor& tensor : one->summary().tensors) {
        EXPECT_EQ(*one->read(tensor.name), *three->read(tensor.name)) << tensor.name;
    }
}

// Rows that do not fit blocks of 256 take a type of smaller ones, as libllama's quantiser does.
TEST(QuantiseModel, LargeBlocksWhereRowsFitThem) {
    const TempFolder folder;
    TinyModel model = fitting();
    model.architecture = "deci";
    model.n_ff = {256, 288};
    const auto bench = bench_in(folder, model);
    ASSERT_TRUE(bench) << bench.error().sentence;
    const auto bytes = quantise_model(bench->file, bench->statistics, into("Q3_K_S"), folder / "o.gguf");
    ASSERT_TRUE(bytes) << bytes.error().sentence;
    EXPECT_EQ(std::filesystem::file_size(folder / "o.gguf"), *bytes);
    const auto small = WeightFile::open(folder / "o.gguf");
    ASSERT_TRUE(small);
    EXPECT_EQ(small->find("blk.0.ffn_down.weight")->type, "q3_K");
    EXPECT_EQ(small->find("blk.1.ffn_down.weight")->type, "iq4_nl") << "288 values a row";
    EXPECT_EQ(small->find("blk.0.ffn_up.weight")->type, "iq4_nl") << "64 values a row";
    const auto layer = bench->statistics.layer(0);
    ASSERT_TRUE(layer);
    const GgufTensor& down = *bench->file.find("blk.0.ffn_down.weight");
    const auto before = bench->file.read(down.name);
    const auto after = small->read(down.name);
    ASSERT_TRUE(before && after);
    EXPECT_LT(loss_of(*before, *after, layer->ffn_down),
              0.8 * loss_of(*before, rounded(folder, "q3_K", down, *before), layer->ffn_down));
}

TEST(QuantiseModel, ImportanceIsTheMomentsDiagonal) {
    const TempFolder folder;
    const auto bench = bench_in(folder, fitting());
    ASSERT_TRUE(bench);
    const auto all = importance_of(bench->file, bench->shape, keep_all(bench->shape, {}), bench->statistics);
    ASSERT_TRUE(all);
    EXPECT_EQ(all->size(), 14U);
    const auto layer = bench->statistics.layer(1);
    ASSERT_TRUE(layer);
    const auto down = std::find_if(all->begin(), all->end(), [](const TensorImportance& importance) {
        return importance.tensor == "blk.1.ffn_down.weight";
    });
    ASSERT_NE(down, all->end());
    ASSERT_EQ(down->weights.size(), 128U);
    for (std::size_t i = 0; i < 128; ++i) {
        EXPECT_EQ(down->weights[i], static_cast<float>(layer->ffn_down(i, i))) << i;
    }

    auto keep = keep_all(bench->shape, {});
    keep[0] = {};
    keep[1].neurons = {3, 64};
    const auto few = importance_of(bench->file, bench->shape, keep, bench->statistics);
    ASSERT_TRUE(few);
    EXPECT_EQ(few->size(), 7U) << "layer 0 is gone";
    EXPECT_EQ(few->back().tensor, "blk.0.ffn_down.weight") << "layer 1 has moved up";
    EXPECT_EQ(few->back().weights, (std::vector{down->weights[3], down->weights[64]}));
}

void expect_refused(const Result<std::uint64_t>& done, ErrorKind kind, const std::string& says,
                    const std::filesystem::path& out) {
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, kind);
    EXPECT_THAT(done.error().sentence, HasSubstr(says));
    EXPECT_FALSE(std::filesystem::exists(out));
    EXPECT_FALSE(std::filesystem::exists(out.string() + ".part"));
}

TEST(QuantiseModel, RefusesTypesAndShapesAndStopsWhenToldTo) {
    const TempFolder folder;
    const auto bench = bench_in(folder, fitting());
    ASSERT_TRUE(bench);
    const auto out = folder / "o.gguf";
    expect_refused(quantise_model(bench->file, bench->statistics, into("Q3_K_M"), out), ErrorKind::Invalid,
                   "\"Q3_K_M\"", out);
    ModelQuantising stopped = into("Q4_0");
    int asked = 0;
    stopped.abort = [&asked] { return ++asked > 5; };
    expect_refused(quantise_model(bench->file, bench->statistics, stopped, out), ErrorKind::Interrupted, "interrupted",
                   out);

    const TempFolder other;
    const auto odd = bench_in(other, TinyModel{});  // 48 columns
    ASSERT_TRUE(odd);
    expect_refused(quantise_model(odd->file, odd->statistics, into("Q4_0"), out), ErrorKind::Invalid,
                   "blk.0.attn_q.weight", out);
}

TEST(QuantiseModel, NamesTheMatrixThatIsDamaged) {
    const TempFolder folder;
    const auto bench = bench_in(folder, fitting());
    ASSERT_TRUE(bench);
    TinyModel damaged = fitting();
    damaged.poisoned = "blk.1.ffn_up.weight";
    write_tiny(damaged, folder / "bad.gguf");
    const auto source = WeightFile::open(folder / "bad.gguf");
    ASSERT_TRUE(source);
    const auto out = folder / "o.gguf";
    expect_refused(quantise_model(*source, bench->statistics, into("Q4_0"), out), ErrorKind::Invalid,
                   "blk.1.ffn_up.weight", out);
}

}  // namespace
}  // namespace landauer
