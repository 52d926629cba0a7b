// Error-feedback quantising: held against ggml's own rounding, against the loss it claims, and against bad input.
#include "compress/methods/error_feedback.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "gguf/weights.h"
#include "gguf/writer.h"
#include "temp_folder.h"
#include "tensor/matrix_testing.h"

namespace landauer {
namespace {

using test::identity;
using test::random_matrix;
using test::random_moment;
using ::testing::HasSubstr;
using testing::TempFolder;

const std::vector<std::string> kTypes = {"q4_0", "q4_1", "q5_0", "q5_1", "q8_0", "iq4_nl"};

// What ggml reads from the bytes.
MatrixF read_back(const std::string& type, std::span<const std::byte> bytes, std::size_t rows, std::size_t columns) {
    const TempFolder folder;
    GgufHeader header;
    EXPECT_TRUE(header.set("general.architecture", std::string("llama")));
    EXPECT_TRUE(header.add_tensor({"w", type, {static_cast<std::int64_t>(columns), static_cast<std::int64_t>(rows)}}));
    auto writer = GgufWriter::create(folder / "w.gguf", header, true);
    EXPECT_TRUE(writer) << writer.error().sentence;
    EXPECT_TRUE(writer->write("w", bytes));
    EXPECT_TRUE(writer->finish());
    const auto file = WeightFile::open(folder / "w.gguf");
    EXPECT_TRUE(file) << file.error().sentence;
    MatrixF values(rows, columns);
    EXPECT_TRUE(file->read("w", 0, values.values()));
    return values;
}

MatrixF rounded(const std::string& type, const MatrixF& weights, std::span<const float> importance = {}) {
    std::vector<std::byte> bytes(weights.rows() * row_bytes(type, weights.cols()));
    EXPECT_TRUE(encode_rows(type, weights.values(), weights.cols(), importance, bytes));
    return read_back(type, bytes, weights.rows(), weights.cols());
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

TEST(ErrorFeedback, BytesAreWhatItSaysTheyAre) {
    for (const std::string& type : kTypes) {
        const MatrixF weights = random_matrix<float>(70, 96, 3);
        const auto done = quantise_fed_back(type, weights, random_moment(96, 300, 4), {});
        ASSERT_TRUE(done) << done.error().sentence;
        const MatrixF told = decoded(done->matrix);
        const std::vector<std::byte> bytes = packed(done->matrix);
        ASSERT_EQ(bytes.size(), 70 * row_bytes(type, 96)) << type;
        const MatrixF read = read_back(type, bytes, 70, 96);
        for (std::size_t i = 0; i < told.values().size(); ++i) {
            ASSERT_NEAR(told.values()[i], read.values()[i], 1e-6F) << type << " at " << i;
        }
    }
}

TEST(ErrorFeedback, SaysItsLoss) {
    for (const std::string& type : kTypes) {
        const MatrixF weights = random_matrix<float>(9, 160, 5);
        MatrixD c = random_moment(160, 500, 6);
        const auto done = quantise_fed_back(type, weights, c, {.ridge = 0.0, .shrinkage = 0.0, .n_threads = 1});
        ASSERT_TRUE(done) << done.error().sentence;
        const double loss = loss_of(weights, decoded(done->matrix), c);
        EXPECT_NEAR(done->loss / loss, 1.0, 1e-3) << type;
    }
}

TEST(ErrorFeedback, IsNoWorseThanRoundingWhereInputsAreAlike) {
    const MatrixD c = identity(128);
    const std::vector<float> ones(128, 1.0F);
    for (const std::string& type : kTypes) {
        double fed = 0.0;
        double weighted = 0.0;
        for (std::uint64_t seed = 0; seed < 12; ++seed) {
            const MatrixF weights = random_matrix<float>(8, 128, seed);
            const auto done = quantise_fed_back(type, weights, c, {});
            ASSERT_TRUE(done);
            const double own = loss_of(weights, decoded(done->matrix), c);
            EXPECT_LE(own, loss_of(weights, rounded(type, weights), c)) << type << ", seed " << seed;
            fed += own;
            weighted += loss_of(weights, rounded(type, weights, ones), c);
        }
        EXPECT_LE(fed, weighted) << type << " against ggml's search under importance";
    }
}

TEST(ErrorFeedback, BeatsRoundingWhereInputsAreAkin) {
    for (const std::string& type : kTypes) {
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            const MatrixF weights = random_matrix<float>(8, 128, seed);
            const MatrixD c = random_moment(128, 100 + 40 * seed, seed + 100);
            const auto done = quantise_fed_back(type, weights, c, {});
            ASSERT_TRUE(done);
            const double fed = loss_of(weights, decoded(done->matrix), c);
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
        without += loss_of(weights, decoded(plain->matrix), rare);
        with += loss_of(weights, decoded(shrunk->matrix), rare);
    }
    EXPECT_LT(with, 0.8 * without);
}

TEST(ErrorFeedback, WhatLiesOnTheGridStaysToTheBit) {
    for (const std::string type : {"q4_0", "q4_1", "q5_0", "q5_1", "q8_0"}) {
        const MatrixF weights = rounded(type, random_matrix<float>(70, 192, 8));
        const auto done = quantise_fed_back(type, weights, random_moment(192, 400, 9), {});
        ASSERT_TRUE(done);
        const MatrixF again = read_back(type, packed(done->matrix), 70, 192);
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
        const MatrixF weights = read_back(type, packed(matrix), 64, 64);
        const auto done = quantise_fed_back(type, weights, random_moment(64, 200, 9), {});
        ASSERT_TRUE(done);
        const MatrixF again = read_back(type, packed(done->matrix), 64, 64);
        for (std::size_t i = 0; i < weights.values().size(); ++i) {
            ASSERT_NEAR(again.values()[i], weights.values()[i], 1e-6F) << type << " at " << i;
        }
    }
}

TEST(ErrorFeedback, IsTheSameForAnyNumberOfThreads) {
    const MatrixF weights = random_matrix<float>(300, 256, 10);
    const MatrixD c = random_moment(256, 500, 11);
    const auto one = quantise_fed_back("q4_1", weights, c, {.ridge = 1e-2, .shrinkage = 0.1, .n_threads = 1});
    const auto five = quantise_fed_back("q4_1", weights, c, {.ridge = 1e-2, .shrinkage = 0.1, .n_threads = 5});
    ASSERT_TRUE(one && five);
    EXPECT_EQ(packed(one->matrix), packed(five->matrix));
    EXPECT_EQ(one->loss, five->loss);
}

TEST(ErrorFeedback, InputsThatNeverCameOrCameTogetherAreNoTrouble) {
    MatrixD c = random_moment(96, 20, 12);  // fewer tokens than columns
    for (std::size_t i = 0; i < 96; ++i) {
        for (std::size_t dead = 30; dead < 50; ++dead) c(i, dead) = c(dead, i) = 0.0;
    }
    const MatrixF weights = random_matrix<float>(10, 96, 13);
    const auto done = quantise_fed_back("q4_0", weights, c, {});
    ASSERT_TRUE(done) << done.error().sentence;
    const MatrixF values = decoded(done->matrix);
    EXPECT_LT(loss_of(weights, values, c), loss_of(weights, rounded("q4_0", weights), c));
    for (std::size_t i = 30; i < 50; ++i) EXPECT_NEAR(values(4, i), weights(4, i), 0.7F) << i;
}

TEST(ErrorFeedback, ZerosStayZeros) {
    for (const std::string& type : kTypes) {
        const auto done = quantise_fed_back(type, MatrixF(3, 64), random_moment(64, 100, 14), {});
        ASSERT_TRUE(done) << type;
        const MatrixF values = decoded(done->matrix);
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
    expect("q6_K", good, c, "q6_K");
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
