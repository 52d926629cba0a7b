// Perplexity and divergence on a real model, whose path LANDAUER_TEST_MODEL holds (`make test` sets it).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "embedder_testing.h"
#include "engine/llama/log_probs.h"
#include "engine/llama/text_statistics.h"
#include "engine/quantise.h"
#include "engine/text_score.h"
#include "gguf/summary.h"
#include "synth_testing.h"
#include "temp_folder.h"

namespace landauer {
namespace {

using ::testing::HasSubstr;
using testing::TempFolder;

constexpr double kOneError = 1.96;  // standard errors in half an interval

double error_of(const Estimate& estimate) { return (estimate.ci95.high - estimate.value) / kOneError; }

double nll_of(const std::vector<float>& logits, Token target) {
    return negative_log_likelihood(logits, softmax_sum(logits), target);
}

TEST(LogProbs, AreThoseOfASoftmax) {
    const std::vector<float> logits = {1.0F, 3.0F, -2.0F, 0.5F};
    double sum = 0.0;
    for (const float logit : logits) sum += std::exp(static_cast<double>(logit));
    for (Token token = 0; token < 4; ++token) {
        const double truth = std::log(sum) - static_cast<double>(logits[static_cast<std::size_t>(token)]);
        EXPECT_NEAR(nll_of(logits, token), truth, 1e-6);
    }
}

TEST(LogProbs, OfTheBaseSurviveSixteenBits) {
    std::vector<float> logits(1000);
    for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = 5.0F * std::sin(static_cast<float>(i));
    logits[5] = 7.0F;
    std::vector<std::uint16_t> levels(logits.size());
    BaseRow row;
    row.levels = levels;
    store_base(logits, softmax_sum(logits), row);
    for (Token token = 0; token < 1000; token += 37) {
        EXPECT_NEAR(static_cast<double>(-row.log_prob(static_cast<std::size_t>(token))), nll_of(logits, token),
                    12.0 / 65535.0);
    }
    const RowComparison itself = compare_row(logits, row, 11);
    EXPECT_NEAR(itself.kl, 0.0, 1e-4);
    EXPECT_TRUE(itself.same_top);
    std::vector<float> other = logits;
    std::reverse(other.begin(), other.end());
    const RowComparison reversed = compare_row(other, row, 11);
    double truth = 0.0;
    for (Token token = 0; token < 1000; ++token) {
        const double base = -nll_of(logits, token);
        truth += std::exp(base) * (base + nll_of(other, token));
    }
    EXPECT_NEAR(reversed.kl, truth, 1e-3 * truth);
    EXPECT_FALSE(reversed.same_top);
}

TEST(LogProbs, OfEqualLogitsAreEqual) {
    const std::vector<float> logits(8, 2.0F);
    std::vector<std::uint16_t> levels(8);
    BaseRow row;
    row.levels = levels;
    store_base(logits, softmax_sum(logits), row);
    EXPECT_NEAR(static_cast<double>(row.log_prob(3)), -std::log(8.0), 1e-6);
}

TEST(TextStatistics, OfNumbersKnownByHand) {
    std::vector<RowComparison> rows;
    for (int i = 0; i < 101; ++i) {
        const auto step = static_cast<float>(i) / 100.0F;
        rows.push_back({2.0F + step, 2.0F, static_cast<double>(step), i % 4 != 0});
    }
    const TextScore score = score_against_base(rows);
    EXPECT_EQ(score.n_tokens, 101);
    EXPECT_NEAR(score.perplexity.value, std::exp(2.5), 1e-5);
    EXPECT_NEAR(score.ln_ppl_ratio->value, 0.5, 1e-6);
    // Paired: the base does not vary, so that the ratio varies as the model does. Variance of 0..1 in steps: 0.085.
    EXPECT_NEAR(error_of(*score.ln_ppl_ratio), std::sqrt(0.085 / 100.0), 1e-4);
    EXPECT_NEAR(error_of(score.perplexity), std::exp(2.5) * std::sqrt(0.085 / 100.0), 1e-3);
    EXPECT_NEAR(score.kl_mean->value, 0.5, 1e-6);
    EXPECT_NEAR(*score.kl_p99, 0.99, 1e-6);
    EXPECT_NEAR(score.same_top->value, 75.0 / 101.0, 1e-9);
}

class TextScoreTest : public ::testing::Test {
   protected:
    void SetUp() override {
        const char* model = std::getenv("LANDAUER_TEST_MODEL");
        if (model == nullptr) GTEST_SKIP() << "LANDAUER_TEST_MODEL is not set";
        model_ = model;
        std::ifstream file(std::string(FIXTURES) + "/text_score/prose.txt", std::ios::binary);
        text_.assign(std::istreambuf_iterator<char>(file), {});
        settings_.n_ctx = 128;
        settings_.n_chunks = 3;
        settings_.n_threads = 2;
    }

    Result<TextScores> scored(const std::vector<std::filesystem::path>& candidates) {
        return score_text(model_, candidates, text_, settings_, {}, {});
    }

    // The model with bytes in its first token's embedding that stand for no number, neither as F16 nor as F32.
    std::filesystem::path damaged(const TempFolder& folder) const {
        const auto copy = folder / "damaged.gguf";
        std::filesystem::copy_file(model_, copy);
        const auto summary = inspect_gguf(copy);
        EXPECT_TRUE(summary);
        const auto tensor = std::find_if(summary->tensors.begin(), summary->tensors.end(),
                                         [](const GgufTensor& t) { return t.name == "token_embd.weight"; });
        EXPECT_NE(tensor, summary->tensors.end());
        std::fstream file(copy, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(tensor->offset));
        file << std::string(256, '\x7F');
        return copy;
    }

    std::filesystem::path model_;
    std::string text_;
    TextScoreSettings settings_;
};

// The figures that llama-perplexity prints for the same file, -c 128 --chunks 3; wider than its digits because every
// kind of CPU rounds in its own way.
TEST_F(TextScoreTest, AgreesWithLlamaPerplexity) {
    const TempFolder folder;
    const auto small = folder / "small.gguf";
    ASSERT_TRUE(quantise(model_, "Q4_0", small, 2));
    std::vector<double> fractions;
    const auto scores = score_text(model_, std::vector{small}, text_, settings_, {},
                                   [&](double fraction) { fractions.push_back(fraction); });
    ASSERT_TRUE(scores) << scores.error().sentence;
    EXPECT_EQ(scores->base.n_ctx, 128);
    EXPECT_EQ(scores->base.n_tokens, 3 * 63);
    EXPECT_NEAR(scores->base.perplexity.value, 35.1483, 0.05);
    EXPECT_NEAR(error_of(scores->base.perplexity), 7.56789, 0.02);
    EXPECT_FALSE(scores->base.kl_mean);
    ASSERT_EQ(scores->candidates.size(), 1U);
    ASSERT_TRUE(scores->candidates[0]) << scores->candidates[0].error().sentence;
    const TextScore& score = *scores->candidates[0];
    EXPECT_NEAR(score.perplexity.value, 42.065775, 0.05);
    EXPECT_NEAR(score.ln_ppl_ratio->value, 0.179652, 0.002);
    EXPECT_NEAR(error_of(*score.ln_ppl_ratio), 0.056497, 0.0005);
    EXPECT_NEAR(score.kl_mean->value, 0.293200, 0.002);
    EXPECT_NEAR(error_of(*score.kl_mean), 0.019066, 0.0005);
    EXPECT_NEAR(*score.kl_p99, 1.139870, 0.02);
    EXPECT_NEAR(100.0 * score.same_top->value, 60.847, 1.1);
    ASSERT_FALSE(fractions.empty());
    EXPECT_EQ(fractions.back(), 1.0);
}

TEST_F(TextScoreTest, AModelAgainstItselfDiffersByNothing) {
    const auto scores = scored({model_});
    ASSERT_TRUE(scores);
    const TextScore& score = *scores->candidates[0];
    EXPECT_NEAR(score.perplexity.value, scores->base.perplexity.value, 1e-4);
    EXPECT_NEAR(score.kl_mean->value, 0.0, 1e-5);
    EXPECT_NEAR(score.ln_ppl_ratio->value, 0.0, 1e-5);
    EXPECT_FALSE(std::isnan(score.ln_ppl_ratio->ci95.low));
    EXPECT_EQ(score.same_top->value, 1.0);
}

// Chunks do not see one another: together, alone, in pieces, on one thread or two, they say the same.
TEST_F(TextScoreTest, BatchesAndThreadsChangeLittleOrNothing) {
    settings_.n_chunks = 2;
    const auto usual = scored({});
    settings_.n_threads = 1;
    const auto one_thread = scored({});
    settings_.n_batch = 128;
    const auto one_by_one = scored({});
    settings_.n_batch = 48;
    const auto pieces = scored({});
    ASSERT_TRUE(usual && one_thread && one_by_one && pieces);
    EXPECT_EQ(usual->base.perplexity, one_thread->base.perplexity);
    EXPECT_NEAR(one_by_one->base.perplexity.value, usual->base.perplexity.value, 0.02);
    // Other shapes take other kernels, whose last bits turn roundings of the activations; a token amiss would show in
    // tens.
    EXPECT_NEAR(pieces->base.perplexity.value / usual->base.perplexity.value, 1.0, 0.02);
}

TEST_F(TextScoreTest, NamesTheModelAndTheChunkWhereLogitsAreNoNumbers) {
    settings_.n_chunks = 1;
    const TempFolder folder;
    const auto broken = damaged(folder);
    const auto scores = scored({broken, model_});
    ASSERT_TRUE(scores);
    ASSERT_FALSE(scores->candidates[0]);
    EXPECT_EQ(scores->candidates[0].error().kind, ErrorKind::Failed);
    EXPECT_THAT(scores->candidates[0].error().sentence, HasSubstr("damaged.gguf"));
    EXPECT_THAT(scores->candidates[0].error().sentence, HasSubstr("chunk 1"));
    EXPECT_TRUE(scores->candidates[1]) << "the others are scored all the same";
    const auto base = score_text(broken, {}, text_, settings_, {}, {});
    ASSERT_FALSE(base);
    EXPECT_EQ(base.error().kind, ErrorKind::Failed);
}

TEST_F(TextScoreTest, NamesTheFirstDifferenceBetweenVocabularies) {
    const TempFolder folder;
    settings_.n_chunks = 1;
    testing::TinyBert{}.write(folder / "bert.gguf");
    const auto scores = scored({folder / "bert.gguf", folder / "missing.gguf"});
    ASSERT_TRUE(scores);
    ASSERT_FALSE(scores->candidates[0]);
    EXPECT_EQ(scores->candidates[0].error().kind, ErrorKind::Invalid);
    EXPECT_THAT(scores->candidates[0].error().sentence, HasSubstr("token 0 is \"<|endoftext|>\" in the base and"));
    ASSERT_FALSE(scores->candidates[1]);
    EXPECT_THAT(scores->candidates[1].error().sentence, HasSubstr("missing.gguf"));
}

TEST_F(TextScoreTest, WantsTwoChunksOfTextAndMemoryForAll) {
    const auto expect = [&](ErrorKind kind, const std::string& says) {
        const auto scores = scored({model_});
        ASSERT_FALSE(scores);
        EXPECT_EQ(scores.error().kind, kind);
        EXPECT_THAT(scores.error().sentence, HasSubstr(says));
        EXPECT_FALSE(scores.error().remedy.empty());
    };
    settings_.n_ctx = 512;
    expect(ErrorKind::Invalid, "chunks of 512 need 1024");
    settings_.n_ctx = 4;
    expect(ErrorKind::Invalid, "Chunks of 4 tokens");
    settings_.n_ctx = 128;
    settings_.n_chunks = 0;
    expect(ErrorKind::Invalid, "0 chunks");
    settings_.n_chunks = 1;
    settings_.n_threads = 0;
    expect(ErrorKind::Invalid, "0 threads");
    settings_.n_threads = 1;
    settings_.memory = [] { return std::uint64_t{150'000'000}; };
    expect(ErrorKind::Failed, "2 models with their caches and logits need");
}

TEST_F(TextScoreTest, StopsWhenAsked) {
    int polls = 0;
    const auto stopped = score_text(model_, {}, text_, settings_, [&] { return ++polls > 40; }, {});
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().kind, ErrorKind::Interrupted);
}

TEST(TextScoreRefusal, OfSyntheticWeights) {
    const TempFolder folder;
    const auto model = testing::make_model(folder, "tiny-llama").model;
    const auto scores = score_text(model, {}, "text", {}, {}, {});
    ASSERT_FALSE(scores);
    EXPECT_EQ(scores.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(scores.error().sentence, HasSubstr("synthetic"));
}

}  // namespace
}  // namespace landauer
