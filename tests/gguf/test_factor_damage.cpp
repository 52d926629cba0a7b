// Damaged files of factors: each is refused with a sentence, or says what it said before.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "gguf/dense_view.h"
#include "gguf/factor_format.h"
#include "gguf/gguf_testing.h"
#include "gguf/header.h"
#include "gguf/weights.h"
#include "gguf/writer.h"

namespace landauer {
namespace {

using testing::content_of;
using testing::TempFolder;

// What a reader makes of a file.
struct Meaning {
    std::vector<std::string> matrices;  // "blk.0.ffn_up.weight 32 x 64 of 8: 5 1 .."
    std::size_t stream_bytes = 0;
    bool operator==(const Meaning&) const = default;
};

class FactorDamage : public ::testing::Test {
   protected:
    void SetUp() override {
        file_ = folder_ / "f.gguf";
        GgufHeader header;
        ASSERT_TRUE(header.set("general.architecture", std::string("llama")));
        ASSERT_TRUE(header.set(kFactorsKey, kFactorsVersion));
        ASSERT_TRUE(header.set(kFactorsCountKey, std::uint32_t{2}));
        ASSERT_TRUE(header.set("landauer.compress.source", std::string("whole")));
        for (const std::string part : {"ffn_up", "ffn_gate"}) {
            ASSERT_TRUE(header.add_tensor({"blk.0." + part + ".factor_r", "f32", {64, 8}}));
            ASSERT_TRUE(header.add_tensor({"blk.0." + part + ".factor_t", "f16", {8, 24}}));
            ASSERT_TRUE(header.add_tensor({"blk.0." + part + ".factor_pivots", "i32", {8}}));
        }
        ASSERT_TRUE(header.add_tensor({"output_norm.weight", "f32", {64}}));
        auto writer = GgufWriter::create(file_, header, true);
        ASSERT_TRUE(writer);
        const std::array<std::int32_t, 8> pivots = {5, 1, 30, 2, 8, 31, 0, 17};
        for (const GgufPlace& place : header.places()) {
            std::vector<std::byte> bytes(place.bytes);
            if (place.name.ends_with("pivots")) std::memcpy(bytes.data(), pivots.data(), bytes.size());
            pivots_at_ = place.name.ends_with("pivots") ? place.offset : pivots_at_;
            ASSERT_TRUE(writer->write(place.name, bytes));
        }
        ASSERT_TRUE(writer->finish());
        content_ = content_of(file_);
        header_bytes_ = header.header_bytes();
        const auto sound = read(content_);
        ASSERT_TRUE(sound) << sound.error().sentence;
        ASSERT_EQ(sound->matrices.size(), 2U);
        sound_ = *sound;
    }

    [[nodiscard]] Result<Meaning> read(const std::string& content) const {
        std::ofstream(file_, std::ios::binary) << content;
        const auto file = WeightFile::open(file_);
        if (!file) return tl::unexpected(file.error());
        const auto matrices = factor_matrices(file->summary());
        if (!matrices) return tl::unexpected(matrices.error());
        Meaning meaning;
        for (const FactorMatrix& matrix : *matrices) {
            const auto rows = factor_rows(*file, matrix);
            if (!rows) return tl::unexpected(rows.error());
            std::string words = matrix.name + " " + std::to_string(matrix.rows) + " x " + std::to_string(matrix.cols) +
                                " of " + std::to_string(matrix.rank) + ":";
            for (const std::int32_t row : *rows) words += " " + std::to_string(row);
            meaning.matrices.push_back(words);
        }
        const auto stream = open_dense_view(file->summary(), *matrices);
        if (!stream) return tl::unexpected(stream.error());
        std::array<char, 500> piece{};
        while (const std::size_t n = std::fread(piece.data(), 1, piece.size(), stream->get())) {
            meaning.stream_bytes += n;
        }
        EXPECT_FALSE(std::ferror(stream->get()));
        return meaning;
    }

    // Nothing: refused.
    std::optional<Meaning> read_damaged(const std::string& content) {
        const auto meaning = read(content);
        if (meaning) return *meaning;
        EXPECT_FALSE(meaning.error().sentence.empty());
        EXPECT_FALSE(meaning.error().remedy.empty());
        EXPECT_NE(meaning.error().kind, ErrorKind::Bug) << meaning.error().sentence;
        ++refusals_;
        return std::nullopt;
    }

    TempFolder folder_;
    std::filesystem::path file_;
    std::string content_;
    std::size_t header_bytes_ = 0;
    std::uint64_t pivots_at_ = 0;
    Meaning sound_;
    int refusals_ = 0;
};

// A flipped letter of a text is no damage that can be seen, nor is a shorter last tensor.
TEST_F(FactorDamage, EveryBitOfTheHeaderFlipped) {
    for (std::size_t at = 0; at < header_bytes_; ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            std::string damaged = content_;
            damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ (1U << bit));
            if (const auto meaning = read_damaged(damaged)) {
                ASSERT_EQ(meaning->matrices, sound_.matrices) << "byte " << at << ", bit " << bit;
            }
        }
    }
    EXPECT_GT(refusals_, 2000);
}

TEST_F(FactorDamage, ManyBytesOfTheHeaderReplaced) {
    for (std::uint32_t seed = 0; seed < 2000; ++seed) {
        std::mt19937_64 random(seed);
        std::string damaged = content_;
        const std::size_t n = 1 + random() % 6;
        for (std::size_t i = 0; i < n; ++i) damaged[random() % header_bytes_] = static_cast<char>(random());
        if (const auto meaning = read_damaged(damaged)) {
            ASSERT_EQ(meaning->matrices.size(), 2U) << "seed " << seed;
        }
    }
    EXPECT_GT(refusals_, 1000);
}

TEST_F(FactorDamage, PivotsAreRowsOrRefused) {
    for (std::size_t at = pivots_at_; at < pivots_at_ + 32; ++at) {
        for (unsigned value = 0; value < 256; value += value < 32 ? 1 : 7) {
            std::string damaged = content_;
            damaged[at] = static_cast<char>(value);
            const auto meaning = read_damaged(damaged);
            if (meaning && damaged == content_) {
                ASSERT_EQ(*meaning, sound_);
            }
        }
    }
    EXPECT_GT(refusals_, 1800);
}

TEST_F(FactorDamage, CutAnywhere) {
    const std::uint64_t end = content_.size() - (content_.size() - pivots_at_) % 32;
    for (std::size_t length = 0; length < end; length += length < header_bytes_ ? 1 : 61) {
        EXPECT_FALSE(read_damaged(content_.substr(0, length))) << length;
    }
}

}  // namespace
}  // namespace landauer
