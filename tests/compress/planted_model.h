// Tiny models with something planted in them, their statistics, and what they say: for the tests of whole compressions.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "compress/collect.h"
#include "compress/stock_shape.h"
#include "grad/head.h"
#include "tiny_model.h"

namespace landauer::planted {

using landauer::testing::TinyModel;

using Change = std::function<void(const GgufTensor& tensor, std::span<float> values)>;

// The same file with other values in its (f32) tensors.
inline void replant(const std::filesystem::path& from, const std::filesystem::path& to, const Change& change) {
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
inline void kill_columns(std::span<float> values, std::size_t n_in, std::size_t first, std::size_t last) {
    for (std::size_t at = 0; at < values.size(); ++at) {
        if (at % n_in >= first && at % n_in < last) values[at] = 0.0F;
    }
}

inline std::vector<std::int32_t> some_tokens(std::size_t n) {
    std::vector<std::int32_t> tokens(n);
    std::iota(tokens.begin(), tokens.end(), 3);
    return tokens;
}

inline MatrixF log_probabilities_of(const std::filesystem::path& path) {
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

inline float difference(const MatrixF& a, const MatrixF& b) {
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

inline Result<Bench> bench_of(const std::filesystem::path& model, const std::filesystem::path& statistics,
                              bool all_gradients = false) {
    std::vector<std::vector<std::int32_t>> windows;
    for (std::int32_t w = 0; w < 6; ++w) {
        windows.emplace_back();
        for (std::int32_t t = 0; t < 50; ++t) windows.back().push_back((w * 31 + t * t * 7 + t) % 97);
    }
    CollectSettings settings;
    settings.all_gradients = all_gradients;
    if (auto done = collect_statistics(model, windows, settings, statistics, {}, {}); !done) {
        return tl::unexpected(done.error());
    }
    auto file = WeightFile::open(model);
    if (!file) return tl::unexpected(file.error());
    auto shape = stock_shape(*file, parameter_price());
    if (!shape) return tl::unexpected(shape.error());
    auto opened = StatisticsFile::open(statistics);
    if (!opened) return tl::unexpected(opened.error());
    return Bench{std::move(*file), std::move(*shape), std::move(*opened)};
}

inline std::vector<LayerKeep> everything(const StockShape& shape) {
    std::vector<LayerKeep> keep(shape.decoder.n_layer);
    for (std::size_t layer = 0; layer < keep.size(); ++layer) {
        keep[layer].neurons.resize(shape.decoder.n_ff[layer]);
        keep[layer].groups.resize(shape.decoder.n_head_kv[layer]);
        std::iota(keep[layer].neurons.begin(), keep[layer].neurons.end(), 0U);
        std::iota(keep[layer].groups.begin(), keep[layer].groups.end(), 0U);
    }
    return keep;
}

inline TinyModel wide(const std::string& architecture) {
    TinyModel model;
    model.architecture = architecture;
    model.n_ff = {96, 96};
    model.biases = architecture == "qwen2" || architecture == "qwen2vl";
    return model;
}

}  // namespace landauer::planted
