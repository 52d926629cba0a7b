// What few bits lose, and that the allocator listens to it.
#include "compress/factor_losses.h"

#include <gtest/gtest.h>

#include "compress/factor_curves.h"
#include "compress/factor_encode.h"
#include "compress/factor_write.h"
#include "compress/kept_losses.h"
#include "compress/planted_model.h"
#include "temp_folder.h"

namespace landauer {
namespace {

using namespace planted;
using testing::TempFolder;

constexpr std::size_t kQ = 0;
constexpr std::size_t kUp = 5;

// What the allocator is told of stored factors is what comes of them.
TEST(FactorLosses, SayWhatStoringCosts) {
    const TempFolder folder;
    TinyModel model = wide("llama");
    model.n_embd = 64;
    write_tiny(model, folder / "m.gguf");
    const auto made = bench_of(folder / "m.gguf", folder / "s.gguf", true);
    ASSERT_TRUE(made) << made.error().sentence;
    const Bench& bench = *made;
    const auto few = factor_losses(bench.file, bench.shape, bench.statistics, "q4_0", 1, {}, {});
    const auto many = factor_losses(bench.file, bench.shape, bench.statistics, "q8_0", 1, {}, {});
    ASSERT_TRUE(few) << few.error().sentence;
    ASSERT_TRUE(many);
    const auto moments = bench.statistics.layer(0);
    const auto metric = part_metric(bench.file, bench.statistics.info(), *moments, 0, kUp);
    const FactorLoss& up = (*few)[0][kUp];
    ASSERT_FALSE(up.ranks.empty());
    for (std::size_t i = 0; i < up.ranks.size(); ++i) {
        const auto factors = truncate(metric->weights, *metric->c, *metric->g, up.ranks[i], {});
        const FactorForm form = factor_form(up.ranks[i], metric->weights.cols(), "q4_0");
        const auto encoded = encode_factors(*factors, *metric->c, form, {});
        ASSERT_TRUE(encoded);
        PivotedFactors stored = *factors;
        ASSERT_TRUE(decode_rows(form.r_type, encoded->r, stored.r.cols(), stored.r.values()));
        ASSERT_TRUE(decode_rows(form.t_type, encoded->t, stored.t.cols(), stored.t.values()));
        const double whole = loss_of(metric->weights, expand(stored), *metric->c, *metric->g);
        const double rank = loss_of(metric->weights, expand(*factors), *metric->c, *metric->g);
        EXPECT_NEAR(up.extra[i], whole - rank, 1e-3 * whole);
        EXPECT_LT((*many)[0][kUp].extra[i], up.extra[i]) << "more bits lose less";
    }
    EXPECT_EQ(up.at(up.ranks.front()), up.extra.front());
    EXPECT_EQ(up.at(1000), up.extra.back());
    EXPECT_EQ(FactorLoss{}.at(7), 0.0);
    const FactorLoss line{{10, 20}, {1.0, 3.0}};
    EXPECT_DOUBLE_EQ(line.at(15), 2.0);
}

// Factors whose bits lose much are left alone, and a type for whole matrices is taken where it loses nothing.
TEST(Factors, TheAllocatorSeesWhatBitsLose) {
    const TempFolder folder;
    write_tiny(wide("llama"), folder / "m.gguf");
    const auto made = bench_of(folder / "m.gguf", folder / "s.gguf", true);
    ASSERT_TRUE(made) << made.error().sentence;
    const auto columns = stock_curves(made->file, made->shape, made->statistics, {}, {});
    const auto ranks = rank_curves(made->file, made->shape, made->statistics, {}, {});
    ASSERT_TRUE(columns && ranks);
    StockShape shape = made->shape;
    shape.price = byte_price();
    shape.factor_price = byte_price_of_factors();
    FactorOptions options;
    options.type = "q8_0";
    const auto n_ranks = [&](const FactorOptions& how, double left) {
        const FactorUnits units = factor_units(made->file, shape, *columns, *ranks, how);
        double whole = 0.0;
        for (const Unit& unit : units.units) whole += unit.choices.front().cost;
        const auto allocation = allocate(units.units, left * whole);
        std::pair<int, int> n{};
        if (!allocation) return n;
        for (const LayerFactors& layer : factors_by(shape, *columns, units, *allocation)) {
            for (const std::size_t rank : layer.ranks) n.first += rank > 0 ? 1 : 0;
            for (const std::string& type : layer.types) n.second += type == "q8_0" ? 1 : 0;
        }
        return n;
    };
    EXPECT_GT(n_ranks(options, 0.9).first, 0);
    FactorOptions hostile = options;
    hostile.losses.resize(2);
    for (PartLosses& layer : hostile.losses) layer.fill({{8}, {1e6}});
    EXPECT_EQ(n_ranks(hostile, 0.9).first, 0) << "neurons and heads go instead";
    FactorOptions free = hostile;
    free.types.types = {"q8_0"};
    free.types.layers.resize(2);
    for (LayerTypeLoss& layer : free.types.layers) {
        layer.ffn = layer.attention = {0.0};
        layer.parts.fill({0.0});
    }
    EXPECT_GT(n_ranks(free, 0.9).second, 0);
}

// 512 columns are blocks of 256, the 480 that stay are not: the type is that of what is written.
TEST(Factors, ANarrowerHalfTakesTheTypeThatItsRowsFit) {
    const TempFolder folder;
    TinyModel model = wide("llama");
    model.n_embd = 64;
    model.n_ff = {512, 512};
    write_tiny(model, folder / "m.gguf");
    const auto made = bench_of(folder / "m.gguf", folder / "s.gguf", true);
    ASSERT_TRUE(made) << made.error().sentence;
    const auto columns = stock_curves(made->file, made->shape, made->statistics, {}, {});
    const auto ranks = rank_curves(made->file, made->shape, made->statistics, {}, {});
    ASSERT_TRUE(columns && ranks);
    FactorOptions options;
    options.types.types = {"q3_K"};
    options.types.layers.resize(2);
    for (LayerTypeLoss& layer : options.types.layers) {
        layer.ffn = layer.attention = {0.0};
        layer.parts.fill({0.0});
    }
    FactorUnits units = factor_units(made->file, made->shape, *columns, *ranks, options);
    Allocation allocation;
    allocation.chosen.assign(units.units.size(), 0);
    const std::size_t last = units.units.size() - 1;
    for (std::size_t way = 0; way < units.ways[last].size(); ++way) {
        if (units.ways[last][way].kept != 480 || units.ways[last][way].types.back() != 1) continue;
        units.units[last].choices.push_back({0.0, 0.0, 0, way});
        allocation.chosen[last] = units.units[last].choices.size() - 1;
    }
    ASSERT_GT(allocation.chosen[last], 0U);
    const auto layers = factors_by(made->shape, *columns, units, allocation);
    const auto bytes =
        write_factors(made->file, made->shape, layers, made->statistics, {}, "q8_0", folder / "f.gguf", {}, {});
    ASSERT_TRUE(bytes) << bytes.error().sentence;
    const auto written = WeightFile::open(folder / "f.gguf");
    ASSERT_TRUE(written);
    EXPECT_EQ(written->find("blk.1.ffn_down.weight")->type, "iq4_nl");
    EXPECT_EQ(written->find("blk.1.ffn_down.weight")->shape.front(), 480);
}

TEST(KeptLosses, ComeBackForTheSameKeyOnly) {
    const TempFolder folder;
    TypeLosses types{{"q4_0", "iq4_nl"}, {{{0.1, 0.2}, {0.3, 1.0 / 3.0}, {}}}};
    types.layers.front().parts[kUp] = {0.5, 1e-300};
    keep_losses(folder / "t.json", "a", types);
    const auto kept = kept_type_losses(folder / "t.json", "a");
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->types, types.types);
    EXPECT_EQ(kept->layers.front().attention, types.layers.front().attention) << "to the last bit";
    EXPECT_EQ(kept->layers.front().parts, types.layers.front().parts);
    EXPECT_FALSE(kept_type_losses(folder / "t.json", "b"));
    EXPECT_FALSE(kept_type_losses(folder / "none.json", "a"));
    std::vector<PartLosses> factors(2);
    factors[1][kQ] = {{8, 16}, {0.25, 0.125}};
    keep_losses(folder / "f.json", "a", factors);
    const auto again = kept_factor_losses(folder / "f.json", "a");
    ASSERT_TRUE(again);
    EXPECT_EQ((*again)[1][kQ].ranks, factors[1][kQ].ranks);
    EXPECT_EQ((*again)[1][kQ].extra, factors[1][kQ].extra);
    EXPECT_FALSE(kept_factor_losses(folder / "t.json", "a")) << "of another kind";
    for (const char* damaged : {R"({"key":"a","layers":[[]]})", "{", ""}) {
        EXPECT_FALSE(kept_factor_losses(folder.write("f.json", damaged), "a")) << damaged;
    }
}

}  // namespace
}  // namespace landauer
