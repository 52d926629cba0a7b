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

#include "compress/price.h"
#include "gguf/weights.h"
#include "grad/decoder.h"

namespace landauer {

// A matrix of a block that neurons or head groups run through, as rows or as columns.
struct BlockMatrix {
    std::string part;  // "ffn_down"
    std::string type;
    std::size_t rows = 0;
    std::size_t cols = 0;
    bool by_rows = false;
};

// Of one layer. A head group is a key-value head with the query heads that share it.
struct LayerMatrices {
    std::vector<BlockMatrix> ffn;        // gate, up, down
    std::vector<BlockMatrix> attention;  // q, k, v, o
    std::size_t neuron_step = 1;  // widths are multiples of it: whole blocks of down's type, whole rows of the kernels
};

struct StockShape {
    DecoderShape decoder;
    std::vector<LayerMatrices> layers;
    MatrixPrice price;
    FactorPrice factor_price = parameter_price_of_factors();
    double head_price = 0.0;  // of a query head beside its matrices: its attention, where the price is time
    double block_cost = 0.0;  // of all blocks' matrices
    // llama.cpp runs this family with layers of unequal width (its `deci`); others keep one width for all, and their
    // heads.
    bool uneven = false;
    [[nodiscard]] std::size_t query_heads(std::size_t layer) const;  // of a group
    [[nodiscard]] std::size_t group_columns(std::size_t layer) const;
    // What so many neurons or head groups of a layer cost, stored in `type` (empty: each matrix in its own).
    [[nodiscard]] double ffn_cost(std::size_t layer, std::size_t neurons, const std::string& type = {}) const;
    [[nodiscard]] double attention_cost(std::size_t layer, std::size_t groups, const std::string& type = {}) const;
};

// Errors as decoder_shape(). Invalid: head groups of unequal size, matrices as factors.
[[nodiscard]] Result<StockShape> stock_shape(const WeightFile& file, const MatrixPrice& price, double head_price = 0.0);

// Values that a type packs into one block.
[[nodiscard]] std::size_t block_values(const std::string& type);

[[nodiscard]] std::string block_tensor(std::size_t layer, std::string_view part);  // "blk.3.ffn_up.weight"

// What stays of a layer, ascending. Where the source has neurons and none stays, the layer is gone whole.
struct LayerKeep {
    std::vector<std::size_t> neurons;
    std::vector<std::size_t> groups;
    std::string ffn_type;  // ggml's name; empty: each matrix in its own
    std::string attention_type;
    friend bool operator==(const LayerKeep&, const LayerKeep&) = default;
};

}  // namespace landauer
