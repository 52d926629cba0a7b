// The choices that each layer has in stock shapes: fewer neurons, fewer head groups, another type, or none of it at
// all.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <string>
#include <vector>

#include "compress/allocate.h"
#include "compress/stock_curves.h"
#include "compress/stock_shape.h"
#include "compress/type_losses.h"

namespace landauer {

// Heads lose more than the second order says, because it takes positions for independent: on SmolLM2 changes of o
// cost 1.5 to 1.7 times their prediction where those of the neurons cost 0.9 to 1.1, and 2 gives the better models.
inline constexpr double kHeadLoss = 2.0;

// What may be taken away.
struct StockWays {
    bool neurons = true;
    bool heads = true;
    bool layers = true;
    bool own_types = true;  // matrices may keep their type
};

// One way of keeping a layer.
struct StockWay {
    std::size_t neurons = 0;
    std::size_t groups = 0;
    std::size_t ffn_type = 0;  // index into StockUnits::types
    std::size_t attention_type = 0;
};

// A unit a layer; where llama.cpp wants all layers of one width, a single one for all. A choice has the index of its
// way as `size`; a unit's first way is the whole layer.
struct StockUnits {
    std::vector<Unit> units;
    std::vector<std::vector<StockWay>> ways;
    std::vector<std::string> types;  // ggml's names; the first, empty, is each matrix's own
};

// `losses`: of the types that may be taken instead; without any, matrices keep theirs. Widths are multiples of the
// layer's step, at least one, because llama.cpp would skip a layer of width 0 whole; layer 0 keeps a head group,
// because llama.cpp reads the model's shape off it, and is never taken whole. Invalid: ways that this family does not
// have.
[[nodiscard]] Result<StockUnits> stock_units(const StockShape& shape, const std::vector<LayerCurves>& curves,
                                             const TypeLosses& losses, const StockWays& ways);

// What is kept when the units keep those ways.
[[nodiscard]] std::vector<LayerKeep> kept_by(const StockShape& shape, const std::vector<LayerCurves>& curves,
                                             const StockUnits& units, const Allocation& allocation);

}  // namespace landauer
