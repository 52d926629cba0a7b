// What each layer would lose by being stored in another type.
#pragma once

#include <landauer/error.h>

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "compress/block_parts.h"
#include "compress/statistics.h"
#include "compress/stock_shape.h"

namespace landauer {

// Nats a token, by type.
struct LayerTypeLoss {
    std::vector<double> ffn;
    std::vector<double> attention;
    std::array<std::vector<double>, kFactorParts.size()> parts{};  // of each matrix; 0 where it has that type already
};

struct TypeLosses {
    std::vector<std::string> types;  // ggml's names
    std::vector<LayerTypeLoss> layers;
};

// Every matrix quantised by error feedback, and 1/2 tr(G dW C dW^T) of what that does. One layer at a time; `done` sees
// the fraction. Invalid: statistics without the gradients of all matrices; a type or rows that feeds_back() refuses.
// Errors as WeightFile::read(); Interrupted: `abort`.
[[nodiscard]] Result<TypeLosses> type_losses(const WeightFile& file, const StockShape& shape,
                                             const StatisticsFile& statistics, const std::vector<std::string>& types,
                                             std::size_t n_threads, const std::function<bool()>& abort,
                                             const std::function<void(double)>& done);

}  // namespace landauer
