// What each matrix would lose at a lower rank, and the choices that a layer has when its matrices may be factors.
#pragma once

#include <landauer/error.h>

#include <array>
#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

#include "compress/allocate.h"
#include "compress/methods/low_rank.h"
#include "compress/statistics.h"
#include "compress/stock_curves.h"
#include "compress/stock_shape.h"

namespace landauer {

// The matrices of a block, attention first.
inline constexpr std::array<std::string_view, 7> kFactorParts = {"attn_q",   "attn_k", "attn_v",  "attn_output",
                                                                 "ffn_gate", "ffn_up", "ffn_down"};
inline constexpr std::size_t kAttentionParts = 4;
using PartRanks = std::array<std::size_t, kFactorParts.size()>;  // 0: the matrix as it is

// Nats a token at each rank, by part; empty where the layer has no such matrix.
using RankCurves = std::array<LowRankCurve, kFactorParts.size()>;

// A matrix with what is known of its inputs and of the gradients at its outputs.
struct PartMetric {
    MatrixF weights;
    const MatrixD* c = nullptr;
    const MatrixD* g = nullptr;
};
// Errors as WeightFile::read(). Invalid: statistics without the gradients of all matrices. `weights` is empty where
// the layer has no such matrix. Points into `moments`.
[[nodiscard]] Result<PartMetric> part_metric(const WeightFile& file, const StatisticsInfo& info,
                                             const LayerStatistics& moments, std::size_t layer, std::size_t part);

// One layer at a time; `done` sees the fraction. Errors as part_metric() and plan_low_rank(); Interrupted: `abort`.
[[nodiscard]] Result<std::vector<RankCurves>> rank_curves(const WeightFile& file, const StockShape& shape,
                                                          const StatisticsFile& statistics,
                                                          const std::function<bool()>& abort,
                                                          const std::function<void(double)>& done);

// Values that a matrix of that rank is stored in, with its pivots: never more than the matrix itself has.
[[nodiscard]] std::size_t pivoted_values(std::size_t rows, std::size_t cols, std::size_t rank);

// One way of keeping an attention or an FFN: fewer head groups or neurons, or its matrices at lower ranks.
struct FactorWay {
    std::size_t kept = 0;  // groups or neurons
    PartRanks ranks{};
};

// A unit's choices have the index of their way as `size`; units and ways go by layer, attention before FFN.
struct FactorUnits {
    std::vector<Unit> units;
    std::vector<std::vector<FactorWay>> ways;
};

// Groups and neurons go only where llama.cpp runs layers of unequal width; ranks are free everywhere.
[[nodiscard]] FactorUnits factor_units(const WeightFile& file, const StockShape& shape,
                                       const std::vector<LayerCurves>& columns, const std::vector<RankCurves>& ranks);

// A layer as the factor format keeps it.
struct LayerFactors {
    LayerKeep keep;
    PartRanks ranks{};
};
[[nodiscard]] std::vector<LayerFactors> factors_by(const StockShape& shape, const std::vector<LayerCurves>& columns,
                                                   const FactorUnits& units, const Allocation& allocation);

}  // namespace landauer
