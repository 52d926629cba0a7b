// A block's matrix in the metric of what goes into it and of what its outputs do to the loss.
#pragma once

#include <landauer/error.h>

#include <cstddef>

#include "compress/block_parts.h"
#include "compress/statistics.h"
#include "gguf/weights.h"
#include "tensor/matrix.h"

namespace landauer {

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

}  // namespace landauer
