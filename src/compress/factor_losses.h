// What storing a matrix's factors in few bits loses beside the rank: near full rank it can outweigh what the rank does.
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
#include "gguf/weights.h"

namespace landauer {

// Nats a token at a few ranks, ascending; linear between them, the ends' beyond.
struct FactorLoss {
    std::vector<std::size_t> ranks;
    std::vector<double> extra;
    [[nodiscard]] double at(std::size_t rank) const;  // 0 where nothing is known
};
using PartLosses = std::array<FactorLoss, kFactorParts.size()>;

// By layer: factors of four ranks encoded in `type` as encode_factors() does, and 1/2 tr(G dW C dW^T) of what comes of
// them less what the rank alone loses. One layer at a time; `done` sees the fraction. Errors as part_metric(),
// truncate() and encode_factors(); Interrupted: `abort`.
[[nodiscard]] Result<std::vector<PartLosses>> factor_losses(const WeightFile& file, const StockShape& shape,
                                                            const StatisticsFile& statistics, const std::string& type,
                                                            std::size_t n_threads, const std::function<bool()>& abort,
                                                            const std::function<void(double)>& done);

}  // namespace landauer
