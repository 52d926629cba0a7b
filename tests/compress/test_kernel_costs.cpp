#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "compress/cost_testing.h"
#include "compress/planted_model.h"
#include "temp_folder.h"

namespace landauer {
namespace {

using namespace planted;
using landauer::testing::planted_table;
using landauer::testing::PlantedMachine;
using ::testing::ElementsAre;
using testing::TempFolder;

TEST(CostTable, IsLinearBetweenWhatWasMeasuredAndBeyond) {
    const CostTable table = planted_table({}, 48, {32, 64, 96});
    const auto planted = [](double width) { return 1e-6 + 1e-9 * 48.0 * width; };
    for (const std::size_t width : {1U, 16U, 32U, 40U, 64U, 90U, 96U, 500U}) {
        const auto w = static_cast<double>(width);
        EXPECT_NEAR(table.seconds("f32", width, 48).decode, planted(w), 1e-15) << width;
        EXPECT_NEAR(table.seconds("f32", 48, width).prefill, 100.0 * planted(w), 1e-13) << width;
    }
    EXPECT_EQ(table.seconds("f32", 0, 48).decode, 0.0);
    EXPECT_EQ(table.seconds("f32", 48, 0).prefill, 0.0);
}

TEST(CostTable, AShapeOffTheLinesCostsWhatAsManyWeightsDo) {
    const CostTable table = planted_table({}, 48, {32, 96});
    EXPECT_NEAR(table.seconds("f32", 24, 96).decode, table.seconds("f32", 48, 48).decode, 1e-15);
    EXPECT_GT(table.seconds("q4_0", 24, 96).decode, 0.0) << "of a type that was not measured";
    EXPECT_EQ(CostTable{}.seconds("f32", 24, 96).decode, 0.0);
}

TEST(CostTable, NeverFallsWithEitherSide) {
    std::mt19937 random(3);
    std::uniform_real_distribution<double> step(0.0, 1e-5);
    for (int seed = 0; seed < 50; ++seed) {
        CostLine line{"f32", true, 64, {}};
        double decode = 0.0;
        double prefill = 0.0;
        for (std::size_t width = 32; width <= 256; width += 32) {
            line.points.push_back({width, {decode += step(random), prefill += step(random)}});
        }
        const CostTable table{{line}, {}, 0.0, 0.0};
        PassSeconds before;
        for (std::size_t rows = 0; rows <= 300; ++rows) {
            const PassSeconds now = table.seconds("f32", rows, 64);
            EXPECT_GE(now.decode, before.decode) << rows;
            EXPECT_GE(now.prefill, before.prefill) << rows;
            before = now;
        }
        for (std::size_t cols = 1; cols < 200; ++cols) {
            EXPECT_LE(table.seconds("f32", 64, cols).decode, table.seconds("f32", 64, cols + 1).decode + 1e-18);
        }
    }
}

TEST(CostLines, HoldEveryMatrixOfTheModelAndNarrowerOnes) {
    const TempFolder folder;
    write_tiny(wide("llama"), folder / "m.gguf");
    const auto file = WeightFile::open(folder / "m.gguf");
    const auto shape = stock_shape(*file, parameter_price());
    ASSERT_TRUE(shape);
    const auto lines = cost_lines(*shape);
    for (const LayerMatrices& layer : shape->layers) {
        for (const auto* matrices : {&layer.ffn, &layer.attention}) {
            for (const BlockMatrix& matrix : *matrices) {
                const std::size_t width = matrix.by_rows ? matrix.rows : matrix.cols;
                const bool held = std::any_of(lines.begin(), lines.end(), [&](const CostLine& line) {
                    return line.type == matrix.type && line.by_rows == matrix.by_rows &&
                           line.fixed == (matrix.by_rows ? matrix.cols : matrix.rows) &&
                           std::any_of(line.points.begin(), line.points.end(),
                                       [&](const CostPoint& point) { return point.width == width; });
                });
                EXPECT_TRUE(held) << matrix.part;
            }
        }
    }
    for (const CostLine& line : lines) {
        for (std::size_t i = 1; i < line.points.size(); ++i) EXPECT_LT(line.points[i - 1].width, line.points[i].width);
    }
    const KernelShape head = head_shape(*file, *shape);
    EXPECT_EQ(head.rows, 97);
    EXPECT_EQ(head.cols, 48);
    EXPECT_EQ(head.n_tokens, 1);
}

TEST(CostLines, AreMeasuredToTheLastPoint) {
    KernelSettings settings;
    settings.rotate_bytes = 1U << 16U;
    settings.n_rounds = 3;
    const std::vector<CostLine> lines = {{"q4_0", true, 64, {{32, {}}, {64, {}}}}, {"f16", false, 32, {{32, {}}}}};
    const std::vector<ChainLine> chains = {{"q8_0", 96, 64, {{32, {}}}}};
    const auto table = measure_costs(lines, chains, {"f16", 97, 64, 1}, settings, {}, {});
    ASSERT_TRUE(table) << table.error().sentence;
    EXPECT_GT(table->chains.front().points.front().seconds.decode, 0.0);
    EXPECT_GT(table->chains.front().points.front().seconds.prefill, 0.0);
    EXPECT_GT(table->head_seconds, 0.0);
    for (const CostLine& line : table->lines) {
        double before = 0.0;
        for (const CostPoint& point : line.points) {
            EXPECT_GT(point.seconds.decode, 0.0);
            EXPECT_GE(point.seconds.prefill, before) << "noise does not make the wider one cheaper";
            before = point.seconds.prefill;
        }
    }
}

TEST(CostTable, AChainCostsWhatWasMeasuredOfBothFactors) {
    CostTable table = planted_table({}, 48, {32, 64});
    const FactorForm form{16, "f32", "f32"};
    const PassSeconds r = table.seconds("f32", 16, 48);
    const PassSeconds t = table.seconds("f32", 80, 16);
    EXPECT_EQ(table.seconds(form, 96, 48).decode, r.decode + t.decode) << "not measured: both as matrices";
    table.chains = {{"f32", 96, 48, {{8, {1.0, 10.0}}, {24, {3.0, 50.0}}}}};
    EXPECT_DOUBLE_EQ(table.seconds(form, 96, 48).decode, 2.0);
    EXPECT_DOUBLE_EQ(table.seconds(form, 96, 48).prefill, 30.0);
    const FactorPrice price = time_price_of_factors(table, {3.0, 0.5});
    EXPECT_DOUBLE_EQ(price(form, 96, 48), 3.0 * 2.0 + 0.5 * 30.0);
    EXPECT_NE(table.seconds({16, "q8_0", "q8_0"}, 96, 48).decode, 2.0) << "of another type";
    table.chains = {{"q4_K", 512, 96, {{128, {1.0, 1.0}}, {256, {2.0, 2.0}}}}};  // 96 columns fit no block of 256
    EXPECT_EQ(table.seconds(factor_form(256, 96, "q4_K"), 512, 96).decode, 2.0) << "T in q4_K, R in what 96 fit";
    EXPECT_NE(table.seconds(factor_form(256, 96, "q5_0"), 512, 96).decode, 2.0);
}

TEST(ChainLines, HoldEverySizeAndRanksBelowFull) {
    const TempFolder folder;
    write_tiny(wide("llama"), folder / "m.gguf");
    const auto file = WeightFile::open(folder / "m.gguf");
    ASSERT_TRUE(file);
    const auto shape = stock_shape(*file, parameter_price());
    ASSERT_TRUE(shape);
    const auto lines = chain_lines(*shape, "q8_0");
    EXPECT_FALSE(lines.empty());
    for (const ChainLine& line : lines) {
        for (const CostPoint& point : line.points) EXPECT_LT(point.width, std::min(line.rows, line.cols));
    }
}

TEST(TimePrice, WeighsThePasses) {
    const CostTable table = planted_table({}, 48, {32, 64});
    const MatrixPrice price = time_price(table, {3.0, 0.5});
    const PassSeconds seconds = table.seconds("f32", 40, 48);
    EXPECT_NEAR(price("f32", 40, 48), 3.0 * seconds.decode + 0.5 * seconds.prefill, 1e-15);
    EXPECT_EQ(price("f32", 0, 48), 0.0);
}

}  // namespace
}  // namespace landauer
