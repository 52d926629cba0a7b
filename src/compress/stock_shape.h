// A model as stock shapes may shrink it: which of its tensors a neuron or a head group runs through, and what these
// cost.
#pragma once

#include <landauer/error.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gguf/weights.h"
#include "grad/decoder.h"

namespace landauer {

// What an allocation pays with.
enum class CostAxis { Parameters, Bytes };

// Of one layer. A head group is a key-value head with the query heads that share it.
struct LayerPrices {
    double neuron = 0.0;          // a row of gate and of up, a column of down
    double group = 0.0;           // the rows of q, k and v, the columns of o
    std::size_t neuron_step = 1;  // widths are multiples of it: whole blocks of down's type, whole rows of the kernels
};

struct StockShape {
    DecoderShape decoder;
    std::vector<LayerPrices> prices;
    double block_cost = 0.0;  // of all blocks' matrices
    // llama.cpp runs this family with layers of unequal width (its `deci`); others keep one width for all, and their
    // heads.
    bool uneven = false;
    [[nodiscard]] std::size_t query_heads(std::size_t layer) const;  // of a group
    [[nodiscard]] std::size_t group_columns(std::size_t layer) const;
};

// Errors as decoder_shape(). Invalid: head groups of unequal size.
[[nodiscard]] Result<StockShape> stock_shape(const WeightFile& file, CostAxis axis);

[[nodiscard]] std::string block_tensor(std::size_t layer, std::string_view part);  // "blk.3.ffn_up.weight"

// What stays of a layer, ascending.
struct LayerKeep {
    std::vector<std::size_t> neurons;
    std::vector<std::size_t> groups;
    friend bool operator==(const LayerKeep&, const LayerKeep&) = default;
};

}  // namespace landauer
