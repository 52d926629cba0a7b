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

struct LayerCurves {
    ColumnRemoval neurons;
    ColumnRemoval groups;   // empty: no attention here
    double ffn_gone = 0.0;  // nats a token when nothing of it stays
    double attention_gone = 0.0;
};

// One layer at a time; `done` sees the fraction. Errors as plan_columns(); Interrupted: `abort`.
[[nodiscard]] Result<std::vector<LayerCurves>> stock_curves(const WeightFile& file, const StockShape& shape,
                                                            const StatisticsFile& statistics,
                                                            const std::function<bool()>& abort,
                                                            const std::function<void(double)>& done);

// All but the first n - kept of the order, ascending.
[[nodiscard]] std::vector<std::size_t> kept_of(const ColumnRemoval& curve, std::size_t n, std::size_t kept);

}  // namespace landauer
