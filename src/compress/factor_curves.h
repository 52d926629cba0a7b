// What each matrix would lose at a lower rank, and the choices that a layer has when its matrices may be factors.
#pragma once

#include <landauer/error.h>

#include <array>
#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

#include "compress/allocate.h"
#include "compress/block_parts.h"
#include "compress/factor_losses.h"
#include "compress/methods/low_rank.h"
#include "compress/part_metric.h"
#include "compress/statistics.h"
#include "compress/stock_curves.h"
#include "compress/stock_shape.h"
#include "compress/type_losses.h"

namespace landauer {

// Nats a token at each rank, by part; empty where the layer has no such matrix.
using RankCurves = std::array<LowRankCurve, kFactorParts.size()>;

// One layer at a time; `done` sees the fraction. Errors as part_metric() and plan_low_rank(); Interrupted: `abort`.
[[nodiscard]] Result<std::vector<RankCurves>> rank_curves(const WeightFile& file, const StockShape& shape,
                                                          const StatisticsFile& statistics,
                                                          const std::function<bool()>& abort,
                                                          const std::function<void(double)>& done);

// Values that a matrix of that rank is stored in, with its pivots: never more than the matrix itself has.
[[nodiscard]] std::size_t pivoted_values(std::size_t rows, std::size_t cols, std::size_t rank);

// One way of keeping an attention or an FFN: fewer head groups or neurons, or its matrices at lower ranks or in fewer
// bits.
struct FactorWay {
    std::size_t kept = 0;  // groups or neurons
    PartRanks ranks{};
    std::array<std::size_t, kFactorParts.size()> types{};  // of whole matrices: index into FactorUnits::types
};

// A unit's choices have the index of their way as `size`; units and ways go by layer, attention before FFN.
struct FactorUnits {
    std::vector<Unit> units;
    std::vector<std::vector<FactorWay>> ways;
    std::vector<std::string> types;  // ggml's names; the first, empty, is each matrix's own
};

// What matrices may be stored in, and what that loses.
struct FactorOptions {
    TypeLosses types;                // of matrices that stay whole
    std::string type = "q8_0";       // of factors
    std::vector<PartLosses> losses;  // by layer, of that type; empty: none, as in floats
};

// Groups and neurons go only where llama.cpp runs layers of unequal width; ranks are free everywhere.
[[nodiscard]] FactorUnits factor_units(const WeightFile& file, const StockShape& shape,
                                       const std::vector<LayerCurves>& columns, const std::vector<RankCurves>& ranks,
                                       const FactorOptions& options = {});

// A layer as the factor format keeps it.
struct LayerFactors {
    LayerKeep keep;
    PartRanks ranks{};
    std::array<std::string, kFactorParts.size()>
        types{};  // of matrices in a half that keeps its width, ggml's names; empty: as `keep` says
};
[[nodiscard]] std::vector<LayerFactors> factors_by(const StockShape& shape, const std::vector<LayerCurves>& columns,
                                                   const FactorUnits& units, const Allocation& allocation);

}  // namespace landauer
