// The floats inside ggml's blocks: what they are multiplied with is all the rest of a weight, for every type.
#include "compress/heal/block_scales.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "gguf/half.h"
#include "gguf/weights.h"

namespace landauer {
namespace {

const std::vector<std::string> kTypes = {"q4_0",  "q4_1",    "q5_0",  "q5_1",  "q8_0",   "iq4_nl",  "q2_K",
                                         "q3_K",  "q4_K",    "q5_K",  "q6_K",  "iq4_xs", "iq2_xxs", "iq2_xs",
                                         "iq2_s", "iq3_xxs", "iq3_s", "tq1_0", "tq2_0"};
constexpr std::size_t kRows = 5;
constexpr std::size_t kColumns = 512;

std::vector<std::byte> some_rows(const std::string& type) {
    std::mt19937 random(3);
    std::normal_distribution<float> draw(0.0F, 0.05F);
    std::vector<float> values(kRows * kColumns);
    for (float& value : values) value = draw(random);
    const std::vector<float> importance(kColumns, 1.0F);
    std::vector<std::byte> bytes(kRows * row_bytes(type, kColumns));
    EXPECT_TRUE(encode_rows(type, values, kColumns, importance, bytes)) << type;
    return bytes;
}

std::vector<float> values_in(const std::string& type, std::span<const std::byte> bytes) {
    std::vector<float> values(kRows * kColumns);
    EXPECT_TRUE(decode_rows(type, bytes, kColumns, values)) << type;
    return values;
}

UnitWeights units_of(const BlockScales& place, std::vector<std::byte> bytes) {
    UnitWeights units{MatrixF(kRows, kColumns), {}};
    if (place.offset_at) units.shifts = MatrixF(kRows, kColumns / place.shift_columns);
    EXPECT_TRUE(decode_units(place, bytes, 0, kRows, units));
    return units;
}

float told(const BlockScales& place, const UnitWeights& units, const StoredScales& scales, std::size_t row,
           std::size_t column) {
    const std::size_t block = column / place.columns;
    float value = scales.scales(row, block) * units.levels(row, column);
    if (place.offset_at) value += scales.offsets(row, block) * units.shifts(row, column / place.shift_columns);
    return value;
}

TEST(BlockScales, LevelsAndShiftsAreAllButTheFloats) {
    for (const std::string& type : kTypes) {
        const BlockScales* place = block_scales(type);
        ASSERT_NE(place, nullptr) << type;
        const auto bytes = some_rows(type);
        const auto values = values_in(type, bytes);
        const UnitWeights units = units_of(*place, bytes);
        const StoredScales scales = read_scales(*place, bytes, kRows, kColumns);
        for (std::size_t i = 0; i < values.size(); ++i) {
            ASSERT_NEAR(told(*place, units, scales, i / kColumns, i % kColumns), values[i], 1e-6F)
                << type << " at " << i;
        }
    }
}

TEST(BlockScales, WhatIsWrittenIsWhatGgmlReads) {
    for (const std::string& type : kTypes) {
        const BlockScales* place = block_scales(type);
        auto bytes = some_rows(type);
        const auto before = bytes;
        StoredScales scales = read_scales(*place, bytes, kRows, kColumns);
        ASSERT_TRUE(write_scales(*place, scales, bytes));
        EXPECT_EQ(bytes, before) << type << ": the same scales are the same file";
        for (float& scale : scales.scales.values()) scale = rounded_to_half(scale * 1.25F);
        for (float& offset : scales.offsets.values()) offset = rounded_to_half(offset * 0.75F);
        ASSERT_TRUE(write_scales(*place, scales, bytes));
        const UnitWeights units = units_of(*place, before);
        const auto values = values_in(type, bytes);
        for (std::size_t i = 0; i < values.size(); ++i) {
            ASSERT_NEAR(told(*place, units, scales, i / kColumns, i % kColumns), values[i], 1e-6F)
                << type << " at " << i;
        }
    }
}

TEST(BlockScales, ScalesThatNoHalfHoldsAreRefused) {
    const BlockScales* place = block_scales("q4_0");
    auto bytes = some_rows("q4_0");
    StoredScales scales = read_scales(*place, bytes, kRows, kColumns);
    scales.scales(2, 3) = 1e6F;
    const auto written = write_scales(*place, scales, bytes);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().kind, ErrorKind::Failed);
    EXPECT_FALSE(written.error().remedy.empty());
}

TEST(BlockScales, FloatsHaveNone) {
    for (const char* type : {"f32", "f16", "bf16", "none", "mxfp4"}) EXPECT_EQ(block_scales(type), nullptr) << type;
}

}  // namespace
}  // namespace landauer
