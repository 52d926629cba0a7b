// The factor format: planted ranks come out, what is written is what the factors say, the budget holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "compress/factor_curves.h"
#include "compress/factor_encode.h"
#include "compress/factor_write.h"
#include "compress/pipeline.h"
#include "compress/planted_model.h"
#include "gguf/factor_format.h"
#include "temp_folder.h"
#include "tensor/matrix_testing.h"
#include "tensor/products.h"

namespace landauer {
namespace {

using ::testing::HasSubstr;
using namespace planted;
using testing::TempFolder;

constexpr std::size_t kQ = 0;
constexpr std::size_t kUp = 5;

// Random of that rank, of the size that weights have.
void plant_rank(std::span<float> values, std::size_t n_in, std::size_t rank, std::uint64_t seed) {
    const MatrixF a = test::random_matrix<float>(values.size() / n_in, rank, seed);
    const MatrixF b = test::random_matrix<float>(rank, n_in, seed + 1);
    MatrixF made(a.rows(), n_in);
    multiply(a, Turn::No, b, Turn::No, made, 0.1F / std::sqrt(static_cast<float>(rank)));
    std::copy(made.values().begin(), made.values().end(), values.begin());
}

struct Factored {
    Bench bench;
    std::vector<LayerCurves> columns;
    std::vector<RankCurves> ranks;
    FactorUnits units;
};

Result<Factored> factored(const std::filesystem::path& model, const std::filesystem::path& statistics,
                          const MatrixPrice& price = parameter_price()) {
    auto bench = bench_of(model, statistics, true);
    if (!bench) return tl::unexpected(bench.error());
    auto columns = stock_curves(bench->file, bench->shape, bench->statistics, {}, {});
    if (!columns) return tl::unexpected(columns.error());
    auto ranks = rank_curves(bench->file, bench->shape, bench->statistics, {}, {});
    if (!ranks) return tl::unexpected(ranks.error());
    bench->shape.price = price;
    auto units = factor_units(bench->file, bench->shape, *columns, *ranks);
    return Factored{std::move(*bench), std::move(*columns), std::move(*ranks), std::move(units)};
}

Profile profile_of(const Factored& from) {
    Profile profile;
    profile.shape = from.bench.shape;
    profile.curves = from.columns;
    profile.factors = from.units;
    return profile;
}

// Values that the chosen factors, neurons and groups are stored in.
double stored_values(const Factored& from, const std::vector<LayerFactors>& layers) {
    double sum = 0.0;
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        const auto& shape = from.bench.shape;
        const double ffn =
            static_cast<double>(layers[layer].keep.neurons.size()) / static_cast<double>(shape.decoder.n_ff[layer]);
        const double attention =
            static_cast<double>(layers[layer].keep.groups.size()) / static_cast<double>(shape.decoder.n_head_kv[layer]);
        for (std::size_t part = 0; part < kFactorParts.size(); ++part) {
            const GgufTensor* tensor = from.bench.file.find(block_tensor(layer, kFactorParts[part]));
            const auto cols = static_cast<std::size_t>(tensor->shape.front());
            const std::size_t rank = layers[layer].ranks[part];
            const std::size_t rows = tensor->elements / cols;
            if (rank > 0) {
                const auto moments = from.bench.statistics.layer(layer);
                const auto factors =
                    solve_factors(from.bench.file, from.bench.statistics.info(), *moments, layer, part, rank);
                EXPECT_TRUE(factors);
                EXPECT_EQ(factors->rank(), rank);
                EXPECT_LE(factors->stored_values(), rows * cols);
                sum += static_cast<double>(factors->stored_values());
            } else {
                sum += static_cast<double>(rows * cols) * (part < kAttentionParts ? attention : ffn);
            }
        }
    }
    return sum;
}

TEST(Factors, PlantedRanksComeOutAndTheExpandedModelIsTheSame) {
    for (const std::string architecture : {"llama", "qwen2", "qwen2vl"}) {
        const TempFolder folder;
        write_tiny(wide(architecture), folder / "raw.gguf");
        replant(folder / "raw.gguf", folder / "m.gguf", [](const GgufTensor& tensor, std::span<float> values) {
            if (tensor.name == "blk.1.attn_q.weight") plant_rank(values, 48, 8, 3);
            if (tensor.name == "blk.0.ffn_up.weight") plant_rank(values, 48, 16, 5);
        });
        const auto made = factored(folder / "m.gguf", folder / "s.gguf");
        ASSERT_TRUE(made) << made.error().sentence;
        EXPECT_LT(made->ranks[1][kQ].tail[8], 1e-9 * made->ranks[1][kQ].tail[0]);
        EXPECT_GT(made->ranks[1][kQ].tail[7], 1e-6 * made->ranks[1][kQ].tail[0]);

        const double saved = static_cast<double>(48 * 48 - pivoted_values(48, 48, 8)) +
                             static_cast<double>(96 * 48 - pivoted_values(96, 48, 16));
        const auto choice = choose_factors(profile_of(*made), (saved - 0.5) / made->bench.shape.block_cost);
        ASSERT_TRUE(choice) << choice.error().sentence;
        EXPECT_EQ(choice->layers[1].ranks[kQ], 8U) << architecture;
        EXPECT_EQ(choice->layers[0].ranks[kUp], 16U) << architecture;
        EXPECT_NEAR(choice->allocation.loss, 0.0, 1e-9);
        ASSERT_TRUE(write_expanded(made->bench.file, made->bench.shape, choice->layers, made->bench.statistics, {},
                                   "f32", folder / "o.gguf", {}, {}));
        const auto out = WeightFile::open(folder / "o.gguf");
        ASSERT_TRUE(out);
        EXPECT_EQ(out->summary().architecture, architecture);
        EXPECT_LT(difference(log_probabilities_of(folder / "m.gguf"), log_probabilities_of(folder / "o.gguf")), 1e-3F);
    }
}

TEST(Factors, TheExpandedFileIsTheFactorsMultipliedOut) {
    const TempFolder folder;
    write_tiny(wide("llama"), folder / "m.gguf");
    const auto made = factored(folder / "m.gguf", folder / "s.gguf");
    ASSERT_TRUE(made) << made.error().sentence;
    std::vector<LayerFactors> layers;
    for (const LayerKeep& keep : everything(made->bench.shape)) layers.push_back({keep, {24, 0, 16, 40, 33, 0, 47}});
    ASSERT_TRUE(write_expanded(made->bench.file, made->bench.shape, layers, made->bench.statistics, {}, "f16",
                               folder / "o.gguf", {}, {}));
    const auto out = WeightFile::open(folder / "o.gguf");
    ASSERT_TRUE(out);
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        const auto moments = made->bench.statistics.layer(layer);
        for (std::size_t part = 0; part < kFactorParts.size(); ++part) {
            const std::string name = block_tensor(layer, kFactorParts[part]);
            const std::size_t rank = layers[layer].ranks[part];
            if (rank == 0) {
                EXPECT_EQ(*out->read(name), *made->bench.file.read(name)) << name;
                continue;
            }
            EXPECT_EQ(out->find(name)->type, "f16") << name;
            const MatrixF dense =
                expand(*solve_factors(made->bench.file, made->bench.statistics.info(), *moments, layer, part, rank));
            const auto written = out->read(name);
            ASSERT_TRUE(written);
            ASSERT_EQ(written->size(), dense.values().size());
            for (std::size_t i = 0; i < written->size(); ++i) {
                ASSERT_NEAR((*written)[i], dense.values()[i], 1e-3 * std::abs(dense.values()[i]) + 1e-6) << name;
            }
        }
    }
    EXPECT_EQ(out->summary().architecture, "llama");
    EXPECT_EQ(out->find("blk.0.ffn_norm.weight")->type, "f32");
    EXPECT_EQ(*out->read("token_embd.weight"), *made->bench.file.read("token_embd.weight"));
}

// A dead head group takes the model to `deci`, which has the rotated pairs of queries and keys side by side.
TEST(Factors, RanksInOneLayerAndColumnsInAnotherGoTogether) {
    for (const std::string architecture : {"llama", "qwen2"}) {
        const TempFolder folder;
        write_tiny(wide(architecture), folder / "raw.gguf");
        replant(folder / "raw.gguf", folder / "m.gguf", [](const GgufTensor& tensor, std::span<float> values) {
            if (tensor.name == "blk.0.attn_q.weight") plant_rank(values, 48, 8, 3);
            if (tensor.name == "blk.1.attn_output.weight") kill_columns(values, 48, 24, 48);
            if (tensor.name == "blk.1.ffn_down.weight") kill_columns(values, 96, 0, 32);
        });
        const auto made = factored(folder / "m.gguf", folder / "s.gguf");
        ASSERT_TRUE(made) << made.error().sentence;
        const StockShape& shape = made->bench.shape;
        const double saved = static_cast<double>(48 * 48 - pivoted_values(48, 48, 8)) + shape.attention_cost(1, 1) +
                             shape.ffn_cost(1, 32);
        const auto choice = choose_factors(profile_of(*made), (saved - 0.5) / made->bench.shape.block_cost);
        ASSERT_TRUE(choice) << choice.error().sentence;
        EXPECT_EQ(choice->layers[0].ranks[kQ], 8U);
        EXPECT_EQ(choice->layers[1].keep.groups.size(), 1U);
        EXPECT_EQ(choice->layers[1].keep.neurons.size(), 64U);
        ASSERT_TRUE(write_expanded(made->bench.file, made->bench.shape, choice->layers, made->bench.statistics, {},
                                   "f16", folder / "o.gguf", {}, {}));
        const auto out = WeightFile::open(folder / "o.gguf");
        ASSERT_TRUE(out);
        EXPECT_EQ(out->summary().architecture, "deci");
        EXPECT_EQ(out->find("blk.1.ffn_down.weight")->type, "f16");
        EXPECT_EQ(out->find("blk.1.ffn_up.weight")->type, "f32");
        EXPECT_LT(difference(log_probabilities_of(folder / "m.gguf"), log_probabilities_of(folder / "o.gguf")), 3e-2F)
            << architecture;
    }
}

// The matrix that the factors of a file stand for.
MatrixF product_of(const WeightFile& file, const FactorMatrix& matrix) {
    MatrixF r(matrix.rank, matrix.cols);
    MatrixF t(matrix.rows - matrix.rank, matrix.rank);
    EXPECT_TRUE(file.read(matrix.r.name, 0, r.values()));
    EXPECT_TRUE(file.read(matrix.t.name, 0, t.values()));
    const auto rows = factor_rows(file, matrix);
    EXPECT_TRUE(rows) << rows.error().sentence;
    MatrixF others(t.rows(), r.cols());
    multiply(t, Turn::No, r, Turn::No, others);
    MatrixF out(matrix.rows, matrix.cols);
    for (std::size_t i = 0; rows && i < matrix.rows; ++i) {
        const auto from = i < matrix.rank ? r.row(i) : others.row(i - matrix.rank);
        std::copy(from.begin(), from.end(), out.row(static_cast<std::size_t>((*rows)[i])).begin());
    }
    return out;
}

// With a layer of fewer head groups the model is `deci`, whose rows of queries and keys stand in another order.
TEST(Factors, AFileOfFactorsHoldsWhatTheExpandedOneHas) {
    for (const std::string architecture : {"llama", "qwen2"}) {
        for (const bool uneven : {false, true}) {
            const TempFolder folder;
            write_tiny(wide(architecture), folder / "m.gguf");
            const auto made = factored(folder / "m.gguf", folder / "s.gguf");
            ASSERT_TRUE(made) << made.error().sentence;
            std::vector<LayerFactors> layers;
            for (const LayerKeep& keep : everything(made->bench.shape))
                layers.push_back({keep, {24, 8, 16, 40, 32, 24, 40}});
            if (uneven) layers[1] = {{layers[1].keep.neurons, {0}, {}, {}}, {}};
            const auto write = [&](const auto& writer, const char* name) {
                const auto bytes = writer(made->bench.file, made->bench.shape, layers, made->bench.statistics, Making{},
                                          "f32", folder / name, {}, {});
                EXPECT_TRUE(bytes) << bytes.error().sentence;
                return WeightFile::open(folder / name);
            };
            const auto dense = write(write_expanded, "d.gguf");
            const auto small = write(write_factors, "f.gguf");
            ASSERT_TRUE(dense);
            ASSERT_TRUE(small) << small.error().sentence;
            EXPECT_EQ(small->summary().architecture, uneven ? "deci" : architecture);
            const auto matrices = factor_matrices(small->summary());
            ASSERT_TRUE(matrices) << matrices.error().sentence;
            EXPECT_EQ(matrices->size(), uneven ? 7U : 14U);
            for (const FactorMatrix& matrix : *matrices) {
                const MatrixF product = product_of(*small, matrix);
                const auto expected = dense->read(matrix.name);
                ASSERT_TRUE(expected);
                for (std::size_t i = 0; i < expected->size(); ++i) {
                    ASSERT_NEAR(product.values()[i], (*expected)[i], 1e-4) << matrix.name << " " << architecture;
                }
            }
        }
    }
}

// T is fitted to the R that is stored: its own rounding alone is left of what 4 bits did to R, where R allows.
TEST(Factors, TheSecondFactorMakesUpForTheFirst) {
    const auto c = [] {
        const MatrixF x = test::random_matrix<float>(400, 64, 11);
        MatrixD moments(64, 64);
        for (std::size_t t = 0; t < x.rows(); ++t) {
            for (std::size_t i = 0; i < 64; ++i) {
                for (std::size_t j = 0; j < 64; ++j) {
                    moments(i, j) += static_cast<double>(x(t, i) * (i < 8 ? 8.0F : 1.0F)) *
                                     static_cast<double>(x(t, j) * (j < 8 ? 8.0F : 1.0F)) / 400.0;
                }
            }
        }
        return moments;
    }();
    const auto factors = truncate(test::random_matrix<float>(96, 64, 5), c, {}, 32, {});
    ASSERT_TRUE(factors) << factors.error().sentence;
    const auto loss = [&](const std::string& r_type, bool fit) {
        const auto encoded = encode_factors(*factors, c, {32, r_type, "f32"}, {});
        EXPECT_TRUE(encoded) << encoded.error().sentence;
        PivotedFactors stored = *factors;
        EXPECT_TRUE(decode_rows(r_type, encoded->r, 64, stored.r.values()));
        if (fit) {
            EXPECT_TRUE(decode_rows("f32", encoded->t, 32, stored.t.values()));
        }
        return loss_of(expand(*factors), expand(stored), c, {});
    };
    EXPECT_LT(loss("f32", true), 1e-6);
    EXPECT_LT(loss("q4_0", true), 0.75 * loss("q4_0", false));
}

TEST(Factors, WhatIsChosenNeverTakesMoreThanTheBudget) {
    for (unsigned seed = 1; seed < 4; ++seed) {
        const TempFolder folder;
        TinyModel model = wide(seed == 2 ? "qwen2vl" : "llama");
        model.seed = seed;
        write_tiny(model, folder / "m.gguf");
        const auto made = factored(folder / "m.gguf", folder / "s.gguf");
        ASSERT_TRUE(made) << made.error().sentence;
        const Profile profile = profile_of(*made);
        double last = -1.0;
        for (const double share : {0.0, 0.07, 0.2, 0.4, 0.6}) {
            const auto choice = choose_factors(profile, share);
            ASSERT_TRUE(choice) << share;
            EXPECT_GE(choice->removed, share - 1e-12);
            EXPECT_GE(choice->allocation.loss, last);
            last = choice->allocation.loss;
            const double whole = made->bench.shape.block_cost;
            EXPECT_LE(stored_values(*made, choice->layers), whole * (1.0 - share) + 1e-6) << share;
            EXPECT_NEAR(stored_values(*made, choice->layers), whole * (1.0 - choice->removed), 1e-6) << share;
            if (!made->bench.shape.uneven) {
                EXPECT_EQ(choice->layers[0].keep.neurons.size(), 96U);
            }
        }
        for (const double share : {1.0, 0.999, -0.1}) {
            const auto choice = choose_factors(profile, share);
            ASSERT_FALSE(choice) << share;
            EXPECT_EQ(choice.error().kind, ErrorKind::Invalid);
        }
    }
}

TEST(Factors, AnFfnHasTheBetterOfItsTwoWaysAtEveryCost) {
    const TempFolder folder;
    write_tiny(wide("llama"), folder / "m.gguf");
    const auto made = factored(folder / "m.gguf", folder / "s.gguf");
    ASSERT_TRUE(made) << made.error().sentence;
    for (std::size_t u = 0; u < made->units.units.size(); ++u) {
        const Unit& unit = made->units.units[u];
        ASSERT_EQ(unit.choices.front().loss, 0.0) << unit.name;
        for (const Choice& choice : unit.choices) {
            const FactorWay& way = made->units.ways[u][choice.size];
            double tails = 0.0;
            for (std::size_t part = 0; part < way.ranks.size(); ++part) {
                if (way.ranks[part] > 0) tails += made->ranks[u / 2][part].tail[way.ranks[part]];
            }
            const auto& curve = u % 2 == 0 ? made->columns[u / 2].groups : made->columns[u / 2].neurons;
            const std::size_t n = u % 2 == 0 ? 2 : 96;
            const double columns = (u % 2 == 0 ? kHeadLoss : 1.0) * curve.loss[n - way.kept];
            EXPECT_TRUE(tails == 0.0 || columns == 0.0) << "one or the other";
            EXPECT_NEAR(choice.loss, tails + columns, 1e-9);
        }
    }
}

TEST(Factors, EachMatrixIsMeasuredByItsOwnInputsAndGradients) {
    const TempFolder folder;
    write_tiny(wide("llama"), folder / "m.gguf");
    const auto made = factored(folder / "m.gguf", folder / "s.gguf");
    ASSERT_TRUE(made) << made.error().sentence;
    for (std::size_t layer = 0; layer < 2; ++layer) {
        const auto m = made->bench.statistics.layer(layer);
        ASSERT_TRUE(m);
        const std::array<std::pair<const MatrixD*, const MatrixD*>, kFactorParts.size()> moments = {
            {{&m->attn_in, &m->grad_q},
             {&m->attn_in, &m->grad_k},
             {&m->attn_in, &m->grad_v},
             {&m->attn_out, &m->grad_o},
             {&m->ffn_in, &m->grad_gate},
             {&m->ffn_in, &m->grad_up},
             {&m->ffn_down, &m->grad_down}}};
        for (std::size_t part = 0; part < kFactorParts.size(); ++part) {
            const std::string name = block_tensor(layer, kFactorParts[part]);
            const auto cols = static_cast<std::size_t>(made->bench.file.find(name)->shape.front());
            MatrixF weights(made->bench.file.find(name)->elements / cols, cols);
            ASSERT_TRUE(made->bench.file.read(name, 0, weights.values()));
            const auto curve = plan_low_rank(weights, *moments[part].first, *moments[part].second, {});
            ASSERT_TRUE(curve);
            EXPECT_EQ(curve->tail, made->ranks[layer][part].tail) << name;
        }
    }
}

TEST(Factors, StoredValuesAreNeverMoreThanTheMatrix) {
    EXPECT_EQ(pivoted_values(576, 576, 576), 576U * 576U);
    EXPECT_EQ(pivoted_values(1536, 576, 418), 418U * (1536U + 576U - 418U) + 418U);
    EXPECT_EQ(pivoted_values(10, 10, 9), 100U);
}

TEST(Factors, StatisticsOfStockShapesAreRefused) {
    const TempFolder folder;
    write_tiny(wide("llama"), folder / "m.gguf");
    const auto bench = bench_of(folder / "m.gguf", folder / "s.gguf");
    ASSERT_TRUE(bench);
    const auto curves = rank_curves(bench->file, bench->shape, bench->statistics, {}, {});
    ASSERT_FALSE(curves);
    EXPECT_EQ(curves.error().kind, ErrorKind::Invalid);
    EXPECT_THAT(curves.error().remedy, HasSubstr("--statistics"));
    const auto stopped = rank_curves(bench->file, bench->shape, bench->statistics, [] { return true; }, {});
    EXPECT_EQ(stopped.error().kind, ErrorKind::Interrupted);
}

}  // namespace
}  // namespace landauer
