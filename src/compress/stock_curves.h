// What each layer would lose by being narrower: the curves of its neurons and of its head groups.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <functional>
#include <vector>

#include "compress/allocate.h"
#include "compress/methods/columns.h"
#include "compress/statistics.h"
#include "compress/stock_shape.h"

namespace landauer {

struct LayerCurves {
    ColumnRemoval neurons;
    ColumnRemoval groups;  // empty: no attention here
};

// One layer at a time; `done` sees the fraction. Errors as plan_columns(); Interrupted: `abort`.
[[nodiscard]] Result<std::vector<LayerCurves>> stock_curves(const WeightFile& file, const StockShape& shape,
                                                            const StatisticsFile& statistics,
                                                            const std::function<bool()>& abort,
                                                            const std::function<void(double)>& done);

// A unit for each layer's FFN and one for its attention; a choice's size is what is kept, its cost what that costs.
// Where llama.cpp wants one width for all layers, a single unit whose losses are the layers' sum. Widths are multiples
// of the layer's step, at least one: llama.cpp would skip a layer of width 0 whole.
[[nodiscard]] std::vector<Unit> stock_units(const StockShape& shape, const std::vector<LayerCurves>& curves);

// All but the first n - kept of the order, ascending.
[[nodiscard]] std::vector<std::size_t> kept_of(const ColumnRemoval& curve, std::size_t n, std::size_t kept);

// What is kept when the units keep those sizes.
[[nodiscard]] std::vector<LayerKeep> kept_by(const StockShape& shape, const std::vector<LayerCurves>& curves,
                                             const std::vector<Unit>& units, const Allocation& allocation);

}  // namespace landauer
