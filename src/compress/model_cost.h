// What a model costs on this machine when its blocks are of another shape: its matrices by the cost table, the rest as
// the engine measured it.
#pragma once

#include <cstdint>
#include <span>

#include "compress/factor_curves.h"
#include "compress/kernel_costs.h"
#include "compress/model_passes.h"
#include "compress/stock_shape.h"

namespace landauer {

// A typical prompt: tokens in, tokens out.
struct PromptMix {
    std::int64_t n_in = 512;
    std::int64_t n_out = 128;
    [[nodiscard]] double answer_depth() const;  // of the answer's middle token
};

// Of all blocks together: what cutting them changes.
struct BlockSums {
    PassSeconds matrices;
    double query_heads = 0.0;
};
[[nodiscard]] BlockSums block_sums(const StockShape& shape, const CostTable& table);
// With `keep` of it left.
[[nodiscard]] BlockSums block_sums(const StockShape& shape, const CostTable& table, std::span<const LayerKeep> keep);
[[nodiscard]] BlockSums block_sums(const StockShape& shape, const CostTable& table,
                                   std::span<const LayerFactors> layers, const std::string& factor_type);

// Share of the blocks' parameters that goes, whatever the shape's own price is.
[[nodiscard]] double parameters_removed(const StockShape& shape, std::span<const LayerKeep> keep);
[[nodiscard]] double parameters_removed(const StockShape& shape, std::span<const LayerFactors> layers);

class ModelCost {
   public:
    // Where the matrices alone were slower than the whole model, they are taken to be as much faster: `scale`.
    ModelCost(CostTable table, const StockShape& shape, const ModelPasses& passes);

    [[nodiscard]] double prefill_seconds(const BlockSums& blocks, std::int64_t n_in) const;
    [[nodiscard]] double decode_seconds(const BlockSums& blocks, double depth) const;  // of a token

    [[nodiscard]] const CostTable& table() const { return table_; }
    [[nodiscard]] const BlockSums& base() const { return base_; }
    // Below 1 by more than noise: something else kept the machine busy.
    [[nodiscard]] PassSeconds scale() const { return scale_; }

    // What a query head costs beside its matrices, in one more second of prefill and of decode each.
    [[nodiscard]] double head_prefill_seconds(std::int64_t n_in) const;
    [[nodiscard]] double head_decode_seconds(double depth) const;

   private:
    CostTable table_;
    BlockSums base_;
    PassSeconds scale_{1.0, 1.0};
    PassSeconds rest_;                // beside matrices and attention
    double head_token_ = 0.0;         // a query head attends to a token while decoding
    double head_prefill_pair_ = 0.0;  // and a pair of tokens while a prompt is computed
};

}  // namespace landauer
