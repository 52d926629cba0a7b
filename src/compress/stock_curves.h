// What each layer would lose by being narrower: the curves of its neurons and of its head groups.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <functional>
#include <vector>

#include "compress/methods/columns.h"
#include "compress/statistics.h"
#include "compress/stock_shape.h"

namespace landauer {

// Down to nothing, but for layer 0's last head group.
struct LayerCurves {
    ColumnRemoval neurons;
    ColumnRemoval groups;  // empty: no attention here
};

// One layer at a time; `done` sees the fraction. Errors as plan_columns(); Interrupted: `abort`.
[[nodiscard]] Result<std::vector<LayerCurves>> stock_curves(const WeightFile& file, const StockShape& shape,
                                                            const StatisticsFile& statistics,
                                                            const std::function<bool()>& abort,
                                                            const std::function<void(double)>& done);

// All but the first n - kept of the order, ascending.
[[nodiscard]] std::vector<std::size_t> kept_of(const ColumnRemoval& curve, std::size_t n, std::size_t kept);

}  // namespace landauer
