#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

#include "ggml.h"
#include "gguf/synth/weights.h"
#include "gguf/types.h"

namespace landauer {
namespace {

const std::vector<std::string> kTypes = {"f32",  "f16",  "bf16", "q4_0", "q4_1", "q5_0", "q5_1",
                                         "q8_0", "q2_K", "q3_K", "q4_K", "q5_K", "q6_K"};

SynthTensor matrix(const std::string& name, const std::string& type, std::int64_t columns, std::int64_t rows) {
    return {{name, type, {columns, rows}}, WeightKind::matrix, columns};
}

std::size_t row_bytes(const SynthTensor& tensor) {
    return ggml_row_size(*tensor_type(tensor.spec.type), tensor.spec.shape[0]);
}

std::vector<std::byte> bytes_of(const SynthTensor& tensor, std::uint64_t seed) {
    auto source = open_weights(tensor, {}, seed);
    EXPECT_TRUE(source) << source.error().sentence;
    std::size_t rows = 1;
    for (std::size_t i = 1; i < tensor.spec.shape.size(); ++i) rows *= static_cast<std::size_t>(tensor.spec.shape[i]);
    std::vector<std::byte> bytes(row_bytes(tensor) * rows);
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t n = std::min((*source)->piece_bytes(), bytes.size() - at);
        (*source)->fill({bytes.data() + at, n});
        at += n;
    }
    return bytes;
}

std::vector<float> values_of(const SynthTensor& tensor, std::uint64_t seed) {
    const auto bytes = bytes_of(tensor, seed);
    const ggml_type type = *tensor_type(tensor.spec.type);
    EXPECT_TRUE(ggml_validate_row_data(type, bytes.data(), bytes.size())) << tensor.spec.type;
    const auto n = static_cast<std::int64_t>(bytes.size() / ggml_type_size(type)) * ggml_blck_size(type);
    std::vector<float> values(static_cast<std::size_t>(n));
    if (type == GGML_TYPE_F32) {
        std::memcpy(values.data(), bytes.data(), bytes.size());
    } else {
        ggml_get_type_traits(type)->to_float(bytes.data(), values.data(), n);
    }
    return values;
}

double mean_of(const std::vector<float>& values) {
    double sum = 0.0;
    for (const float value : values) sum += static_cast<double>(value);
    return sum / static_cast<double>(values.size());
}

double rms_of(const std::vector<float>& values) {
    double sum = 0.0;
    for (const float value : values) sum += static_cast<double>(value) * static_cast<double>(value);
    return std::sqrt(sum / static_cast<double>(values.size()));
}

std::uint64_t fnv(const std::vector<std::byte>& bytes) {
    std::uint64_t hash = 0xCBF29CE484222325U;
    for (const std::byte byte : bytes) hash = (hash ^ std::to_integer<std::uint64_t>(byte)) * 0x100000001B3U;
    return hash;
}

TEST(SynthWeights, EveryTypeHasTheWantedVarianceAndNoMean) {
    for (const std::string& type : kTypes) {
        for (const std::int64_t columns : {256, 4096, 14336}) {
            const auto values = values_of(matrix("blk.0.ffn_up.weight", type, columns, 128), 1);
            const double wanted = 1.0 / std::sqrt(static_cast<double>(columns));
            EXPECT_NEAR(rms_of(values) / wanted, 1.0, 0.04) << type << " " << columns;
            // Without an offset a type's levels are lopsided by half a step.
            EXPECT_NEAR(mean_of(values) / wanted, 0.0, 0.25) << type << " " << columns;
        }
    }
}

TEST(SynthWeights, RowsAreScaledAlike) {
    for (const std::string& type : kTypes) {
        const auto values = values_of(matrix("w", type, 1024, 64), 2);
        for (std::size_t row = 0; row < 64; ++row) {
            const auto begin = values.begin() + static_cast<std::ptrdiff_t>(row * 1024);
            const std::vector<float> one(begin, begin + 1024);
            EXPECT_NEAR(rms_of(one) * 32.0, 1.0, 0.25) << type << " row " << row;
        }
    }
}

TEST(SynthWeights, NormsLieRoundOneAndBiasesRoundZero) {
    const auto norm = values_of({{"n", "f32", {4096}}, WeightKind::norm, 4096}, 1);
    EXPECT_NEAR(mean_of(norm), 1.0, 0.01);
    EXPECT_GT(*std::min_element(norm.begin(), norm.end()), 0.8F);
    const auto bias = values_of({{"b", "f32", {4096}}, WeightKind::bias, 4096}, 1);
    EXPECT_NEAR(mean_of(bias), 0.0, 0.002);
    EXPECT_NEAR(rms_of(bias), 0.02, 0.002);
}

// What a compressing disk looks for: equal stretches.
TEST(SynthWeights, NoBlockComesTwice) {
    for (const std::string& type : kTypes) {
        if (type == "f32" || type == "f16" || type == "bf16") continue;
        const auto tensor = matrix("w", type, 2048, 512);
        const auto bytes = bytes_of(tensor, 3);
        const std::size_t block = ggml_type_size(*tensor_type(type));
        std::set<std::string> seen;
        for (std::size_t at = 0; at < bytes.size(); at += block) {
            seen.emplace(reinterpret_cast<const char*>(bytes.data() + at), block);
        }
        EXPECT_EQ(seen.size(), bytes.size() / block) << type;
    }
}

TEST(SynthWeights, BytesDependOnSeedAndNameAlone) {
    for (const std::string& type : kTypes) {
        const auto bytes = bytes_of(matrix("w", type, 1024, 16), 7);
        EXPECT_EQ(bytes, bytes_of(matrix("w", type, 1024, 16), 7)) << type;
        EXPECT_NE(bytes, bytes_of(matrix("w", type, 1024, 16), 8)) << type;
        EXPECT_NE(bytes, bytes_of(matrix("v", type, 1024, 16), 7)) << type;
        // A longer tensor begins in the same way, across the border of a piece.
        const auto longer = bytes_of(matrix("w", type, 1024, 4096), 7);
        EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), longer.begin())) << type;
    }
}

// The same on every machine and with every compiler: these sums were taken once.
TEST(SynthWeights, BytesAreTheSameEverywhere) {
    const std::vector<std::uint64_t> sums = {16340268588965534245U, 16357224339734039360U, 3002987338775610509U,
                                             4714937366297896829U,  13147561505673519354U, 6556583986273221917U,
                                             9156675472132396679U,  9447282990657396336U,  12796881120208634302U,
                                             705556855380666795U,   6860987888134106722U,  337363559432545860U,
                                             13143445336129681311U};
    ASSERT_EQ(sums.size(), kTypes.size());
    for (std::size_t i = 0; i < kTypes.size(); ++i) {
        EXPECT_EQ(fnv(bytes_of(matrix("w", kTypes[i], 512, 32), 42)), sums[i]) << kTypes[i];
    }
}

TEST(SynthWeights, UnknownTypesAreRefused) {
    const auto source = open_weights(matrix("w", "iq2_xxs", 256, 1), {}, 1);
    ASSERT_FALSE(source);
    EXPECT_EQ(source.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(source.error().sentence, ::testing::HasSubstr("iq2_xxs"));
}

}  // namespace
}  // namespace landauer
