// Error-feedback quantising: held against ggml's own rounding, against the loss it claims, and against bad input.
#include "compress/methods/error_feedback.h"

#include <gmock/gmock.h>

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "compress/methods/block_codes.h"
#include "compress/methods/super_codes.h"
#include "gguf/weights.h"
#include "tensor/matrix_testing.h"

namespace landauer {
namespace {

using test::identity;
using test::random_matrix;
using test::random_moment;
using ::testing::HasSubstr;

const std::vector<std::string> kBlocks = {"q4_0", "q4_1", "q5_0", "q5_1", "q8_0", "iq4_nl"};
const std::vector<std::string> kSupers = {"q2_K", "q3_K", "q4_K", "q5_K", "q6_K", "iq4_xs"};  // 256 values a block
const std::vector<std::string> kTypes = [] {
    std::vector<std::string> all = kBlocks;
    all.insert(all.end(), kSupers.begin(), kSupers.end());
    return all;
}();

// Rows of at least so many columns that fit the type.
std::size_t columns_for(const std::string& type, std::size_t columns) {
    return feeds_back(type, columns) ? columns : (columns + 255) / 256 * 256;
}

// What ggml reads from a quantised matrix.
MatrixF decoded(const std::string& type, const FedBack& done, std::size_t columns) {
    MatrixF values(done.bytes.size() / row_bytes(type, columns), columns);
    EXPECT_TRUE(decode_rows(type, done.bytes, columns, values.values()));
    return values;
}

MatrixF rounded(const std::string& type, const MatrixF& weights, std::span<const float> importance = {}) {
    std::vector<std::byte> bytes(weights.rows() * row_bytes(type, weights.cols()));
    EXPECT_TRUE(encode_rows(type, weights.values(), weights.cols(), importance, bytes));
    return decoded(type, FedBack{bytes, 0.0}, weights.cols());
}

// tr(dW C dW^T).
double loss_of(const MatrixF& weights, const MatrixF& other, const MatrixD& c) {
    double loss = 0.0;
    for (std::size_t row = 0; row < weights.rows(); ++row) {
        for (std::size_t i = 0; i < weights.cols(); ++i) {
            const double left = static_cast<double>(other(row, i)) - static_cast<double>(weights(row, i));
            double sum = 0.0;
            for (std::size_t j = 0; j < weights.cols(); ++j) {
                sum += c(i, j) * (static_cast<double>(other(row, j)) - static_cast<double>(weights(row, j)));
            }
            loss += left * sum;
        }
    }
    return loss;
}

std::vector<float> diagonal_of(const MatrixD& c) {
    std::vector<float> diagonal;
    for (std::size_t i = 0; i < c.rows(); ++i) diagonal.push_back(static_cast<float>(c(i, i)));
    return diagonal;
}

TEST(ErrorFeedback, SaysItsLoss) {
    for (const std::string& type : kTypes) {
        const std::size_t n = columns_for(type, 160);
        const MatrixF weights = random_matrix<float>(70, n, 5);
        const MatrixD c = random_moment(n, 3 * n, 6);
        const auto done = quantise_fed_back(type, weights, c, {.ridge = 0.0, .shrinkage = 0.0, .n_threads = 1});
        ASSERT_TRUE(done) << done.error().sentence;
        ASSERT_EQ(done->bytes.size(), 70 * row_bytes(type, n)) << type;
        const double loss = loss_of(weights, decoded(type, *done, n), c);
        EXPECT_NEAR(done->loss / loss, 1.0, 1e-3) << type;
    }
}

TEST(ErrorFeedback, IsNoWorseThanRoundingWhereInputsAreAlike) {
    for (const std::string& type : kTypes) {
        const std::size_t n = columns_for(type, 128);
        const MatrixD c = identity(n);
        const std::vector<float> ones(n, 1.0F);
        double fed = 0.0;
        double weighted = 0.0;
        for (std::uint64_t seed = 0; seed < 12; ++seed) {
            const MatrixF weights = random_matrix<float>(8, n, seed);
            const auto done = quantise_fed_back(type, weights, c, {});
            ASSERT_TRUE(done);
            const double own = loss_of(weights, decoded(type, *done, n), c);
            EXPECT_LE(own, loss_of(weights, rounded(type, weights), c)) << type << ", seed " << seed;
            fed += own;
            weighted += loss_of(weights, rounded(type, weights, ones), c);
        }
        // Large blocks have the scales of that very search.
        EXPECT_LE(fed, 1.001 * weighted) << type << " against ggml's search under importance";
    }
}

TEST(ErrorFeedback, BeatsRoundingWhereInputsAreAkin) {
    for (const std::string& type : kTypes) {
        for (std::uint64_t seed = 0; seed < 12; ++seed) {
            const std::size_t n = columns_for(type, 128);
            const MatrixF weights = random_matrix<float>(8, n, seed);
            const MatrixD c = random_moment(n, n * (100 + 40 * seed) / 128, seed + 100);
            const auto done = quantise_fed_back(type, weights, c, {});
            ASSERT_TRUE(done);
            const double fed = loss_of(weights, decoded(type, *done, n), c);
            EXPECT_LT(fed, 0.8 * loss_of(weights, rounded(type, weights), c)) << type << ", seed " << seed;
            EXPECT_LT(fed, 0.9 * loss_of(weights, rounded(type, weights, diagonal_of(c)), c))
                << type << ", seed " << seed;
        }
    }
}

// On nearly all tokens the last input is a small share of the sum of all others; on a few it is large alone.
TEST(ErrorFeedback, ShrinkageMindsTheTokensThatAreUnlikeTheOthers) {
    const std::size_t n = 64;
    const double share = 0.05;
    MatrixD c = identity(n);
    for (std::size_t i = 0; i + 1 < n; ++i) c(i, n - 1) = c(n - 1, i) = share;
    c(n - 1, n - 1) = share * share * static_cast<double>(n - 1) + 1e-4;
    MatrixD rare(n, n);
    rare(n - 1, n - 1) = 1.0;
    double with = 0.0;
    double without = 0.0;
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
        const MatrixF weights = random_matrix<float>(64, n, seed);
        const auto plain = quantise_fed_back("q4_0", weights, c, {.ridge = 1e-4, .shrinkage = 0.0, .n_threads = 1});
        const auto shrunk = quantise_fed_back("q4_0", weights, c, {.ridge = 1e-4, .shrinkage = 0.2, .n_threads = 1});
        ASSERT_TRUE(plain && shrunk);
        without += loss_of(weights, decoded("q4_0", *plain, n), rare);
        with += loss_of(weights, decoded("q4_0", *shrunk, n), rare);
    }
    EXPECT_LT(with, 0.8 * without);
}

TEST(ErrorFeedback, WhatLiesOnTheGridStaysToTheBit) {
    for (const std::string type : {"q4_0", "q4_1", "q5_0", "q5_1", "q8_0"}) {
        const MatrixF weights = rounded(type, random_matrix<float>(70, 192, 8));
        const auto done = quantise_fed_back(type, weights, random_moment(192, 400, 9), {});
        ASSERT_TRUE(done);
        const MatrixF again = decoded(type, *done, 192);
        for (std::size_t i = 0; i < weights.values().size(); ++i) {
            ASSERT_EQ(again.values()[i], weights.values()[i]) << type << " at " << i;
        }
    }
}

// The block's codes need not reach both ends of the grid.
TEST(ErrorFeedback, AGridOfWhichOnlyAPartIsUsedStays) {
    for (const std::string type : {"q4_0", "q4_1", "q5_1"}) {
        BlockCodes matrix = empty_codes(*block_format(type), 64, 64);
        for (std::size_t row = 0; row < 64; ++row) {
            for (std::size_t i = 0; i < 64; ++i) {
                matrix.codes(row, i) = static_cast<std::uint8_t>(3 + (i * (row + 3) + i * i) % 9);
            }
            for (std::size_t block = 0; block < 2; ++block) {
                matrix.scales(row, block) = 0.0625F + static_cast<float>(row) / 1024.0F;
                if (!matrix.offsets.empty()) matrix.offsets(row, block) = -0.3125F - static_cast<float>(row) / 256.0F;
            }
        }
        const MatrixF weights = decoded(type, FedBack{packed(matrix), 0.0}, 64);
        const auto done = quantise_fed_back(type, weights, random_moment(64, 200, 9), {});
        ASSERT_TRUE(done);
        const MatrixF again = decoded(type, *done, 64);
        for (std::size_t i = 0; i < weights.values().size(); ++i) {
            ASSERT_NEAR(again.values()[i], weights.values()[i], 1e-6F) << type << " at " << i;
        }
    }
}

// Codes as ggml reads them: with the grid and the codes of a block of its own, its own values come back.
TEST(ErrorFeedback, GridsAndCodesOfLargeBlocksAreWhereGgmlHasThem) {
    for (const std::string& type : kSupers) {
        const SuperFormat& format = *super_format(type);
        ASSERT_EQ(format.bytes, row_bytes(type, kSuperColumns)) << type;
        const MatrixF weights = random_matrix<float>(1, kSuperColumns, 17);
        std::vector<std::byte> bytes(format.bytes);
        ASSERT_TRUE(encode_rows(type, weights.values(), kSuperColumns, {}, bytes));
        const SuperGrid grid = grid_of(format, bytes);
        std::array<std::uint8_t, kSuperColumns> codes{};
        for (std::size_t i = 0; i < kSuperColumns; ++i) {
            codes[i] = static_cast<std::uint8_t>((i * i + 3 * i) % static_cast<std::size_t>(format.levels.n_codes()));
        }
        put_codes(format, codes, bytes);
        std::vector<float> values(kSuperColumns);
        ASSERT_TRUE(decode_rows(type, bytes, kSuperColumns, values));
        for (std::size_t i = 0; i < kSuperColumns; ++i) {
            const std::size_t group = i / format.group;
            const float told = grid.scales[group] * format.levels.level(codes[i]) + grid.offsets[group];
            ASSERT_NEAR(values[i], told, 1e-5F) << type << " at " << i;
        }
    }
}

TEST(ErrorFeedback, IsTheSameForAnyNumberOfThreads) {
    const MatrixF weights = random_matrix<float>(300, 256, 10);
    const MatrixD c = random_moment(256, 500, 11);
    for (const std::string type : {"q4_1", "q3_K"}) {
        const auto one = quantise_fed_back(type, weights, c, {.ridge = 1e-2, .shrinkage = 0.1, .n_threads = 1});
        const auto five = quantise_fed_back(type, weights, c, {.ridge = 1e-2, .shrinkage = 0.1, .n_threads = 5});
        ASSERT_TRUE(one && five);
        EXPECT_EQ(one->bytes, five->bytes) << type;
        EXPECT_EQ(one->loss, five->loss) << type;
    }
}

TEST(ErrorFeedback, InputsThatNeverCameOrCameTogetherAreNoTrouble) {
    MatrixD c = random_moment(96, 20, 12);  // fewer tokens than columns
    for (std::size_t i = 0; i < 96; ++i) {
        for (std::size_t dead = 30; dead < 50; ++dead) c(i, dead) = c(dead, i) = 0.0;
    }
    const MatrixF weights = random_matrix<float>(10, 96, 13);
    const auto done = quantise_fed_back("q4_0", weights, c, {});
    ASSERT_TRUE(done) << done.error().sentence;
    const MatrixF values = decoded("q4_0", *done, 96);
    EXPECT_LT(loss_of(weights, values, c), loss_of(weights, rounded("q4_0", weights), c));
    for (std::size_t i = 30; i < 50; ++i) EXPECT_NEAR(values(4, i), weights(4, i), 0.7F) << i;
}

TEST(ErrorFeedback, ZerosStayZeros) {
    for (const std::string& type : kTypes) {
        const std::size_t n = columns_for(type, 64);
        const auto done = quantise_fed_back(type, MatrixF(3, n), random_moment(n, 100, 14), {});
        ASSERT_TRUE(done) << type;
        const MatrixF values = decoded(type, *done, n);
        for (const float value : values.values()) EXPECT_EQ(value, 0.0F);
    }
}

TEST(ErrorFeedback, RefusesWhatItCannotDo) {
    const MatrixD c = random_moment(64, 100, 15);
    const auto expect = [&](const std::string& type, const MatrixF& weights, const MatrixD& moments,
                            const std::string& says) {
        const auto done = quantise_fed_back(type, weights, moments, {});
        ASSERT_FALSE(done) << says;
        EXPECT_EQ(done.error().kind, ErrorKind::Invalid);
        EXPECT_THAT(done.error().sentence, HasSubstr(says));
        EXPECT_FALSE(done.error().remedy.empty());
    };
    const MatrixF good = random_matrix<float>(4, 64, 16);
    expect("iq3_s", good, c, "iq3_s");
    expect("q6_K", good, c, "64 values");
    expect("q4_0", random_matrix<float>(4, 80, 16), random_moment(80, 100, 15), "80 values");
    expect("q4_0", MatrixF(), c, "without values");
    expect("q4_0", good, random_moment(32, 100, 15), "32 x 32");
    expect("q4_0", good, MatrixD(64, 64), "all zero");
    MatrixD broken = c;
    broken(3, 4) = std::numeric_limits<double>::quiet_NaN();
    expect("q4_0", good, broken, "not a finite number");
    MatrixF damaged = good;
    damaged(2, 5) = std::numeric_limits<float>::quiet_NaN();
    expect("q4_0", damaged, c, "row 2 and column 5");
    damaged(2, 5) = 1e9F;
    expect("q4_0", damaged, c, "too large");
}

}  // namespace
}  // namespace landauer
