// Which headers say that there are factors, and which are refused for what.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>

#include "gguf/factor_format.h"
#include "gguf/gguf_testing.h"
#include "gguf/weights.h"

namespace landauer {
namespace {

using testing::GgufBuilder;
using ::testing::HasSubstr;
using testing::TempFolder;

struct Sides {
    std::int64_t cols = 64;
    std::int64_t rank = 8;
    std::int64_t others = 24;  // rows of T
    std::int64_t pivot_rows = 1;
};

// The header of one matrix, its data zeros: all pivots are row 0.
void write_one(const std::filesystem::path& file, const Sides& sides) {
    GgufBuilder builder;
    builder.text("general.architecture", "llama").number(kFactorsKey, kFactorsVersion).number(kFactorsCountKey, 1);
    builder.tensor("blk.0.ffn_up.factor_r", GGML_TYPE_F32, sides.cols, sides.rank);
    builder.tensor("blk.0.ffn_up.factor_t", GGML_TYPE_F32, sides.rank, sides.others);
    builder.tensor("blk.0.ffn_up.factor_pivots", GGML_TYPE_I32, sides.rank / sides.pivot_rows, sides.pivot_rows);
    gguf_write_to_file(builder.header(), file.c_str(), true);
    std::filesystem::resize_file(file, std::filesystem::file_size(file) + 64 * 1024);
}

Result<std::vector<FactorMatrix>> matrices_of(const Sides& sides) {
    const TempFolder folder;
    write_one(folder / "f.gguf", sides);
    const auto summary = inspect_gguf(folder / "f.gguf");
    EXPECT_TRUE(summary) << summary.error().sentence;
    return factor_matrices(*summary);
}

TEST(FactorFormat, SidesAreThoseOfTheMatrix) {
    const auto matrices = matrices_of({});
    ASSERT_TRUE(matrices) << matrices.error().sentence;
    ASSERT_EQ(matrices->size(), 1U);
    EXPECT_EQ(matrices->front().name, "blk.0.ffn_up.weight");
    EXPECT_EQ(matrices->front().rows, 32U);
    EXPECT_EQ(matrices->front().cols, 64U);
    EXPECT_EQ(matrices->front().rank, 8U);
}

// A header drops a last dimension of one.
TEST(FactorFormat, OneRowIsAMatrixToo) {
    const auto of_rank_one = matrices_of({64, 1, 31, 1});
    ASSERT_TRUE(of_rank_one) << of_rank_one.error().sentence;
    EXPECT_EQ(of_rank_one->front().rows, 32U);
    EXPECT_EQ(of_rank_one->front().r.shape, (std::vector<std::int64_t>{64, 1}));
    const auto one_below_full = matrices_of({64, 31, 1, 1});
    ASSERT_TRUE(one_below_full) << one_below_full.error().sentence;
    EXPECT_EQ(one_below_full->front().rank, 31U);
    EXPECT_EQ(one_below_full->front().t.shape, (std::vector<std::int64_t>{31, 1}));
}

TEST(FactorFormat, RanksOfAllAreRefused) {
    for (const Sides sides : {Sides{32, 32, 8, 1}, Sides{32, 40, 8, 1}}) {
        const auto full = matrices_of(sides);
        ASSERT_FALSE(full) << sides.rank;
        EXPECT_EQ(full.error().kind, ErrorKind::Invalid);
        EXPECT_THAT(full.error().sentence, HasSubstr("not below the full one of 32"));
    }
}

// ggml's writer has no such tensors; its reader has.
TEST(FactorFormat, SidesOfNothingAreRefused) {
    const TempFolder folder;
    write_one(folder / "f.gguf", {});
    const auto refusal = [&](std::vector<std::int64_t> r, std::vector<std::int64_t> t, std::int64_t n_pivots) {
        auto summary = inspect_gguf(folder / "f.gguf");
        summary->tensors[0].shape = std::move(r);
        summary->tensors[1].shape = std::move(t);
        summary->tensors[2].shape = {n_pivots};
        summary->tensors[2].elements = static_cast<std::uint64_t>(n_pivots);
        const auto matrices = factor_matrices(*summary);
        return matrices ? std::string() : matrices.error().sentence;
    };
    EXPECT_EQ(refusal({64, 8}, {8, 24}, 8), "");
    EXPECT_THAT(refusal({64, 0}, {0, 24}, 0), HasSubstr("has rank 0"));
    EXPECT_THAT(refusal({64, 8}, {8, 0}, 8), HasSubstr("has rank 8, which is not below the full one of 8"));
    EXPECT_THAT(refusal({0, 8}, {8, 24}, 8), HasSubstr("has rank 8, which is not below the full one of 0"));
}

TEST(FactorFormat, PivotsAreOneList) {
    const auto two_rows = matrices_of({64, 8, 24, 2});
    ASSERT_FALSE(two_rows);
    EXPECT_THAT(two_rows.error().sentence, HasSubstr("has pivots that are no list of i32"));
    const TempFolder folder;
    write_one(folder / "f.gguf", {});
    const auto file = WeightFile::open(folder / "f.gguf");
    ASSERT_TRUE(file);
    const auto rows = factor_rows(*file, factor_matrices(file->summary())->front());
    ASSERT_FALSE(rows);
    EXPECT_THAT(rows.error().sentence, HasSubstr("names row 0 as a pivot, which is one already"));
}

}  // namespace
}  // namespace landauer
