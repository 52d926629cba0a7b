#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <regex>

#include "compress/cost_target.h"
#include "compress/cost_testing.h"
#include "compress/planted_model.h"
#include "compress/stock_units.h"
#include "temp_folder.h"

namespace landauer {
namespace {

using namespace planted;
using landauer::testing::planted_table;
using landauer::testing::PlantedMachine;
using ::testing::HasSubstr;
using testing::TempFolder;

// Seconds of the whole model by a machine whose rest is known.
constexpr double kRestDecode = 1e-4;
constexpr double kRestPrefill = 1e-3;
constexpr double kHeadToken = 1e-9;
constexpr double kHeadPair = 1e-10;

ModelPasses passes_of(const StockShape& shape, const CostTable& table) {
    const BlockSums blocks = block_sums(shape, table);
    ModelPasses passes;
    passes.depth = 256;
    passes.decode = blocks.matrices.decode + table.head_seconds + kRestDecode;
    passes.decode_deep = passes.decode + blocks.query_heads * kHeadToken * 256.0;
    passes.prefill = blocks.matrices.prefill + kRestPrefill + blocks.query_heads * kHeadPair * 512.0 * 513.0 / 2.0;
    passes.prefill_deep = passes.prefill + blocks.query_heads * kHeadPair * 512.0 * 256.0;
    return passes;
}

class CostTargets : public ::testing::Test {
   protected:
    void SetUp() override {
        TinyModel model = wide("llama");
        model.n_ff = {320, 320};
        write_tiny(model, folder_ / "m.gguf");
        file_.emplace(*WeightFile::open(folder_ / "m.gguf"));
        const auto shape = stock_shape(*file_, parameter_price());
        ASSERT_TRUE(shape) << shape.error().sentence;
        shape_ = *shape;
    }

    // Each removal loses as much more as the machine's part of it says.
    [[nodiscard]] std::vector<LayerCurves> curves(double neuron_loss, double group_loss) const {
        std::vector<LayerCurves> out;
        for (std::size_t layer = 0; layer < shape_.decoder.n_layer; ++layer) {
            LayerCurves curves;
            const std::size_t n_ff = shape_.decoder.n_ff[layer];
            const std::size_t n_groups = shape_.decoder.n_head_kv[layer];
            curves.neurons.order.resize(n_ff);
            std::iota(curves.neurons.order.begin(), curves.neurons.order.end(), std::size_t{0});
            for (std::size_t k = 0; k + 32 <= n_ff; ++k) {
                curves.neurons.loss.push_back(neuron_loss * static_cast<double>(k) *
                                              (1.0 + 0.01 * static_cast<double>(k)));
            }
            curves.groups.order.resize(n_groups);
            std::iota(curves.groups.order.begin(), curves.groups.order.end(), std::size_t{0});
            for (std::size_t k = 0; k <= (layer == 0 ? n_groups - 1 : n_groups); ++k) {
                curves.groups.loss.push_back(group_loss * static_cast<double>(k));
            }
            out.push_back(std::move(curves));
        }
        return out;
    }

    struct Chosen {
        std::vector<LayerKeep> keep;
        double cost = 0.0;
        double base = 0.0;
        double predicted_by_prices = 0.0;
    };
    Result<Chosen> choose(const CostTable& table, TargetKind kind, double left, PromptMix mix, PassWatts watts = {},
                          double group_loss = 0.5) {
        const ModelCost model(table, shape_, passes_of(shape_, table));
        const TargetCost cost(model, kind, mix, watts);
        const StockShape priced = *stock_shape(*file_, cost.matrix_price(), cost.head_price());
        const auto curve = curves(0.01, group_loss);
        const auto units = stock_units(priced, curve, {}, {true, true, false, true});
        if (!units) return tl::unexpected(units.error());
        const auto share = share_for_target(cost, {kind, left}, units->units, priced.block_cost);
        if (!share) return tl::unexpected(share.error());
        const auto allocation =
            allocate(units->units, priced.block_cost * (1.0 - *share) - fixed_of(priced, units->units));
        if (!allocation) return tl::unexpected(allocation.error());
        Chosen chosen;
        chosen.keep = kept_by(priced, curve, *units, *allocation);
        chosen.cost = cost.cost(block_sums(shape_, model.table(), chosen.keep));
        chosen.base = cost.base();
        chosen.predicted_by_prices =
            chosen.base - priced.block_cost + allocation->cost + fixed_of(priced, units->units);
        return chosen;
    }

    static double fixed_of(const StockShape& priced, const std::vector<Unit>& units) {
        double whole = 0.0;
        for (const Unit& unit : units) whole += unit.choices.front().cost;
        return priced.block_cost - whole;
    }

    [[nodiscard]] std::pair<std::size_t, std::size_t> left_of(const std::vector<LayerKeep>& keep) const {
        std::size_t neurons = 0;
        std::size_t groups = 0;
        for (const LayerKeep& layer : keep) {
            neurons += layer.neurons.size();
            groups += layer.groups.size();
        }
        return {neurons, groups};
    }

    struct FactorsChosen {
        std::vector<LayerFactors> layers;
        double cost = 0.0;
        double base = 0.0;
        double predicted_by_prices = 0.0;
        [[nodiscard]] std::size_t n_ranks() const {
            std::size_t n = 0;
            for (const LayerFactors& layer : layers) {
                n += static_cast<std::size_t>(std::ranges::count_if(layer.ranks, [](std::size_t r) { return r > 0; }));
            }
            return n;
        }
    };
    // Each rank loses as much as the next one.
    Result<FactorsChosen> choose_factors(const CostTable& table, TargetKind kind, double left, PromptMix mix) {
        const ModelCost model(table, shape_, passes_of(shape_, table));
        const TargetCost cost(model, kind, mix, {});
        StockShape priced = *stock_shape(*file_, cost.matrix_price(), cost.head_price());
        priced.factor_price = cost.factor_price();
        std::vector<RankCurves> ranks(shape_.decoder.n_layer);
        for (std::size_t layer = 0; layer < ranks.size(); ++layer) {
            for (std::size_t part = 0; part < kFactorParts.size(); ++part) {
                const GgufTensor* tensor = file_->find(block_tensor(layer, kFactorParts[part]));
                const auto cols = static_cast<std::size_t>(tensor->shape.front());
                const std::size_t full = std::min(cols, static_cast<std::size_t>(tensor->elements) / cols);
                for (std::size_t r = 0; r <= full; ++r) {
                    ranks[layer][part].tail.push_back(0.01 * static_cast<double>(full - r));
                }
            }
        }
        const auto curve = curves(0.01, 0.5);
        FactorOptions options;
        options.type = "f32";
        const FactorUnits units = factor_units(*file_, priced, curve, ranks, options);
        const auto share = share_for_target(cost, {kind, left}, units.units, priced.block_cost);
        if (!share) return tl::unexpected(share.error());
        const auto allocation = allocate(units.units, priced.block_cost * (1.0 - *share));
        if (!allocation) return tl::unexpected(allocation.error());
        FactorsChosen chosen;
        chosen.layers = factors_by(priced, curve, units, *allocation);
        chosen.cost = cost.cost(block_sums(shape_, model.table(), chosen.layers, "f32"));
        chosen.base = cost.base();
        chosen.predicted_by_prices = chosen.base - priced.block_cost + allocation->cost;
        return chosen;
    }

    TempFolder folder_;
    std::optional<WeightFile> file_;
    StockShape shape_;
};

TEST_F(CostTargets, TheModelCostsWhatWasMeasuredOfIt) {
    const CostTable table = planted_table({}, 48, {24, 48, 320});
    const ModelPasses passes = passes_of(shape_, table);
    const ModelCost model(table, shape_, passes);
    EXPECT_NEAR(model.decode_seconds(model.base(), 0.0), passes.decode, 1e-12);
    EXPECT_NEAR(model.decode_seconds(model.base(), 256.0), passes.decode_deep, 1e-12);
    EXPECT_NEAR(model.prefill_seconds(model.base(), 512), passes.prefill, 1e-12);
    EXPECT_DOUBLE_EQ(model.scale().decode, 1.0);
    // Without any block, the rest is what was planted.
    EXPECT_NEAR(model.decode_seconds({}, 0.0), kRestDecode + table.head_seconds, 1e-12);
    EXPECT_NEAR(model.prefill_seconds({}, 512), kRestPrefill, 1e-12);
    EXPECT_NEAR(model.prefill_seconds({}, 1024), 2.0 * kRestPrefill, 1e-12);
    EXPECT_NEAR(model.head_decode_seconds(100.0), 100.0 * kHeadToken, 1e-15);
    EXPECT_NEAR(model.head_prefill_seconds(100), 5050.0 * kHeadPair, 1e-15);
}

TEST_F(CostTargets, MatricesSlowerThanTheModelAreTakenAtItsWord) {
    CostTable table = planted_table({}, 48, {24, 48, 320});
    const ModelPasses passes = passes_of(shape_, table);
    for (CostLine& line : table.lines) {
        for (CostPoint& point : line.points) point.seconds = {4.0 * point.seconds.decode, 4.0 * point.seconds.prefill};
    }
    const ModelCost model(table, shape_, passes);
    EXPECT_LT(model.scale().decode, 1.0);
    EXPECT_LT(model.scale().prefill, 1.0);
    EXPECT_NEAR(model.decode_seconds(model.base(), 0.0), passes.decode, 1e-12);
    EXPECT_NEAR(model.prefill_seconds(model.base(), 512), passes.prefill, 1e-12);
    EXPECT_GE(model.decode_seconds({}, 0.0), 0.0);
}

TEST_F(CostTargets, EveryTargetIsMetAndPricesSayWhatTheModelSays) {
    const CostTable table = planted_table({2e-7, 1e-9, 3e-9}, 48, {24, 48, 320});
    int reached = 0;
    for (const TargetKind kind : {TargetKind::Decode, TargetKind::Prefill, TargetKind::Prompt, TargetKind::Joules}) {
        for (const PromptMix mix : {PromptMix{512, 128}, PromptMix{8, 512}, PromptMix{4096, 4}}) {
            for (const double left : {0.99, 0.95, 0.9, 0.85}) {
                const auto chosen = choose(table, kind, left, mix, {12.0, 9.0, true, ""});
                if (!chosen) {
                    EXPECT_EQ(chosen.error().kind, ErrorKind::Invalid);
                    continue;
                }
                ++reached;
                EXPECT_LE(chosen->cost, chosen->base * left * (1.0 + 1e-9)) << name(kind) << left;
                EXPECT_NEAR(chosen->cost, chosen->predicted_by_prices, 1e-9 * chosen->base);
            }
        }
    }
    EXPECT_GT(reached, 36) << "most of these can be had";
}

// A machine on which factors save multiplications and nothing else: chains decode as slowly as the whole matrix.
TEST_F(CostTargets, FactorsAreTakenForPromptsWhereOnlyTheseBecomeFaster) {
    CostTable table = planted_table({2e-7, 1e-9, 1e-9}, 48, {24, 48, 320});
    table.chains = chain_lines(shape_, "f32");
    for (ChainLine& line : table.chains) {
        const PassSeconds whole = table.seconds("f32", line.rows, line.cols);
        const auto full = static_cast<double>(std::min(line.rows, line.cols));
        for (CostPoint& point : line.points) {
            const double share = static_cast<double>(point.width) / full;
            point.seconds = {whole.decode, 0.2 * share * whole.prefill};
        }
    }
    for (const double left : {0.95, 0.9, 0.8}) {
        const auto prefill = choose_factors(table, TargetKind::Prefill, left, {512, 128});
        ASSERT_TRUE(prefill) << prefill.error().sentence;
        EXPECT_LE(prefill->cost, prefill->base * left * (1.0 + 1e-9));
        EXPECT_NEAR(prefill->cost, prefill->predicted_by_prices, 1e-9 * prefill->base);
        EXPECT_GT(prefill->n_ranks(), 0U);
    }
    const auto decode = choose_factors(table, TargetKind::Decode, 0.95, {512, 128});
    ASSERT_TRUE(decode) << decode.error().sentence;
    EXPECT_EQ(decode->n_ranks(), 0U) << "they would save nothing there";
    EXPECT_LE(decode->cost, decode->base * 0.95 * (1.0 + 1e-9));
}

TEST_F(CostTargets, TheAllocationTakesWhatIsDearHere) {
    // Equal losses a parameter by parameter count would shrink both; columns that cost nothing leave only rows to pay.
    const auto rows_only =
        choose(planted_table({1e-9, 5e-8, 1e-12}, 48, {24, 48, 320}), TargetKind::Decode, 0.9, {512, 128}, {}, 1e-3);
    ASSERT_TRUE(rows_only) << rows_only.error().sentence;
    const auto [neurons, groups] = left_of(rows_only->keep);
    const auto [all_neurons, all_groups] = left_of(everything(shape_));
    EXPECT_EQ(neurons, all_neurons) << "heads are nearly free of loss and dear in time";
    EXPECT_LT(groups, all_groups);
    const auto dear_heads =
        choose(planted_table({1e-9, 5e-8, 1e-12}, 48, {24, 48, 320}), TargetKind::Decode, 0.9, {512, 128}, {}, 100.0);
    ASSERT_TRUE(dear_heads);
    EXPECT_LT(left_of(dear_heads->keep).first, all_neurons);
    EXPECT_EQ(left_of(dear_heads->keep).second, all_groups);
}

TEST_F(CostTargets, WhatCannotBeReachedIsRefusedWithHowFarOneGets) {
    const CostTable table = planted_table({}, 48, {24, 48, 320});
    for (const TargetKind kind : {TargetKind::Decode, TargetKind::Prefill, TargetKind::Prompt}) {
        const auto refused = choose(table, kind, 0.001, {512, 128});
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, ErrorKind::Invalid);
        std::smatch amount;
        ASSERT_TRUE(std::regex_search(refused.error().remedy, amount, std::regex("for ([a-z]+:[0-9.]+x) or less")));
        const auto furthest = read_cost_target(amount[1]);
        ASSERT_TRUE(furthest) << refused.error().remedy;
        EXPECT_EQ(furthest->kind, kind);
        EXPECT_TRUE(choose(table, kind, furthest->left, {512, 128})) << "what the remedy says can be had";
        EXPECT_FALSE(choose(table, kind, furthest->left * 0.98, {512, 128})) << "and hardly more";
    }
}

TEST(ReadTarget, TimesAndShares) {
    EXPECT_DOUBLE_EQ(read_cost_target("decode:1.5x")->left, 1.0 / 1.5);
    EXPECT_EQ(read_cost_target("decode:1.5x")->kind, TargetKind::Decode);
    EXPECT_DOUBLE_EQ(read_cost_target("joules:-30%")->left, 0.7);
    EXPECT_EQ(read_cost_target("joules:-30%")->kind, TargetKind::Joules);
    EXPECT_EQ(read_cost_target("prefill:2x")->kind, TargetKind::Prefill);
    EXPECT_DOUBLE_EQ(read_cost_target("prompt:-12.5%")->speedup(), 1.0 / 0.875);
}

TEST(ReadTarget, RefusesAnythingElse) {
    for (const char* word : {"",
                             "decode",
                             "decode:",
                             ":1.5x",
                             "decode:1.5",
                             "decode:x",
                             "decode:-x",
                             "decode:0x",
                             "decode:1x",
                             "decode:0.9x",
                             "decode:-1.5x",
                             "decode:nanx",
                             "decode:infx",
                             "decode:30%",
                             "joules:-0%",
                             "joules:-100%",
                             "joules:-130%",
                             "joules:-nan%",
                             "joules:--30%",
                             "watts:2x",
                             "decode:1.5x ",
                             "decode:1.5xx",
                             "decode:1.5x:2x"}) {
        const auto read = read_cost_target(word);
        ASSERT_FALSE(read) << word;
        EXPECT_EQ(read.error().kind, ErrorKind::Invalid);
        EXPECT_THAT(read.error().remedy, HasSubstr("decode:1.5x"));
    }
}

TEST(ReadMix, TokensInAndOut) {
    const auto mix = read_mix("512:128");
    ASSERT_TRUE(mix);
    EXPECT_EQ(mix->n_in, 512);
    EXPECT_EQ(mix->n_out, 128);
    EXPECT_DOUBLE_EQ(mix->answer_depth(), 576.0);
    for (const char* word : {"", "512", "512:", ":128", "0:128", "512:0", "-1:5", "a:b", "512:128:1", "512.5:1",
                             "99999999999:1", "99999999999999999999:1", "512 :128"}) {
        const auto bad = read_mix(word);
        ASSERT_FALSE(bad) << word;
        EXPECT_EQ(bad.error().kind, ErrorKind::Invalid);
        EXPECT_THAT(bad.error().remedy, HasSubstr("512:128"));
    }
}

}  // namespace
}  // namespace landauer
