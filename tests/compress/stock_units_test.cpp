// What layers may become: gone whole, in another type; and what any change of a matrix is said to cost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "compress/methods/change.h"
#include "compress/pipeline.h"
#include "compress/stock_write.h"
#include "planted_model.h"
#include "temp_folder.h"

namespace landauer {
namespace {

using ::testing::HasSubstr;
using namespace planted;
using testing::TempFolder;

// Three layers of which the middle one adds nothing to the stream.
void write_idle_middle(const std::string& architecture, const TempFolder& folder) {
    TinyModel model = wide(architecture);
    model.n_head = {4, 4, 4};
    model.n_head_kv = {2, 2, 2};
    model.n_ff = {96, 96, 96};
    write_tiny(model, folder / "raw.gguf");
    replant(folder / "raw.gguf", folder / "m.gguf", [](const GgufTensor& tensor, std::span<float> values) {
        if (tensor.name == "blk.1.ffn_down.weight") kill_columns(values, 96, 0, 96);
        if (tensor.name == "blk.1.attn_output.weight") kill_columns(values, 48, 0, 48);
    });
}

Result<Profile> profile_in(const TempFolder& folder, const StockWays& ways, const TypeLosses& losses = {}) {
    auto bench = bench_of(folder / "m.gguf", folder / "s.gguf");
    if (!bench) return tl::unexpected(bench.error());
    auto curves = stock_curves(bench->file, bench->shape, bench->statistics, {}, {});
    if (!curves) return tl::unexpected(curves.error());
    auto units = stock_units(bench->shape, *curves, losses, ways);
    if (!units) return tl::unexpected(units.error());
    Profile profile;
    profile.shape = std::move(bench->shape);
    profile.curves = std::move(*curves);
    profile.units = std::move(*units);
    return profile;
}

TEST(StockUnits, ALayerThatAddsNothingGoesWholeInEveryFamily) {
    for (const std::string architecture : {"llama", "qwen2", "qwen3", "qwen2vl"}) {
        const TempFolder folder;
        write_idle_middle(architecture, folder);
        const auto profile = profile_in(folder, {.neurons = false, .heads = false, .layers = true});
        ASSERT_TRUE(profile) << profile.error().sentence;
        const auto choice = choose_stock(*profile, 0.3);
        ASSERT_TRUE(choice) << choice.error().sentence;
        EXPECT_NEAR(choice->allocation.loss, 0.0, 1e-12);
        const auto source = WeightFile::open(folder / "m.gguf");
        const auto statistics = StatisticsFile::open(folder / "s.gguf");
        ASSERT_TRUE(write_stock(*source, profile->shape, choice->keep, *statistics, {}, folder / "o.gguf", {}, {}));
        const auto small = WeightFile::open(folder / "o.gguf");
        ASSERT_TRUE(small);
        EXPECT_EQ(small->summary().architecture, architecture) << "whole layers need no other";
        EXPECT_EQ(small->summary().n_layer, 2);
        EXPECT_EQ(*small->read("blk.1.ffn_up.weight"), *source->read("blk.2.ffn_up.weight"));
        EXPECT_EQ(difference(log_probabilities_of(folder / "m.gguf"), log_probabilities_of(folder / "o.gguf")), 0.0F);
    }
}

TEST(StockUnits, ALayerGoesBesideOthersThatNarrow) {
    const TempFolder folder;
    write_idle_middle("llama", folder);
    const auto profile = profile_in(folder, {});
    ASSERT_TRUE(profile) << profile.error().sentence;
    const auto choice = choose_stock(*profile, 0.45);
    ASSERT_TRUE(choice) << choice.error().sentence;
    EXPECT_TRUE(choice->keep[1].neurons.empty());
    EXPECT_TRUE(choice->keep[1].groups.empty());
    const auto source = WeightFile::open(folder / "m.gguf");
    const auto statistics = StatisticsFile::open(folder / "s.gguf");
    ASSERT_TRUE(write_stock(*source, profile->shape, choice->keep, *statistics, {}, folder / "o.gguf", {}, {}));
    const auto shape = decoder_shape(*WeightFile::open(folder / "o.gguf"));
    ASSERT_TRUE(shape);
    EXPECT_EQ(shape->architecture, "deci");
    EXPECT_EQ(shape->n_layer, 2U);
    EXPECT_EQ(shape->n_ff, (std::vector{choice->keep[0].neurons.size(), choice->keep[2].neurons.size()}));
    EXPECT_FALSE(log_probabilities_of(folder / "o.gguf").empty());
}

TEST(StockUnits, LayerZeroNeverGoes) {
    const TempFolder folder;
    write_tiny(wide("llama"), folder / "raw.gguf");
    replant(folder / "raw.gguf", folder / "m.gguf", [](const GgufTensor& tensor, std::span<float> values) {
        if (tensor.name == "blk.0.ffn_down.weight") kill_columns(values, 96, 0, 96);
        if (tensor.name == "blk.0.attn_output.weight") kill_columns(values, 48, 0, 48);
    });
    const auto profile = profile_in(folder, {.neurons = false, .heads = false, .layers = true});
    ASSERT_TRUE(profile) << profile.error().sentence;
    const auto choice = choose_stock(*profile, 0.5);
    ASSERT_TRUE(choice) << choice.error().sentence;
    EXPECT_EQ(choice->keep[0].neurons.size(), 96U);
    EXPECT_TRUE(choice->keep[1].neurons.empty());
}

TEST(StockUnits, WaysThatTheFamilyDoesNotHaveAreRefused) {
    const TempFolder folder;
    write_tiny(wide("qwen3"), folder / "m.gguf");
    const auto profile = profile_in(folder, {.neurons = false, .heads = true, .layers = false});
    ASSERT_FALSE(profile);
    EXPECT_EQ(profile.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(profile.error().remedy, HasSubstr("--ways neurons"));
}

TinyModel of_blocks() {
    TinyModel model;
    model.n_embd = 64;
    model.head_dim = 16;
    model.n_ff = {128, 128};
    return model;
}

// Squared error of what was written, of the squares of what should have been.
double relative_error(std::span<const float> written, std::span<const float> meant) {
    EXPECT_EQ(written.size(), meant.size());
    double error = 0.0;
    double whole = 0.0;
    for (std::size_t i = 0; i < std::min(written.size(), meant.size()); ++i) {
        error += std::pow(static_cast<double>(written[i] - meant[i]), 2.0);
        whole += std::pow(static_cast<double>(meant[i]), 2.0);
    }
    return error / whole;
}

// A type that loses nothing in layer 0 and much in layer 1 is taken in layer 0 alone, and written there alone.
TEST(StockUnits, ATypeIsTakenWhereItCostsLeast) {
    const TempFolder folder;
    write_tiny(of_blocks(), folder / "m.gguf");
    auto bench = bench_of(folder / "m.gguf", folder / "s.gguf");
    ASSERT_TRUE(bench) << bench.error().sentence;
    auto shape = stock_shape(bench->file, byte_price());
    ASSERT_TRUE(shape);
    Profile profile;
    profile.shape = std::move(*shape);
    profile.curves = *stock_curves(bench->file, profile.shape, bench->statistics, {}, {});
    const TypeLosses losses{{"q8_0"}, {{{1e-9}, {1e-9}}, {{9.0}, {9.0}}}};
    profile.units = *stock_units(profile.shape, profile.curves, losses, {});
    const double saved = profile.shape.ffn_cost(0, 128) - profile.shape.ffn_cost(0, 128, "q8_0") +
                         profile.shape.attention_cost(0, 2) - profile.shape.attention_cost(0, 2, "q8_0");
    const auto choice = choose_stock(profile, (saved - 1.0) / profile.shape.block_cost);
    ASSERT_TRUE(choice) << choice.error().sentence;
    EXPECT_EQ(choice->keep[0].ffn_type, "q8_0");
    EXPECT_EQ(choice->keep[0].neurons.size(), 128U);
    EXPECT_EQ(choice->keep[1].ffn_type, "");
    const auto bytes =
        write_stock(bench->file, profile.shape, choice->keep, bench->statistics, {}, folder / "o.gguf", {}, {});
    ASSERT_TRUE(bytes) << bytes.error().sentence;
    const auto small = WeightFile::open(folder / "o.gguf");
    EXPECT_EQ(small->find("blk.0.attn_q.weight")->type, "q8_0");
    EXPECT_EQ(small->find("blk.0.ffn_down.weight")->type, "q8_0");
    EXPECT_EQ(small->find("blk.1.ffn_down.weight")->type, "f32");
    for (const char* name : {"blk.0.attn_q.weight", "blk.0.attn_v.weight", "blk.0.ffn_down.weight"}) {
        EXPECT_LT(relative_error(*small->read(name), *bench->file.read(name)), 1e-3) << name;
    }
}

// Fewer neurons in another type: rows are picked and encoded, columns solved and encoded.
TEST(StockUnits, NarrowerAndInAnotherType) {
    const TempFolder folder;
    write_tiny(of_blocks(), folder / "raw.gguf");
    replant(folder / "raw.gguf", folder / "m.gguf", [](const GgufTensor& tensor, std::span<float> values) {
        if (tensor.name == "blk.1.ffn_down.weight") kill_columns(values, 128, 32, 64);
    });
    auto bench = bench_of(folder / "m.gguf", folder / "s.gguf");
    ASSERT_TRUE(bench) << bench.error().sentence;
    auto keep = everything(bench->shape);
    std::erase_if(keep[1].neurons, [](std::size_t i) { return i >= 32 && i < 64; });
    keep[1].ffn_type = "q8_0";
    const auto done = write_stock(bench->file, bench->shape, keep, bench->statistics, {}, folder / "o.gguf", {}, {});
    ASSERT_TRUE(done) << done.error().sentence;
    const auto small = WeightFile::open(folder / "o.gguf");
    EXPECT_EQ(small->find("blk.1.ffn_up.weight")->type, "q8_0");
    EXPECT_EQ(small->find("blk.1.ffn_up.weight")->shape, (std::vector<std::int64_t>{64, 96}));
    EXPECT_EQ(small->find("blk.1.attn_q.weight")->type, "f32");
    auto up = *bench->file.read("blk.1.ffn_up.weight");
    up.erase(up.begin() + 32 * 64, up.begin() + 64 * 64);
    EXPECT_LT(relative_error(*small->read("blk.1.ffn_up.weight"), up), 1e-3);
    std::vector<float> down;
    const auto whole = *bench->file.read("blk.1.ffn_down.weight");
    for (std::size_t i = 0; i < whole.size(); ++i) {
        if (i % 128 < 32 || i % 128 >= 64) down.push_back(whole[i]);
    }
    EXPECT_LT(relative_error(*small->read("blk.1.ffn_down.weight"), down), 1e-3);
}

TEST(TypeLosses, FewerBitsLoseMoreAndTheOwnTypeNothing) {
    const TempFolder folder;
    TinyModel model = of_blocks();
    model.weight_type = "q8_0";
    write_tiny(model, folder / "m.gguf");
    const auto bench = bench_of(folder / "m.gguf", folder / "s.gguf", true);
    ASSERT_TRUE(bench) << bench.error().sentence;
    const auto losses = type_losses(bench->file, bench->shape, bench->statistics, {"q4_0", "q5_0", "q8_0"}, 2, {}, {});
    ASSERT_TRUE(losses) << losses.error().sentence;
    for (const LayerTypeLoss& layer : losses->layers) {
        EXPECT_GT(layer.ffn[0], 2.0 * layer.ffn[1]);
        EXPECT_GT(layer.attention[0], 2.0 * layer.attention[1]);
        EXPECT_EQ(layer.ffn[2], 0.0);
        EXPECT_EQ(layer.attention[2], 0.0);
    }
    const auto few = bench_of(folder / "m.gguf", folder / "few.gguf", false);
    ASSERT_TRUE(few);
    const auto refused = type_losses(few->file, few->shape, few->statistics, {"q4_0"}, 1, {}, {});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().sentence, HasSubstr("gradients"));
    EXPECT_TRUE(type_losses(few->file, few->shape, few->statistics, {}, 1, {}, {})) << "no type needs none";
}

// 1/2 tr(G dW C dW^T) is half the mean square of d . dW x over independent d and x.
TEST(Change, IsHalfTheMeanSquareOfWhatReachesTheLoss) {
    std::mt19937_64 random(5);
    std::normal_distribution<double> normal;
    constexpr std::size_t kOut = 3;
    constexpr std::size_t kIn = 5;
    constexpr std::size_t kTokens = 60;
    MatrixF change(kOut, kIn);
    for (float& v : change.values()) v = static_cast<float>(normal(random));
    MatrixD d(kTokens, kOut);
    MatrixD x(kTokens, kIn);
    for (double& v : d.values()) v = normal(random);
    for (double& v : x.values()) v = normal(random);
    MatrixD c(kIn, kIn);
    MatrixD g(kOut, kOut);
    for (std::size_t t = 0; t < kTokens; ++t) {
        for (std::size_t i = 0; i < kIn; ++i) {
            for (std::size_t j = 0; j < kIn; ++j) c(i, j) += x(t, i) * x(t, j) / kTokens;
        }
        for (std::size_t i = 0; i < kOut; ++i) {
            for (std::size_t j = 0; j < kOut; ++j) g(i, j) += d(t, i) * d(t, j) / kTokens;
        }
    }
    double mean = 0.0;
    for (std::size_t s = 0; s < kTokens; ++s) {
        for (std::size_t t = 0; t < kTokens; ++t) {
            double reached = 0.0;
            for (std::size_t i = 0; i < kOut; ++i) {
                for (std::size_t j = 0; j < kIn; ++j) {
                    reached += d(s, i) * static_cast<double>(change(i, j)) * x(t, j);
                }
            }
            mean += reached * reached / (kTokens * kTokens);
        }
    }
    EXPECT_NEAR(*change_loss(change, c, g), 0.5 * mean, 1e-9 * mean);
    EXPECT_FALSE(change_loss(change, g, c)) << "moments of another matrix";
    change(1, 1) = NAN;
    EXPECT_FALSE(change_loss(change, c, g));
}

}  // namespace
}  // namespace landauer
