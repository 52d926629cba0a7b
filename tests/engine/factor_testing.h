// A tiny model twice: some matrices as factors, and the same multiplied out.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <numeric>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "gguf/factor_format.h"
#include "gguf/header.h"
#include "gguf/weights.h"
#include "gguf/writer.h"
#include "tiny_model.h"

namespace landauer::testing {

struct Factorising {
    std::string type = "f32";
    std::int64_t rank = 32;
    std::function<bool(const std::string&)> whole;  // tensors that stay as they are
    std::function<void(GgufHeader&)> edit;          // after all else is in the header
    std::function<void(std::vector<std::int32_t>&)> pivots;
};

namespace factors {

struct Made {
    std::vector<std::byte> r;
    std::vector<std::byte> t;
    std::vector<std::int32_t> pivots;
    std::vector<std::byte> dense;  // f32
};

inline std::vector<float> drawn(std::size_t n, double spread, std::mt19937& random) {
    std::normal_distribution<float> draw(0.0F, static_cast<float>(spread));
    std::vector<float> values(n);
    for (float& value : values) value = draw(random);
    return values;
}

// Encodes the values and puts what they became in their place.
inline std::vector<std::byte> stored(const std::string& type, std::vector<float>& values, std::size_t columns) {
    std::vector<std::byte> bytes(values.size() / columns * row_bytes(type, columns));
    EXPECT_TRUE(encode_rows(type, values, columns, {}, bytes));
    EXPECT_TRUE(decode_rows(type, bytes, columns, values));
    return bytes;
}

inline Made make(const GgufTensor& tensor, const Factorising& how, std::mt19937& random) {
    const auto cols = static_cast<std::size_t>(tensor.shape[0]);
    const auto rows = static_cast<std::size_t>(tensor.shape[1]);
    const auto rank = static_cast<std::size_t>(how.rank);
    Made made;
    auto r = drawn(rank * cols, 1.5 / std::sqrt(static_cast<double>(cols)), random);
    auto t = drawn((rows - rank) * rank, 1.0 / std::sqrt(static_cast<double>(rank)), random);
    made.r = stored(how.type, r, cols);
    made.t = stored(how.type, t, rank);
    std::vector<std::int32_t> order(rows);
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random);
    std::sort(order.begin() + static_cast<std::ptrdiff_t>(rank), order.end());
    made.pivots.assign(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(rank));
    std::vector<float> dense(rows * cols);
    for (std::size_t i = 0; i < rows; ++i) {
        float* into = dense.data() + static_cast<std::size_t>(order[i]) * cols;
        for (std::size_t k = 0; k < rank; ++k) {
            const float factor = i < rank ? (i == k ? 1.0F : 0.0F) : t[(i - rank) * rank + k];
            for (std::size_t c = 0; c < cols; ++c) into[c] += factor * r[k * cols + c];
        }
    }
    made.dense.resize(dense.size() * sizeof(float));
    std::memcpy(made.dense.data(), dense.data(), made.dense.size());
    return made;
}

}  // namespace factors

// Every matrix of a block but those of `whole`.
inline void factorise(const std::filesystem::path& model, const Factorising& how, const std::filesystem::path& factored,
                      const std::filesystem::path& dense) {
    const auto source = WeightFile::open(model);
    ASSERT_TRUE(source) << source.error().sentence;
    auto small = GgufHeader::with_metadata_of(model);
    auto large = GgufHeader::with_metadata_of(model);
    std::map<std::string, factors::Made> made;
    std::mt19937 random(7);
    for (const GgufTensor& tensor : source->summary().tensors) {
        const bool is_matrix = tensor.name.starts_with("blk.") && tensor.shape.size() == 2;
        if (!is_matrix || (how.whole && how.whole(tensor.name))) {
            ASSERT_TRUE(small->add_tensor({tensor.name, tensor.type, tensor.shape}));
            ASSERT_TRUE(large->add_tensor({tensor.name, tensor.type, tensor.shape}));
            continue;
        }
        auto& factors = made[tensor.name] = factors::make(tensor, how, random);
        if (how.pivots) how.pivots(factors.pivots);
        const FactorNames names = factor_names(tensor.name);
        ASSERT_TRUE(small->add_tensor({names.r, how.type, {tensor.shape[0], how.rank}}));
        ASSERT_TRUE(small->add_tensor({names.t, how.type, {how.rank, tensor.shape[1] - how.rank}}));
        ASSERT_TRUE(small->add_tensor({names.pivots, "i32", {how.rank}}));
        ASSERT_TRUE(large->add_tensor({tensor.name, "f32", tensor.shape}));
    }
    ASSERT_TRUE(small->set(kFactorsKey, kFactorsVersion));
    ASSERT_TRUE(small->set(kFactorsCountKey, static_cast<std::uint32_t>(made.size())));
    if (how.edit) how.edit(*small);
    auto into_small = GgufWriter::create(factored, *small, true);
    auto into_large = GgufWriter::create(dense, *large, true);
    ASSERT_TRUE(into_small) << into_small.error().sentence;
    ASSERT_TRUE(into_large) << into_large.error().sentence;
    for (const GgufTensor& tensor : source->summary().tensors) {
        if (const auto found = made.find(tensor.name); found != made.end()) {
            const FactorNames names = factor_names(tensor.name);
            const std::span<const std::int32_t> pivots(found->second.pivots);
            ASSERT_TRUE(into_small->write(names.r, found->second.r));
            ASSERT_TRUE(into_small->write(names.t, found->second.t));
            ASSERT_TRUE(into_small->write(names.pivots, std::as_bytes(pivots)));
            ASSERT_TRUE(into_large->write(tensor.name, found->second.dense));
            continue;
        }
        std::vector<std::byte> bytes(tensor.bytes);
        const auto columns = static_cast<std::uint64_t>(tensor.shape[0]);
        ASSERT_TRUE(source->read_rows(tensor.name, 0, tensor.elements / columns, bytes));
        ASSERT_TRUE(into_small->write(tensor.name, bytes));
        ASSERT_TRUE(into_large->write(tensor.name, bytes));
    }
    ASSERT_TRUE(into_small->finish());
    ASSERT_TRUE(into_large->finish());
}

}  // namespace landauer::testing
