#include "compress/stock_shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace landauer {
namespace {

constexpr std::size_t kKernelRows = 32;  // rows that llama.cpp's repacked and AMX kernels take together

struct Part {
    std::string_view name;
    bool by_rows = false;  // the unit is a row; else a column
};
constexpr std::array kNeuronParts = {Part{"ffn_gate", true}, Part{"ffn_up", true}, Part{"ffn_down", false}};
constexpr std::array kGroupParts = {Part{"attn_q", true}, Part{"attn_k", true}, Part{"attn_v", true},
                                    Part{"attn_output", false}};

double tensor_cost(const GgufTensor& tensor, CostAxis axis) {
    return static_cast<double>(axis == CostAxis::Bytes ? tensor.bytes : tensor.elements);
}

// All units of a layer together; 0 where the tensors are not there.
double whole_cost(const WeightFile& file, std::size_t layer, std::span<const Part> parts, CostAxis axis) {
    double cost = 0.0;
    for (const Part& part : parts) {
        const GgufTensor* tensor = file.find(block_tensor(layer, part.name));
        if (tensor != nullptr) cost += tensor_cost(*tensor, axis);
    }
    return cost;
}

// Values that a type packs into one block.
std::size_t block_values(const std::string& type) {
    for (std::size_t n = 1; n <= 256; n *= 2) {
        if (row_bytes(type, n) > 0) return n;
    }
    return 256;
}

std::size_t step_of(const WeightFile& file, std::size_t layer) {
    const GgufTensor* down = file.find(block_tensor(layer, "ffn_down"));
    return down == nullptr ? kKernelRows : std::lcm(kKernelRows, block_values(down->type));
}

// `deci` has no norms of heads and rotates whole heads, at positions of one dimension.
bool runs_uneven(const DecoderShape& shape) {
    const std::string& name = shape.architecture;
    return (name == "llama" || name == "qwen2" || name == "deci") && shape.rope_dims == shape.head_dim;
}

}  // namespace

std::string block_tensor(std::size_t layer, std::string_view part) {
    return fmt::format("blk.{}.{}.weight", layer, part);
}

std::size_t StockShape::query_heads(std::size_t layer) const {
    const std::size_t n_groups = decoder.n_head_kv[layer];
    return n_groups == 0 ? 0 : decoder.n_head[layer] / n_groups;
}

std::size_t StockShape::group_columns(std::size_t layer) const { return query_heads(layer) * decoder.head_dim; }

Result<StockShape> stock_shape(const WeightFile& file, CostAxis axis) {
    auto decoder = decoder_shape(file);
    if (!decoder) return tl::unexpected(decoder.error());
    StockShape shape;
    shape.decoder = std::move(*decoder);
    shape.uneven = runs_uneven(shape.decoder);
    for (std::size_t layer = 0; layer < shape.decoder.n_layer; ++layer) {
        const std::size_t n_groups = shape.decoder.n_head_kv[layer];
        if (n_groups > 0 && shape.decoder.n_head[layer] % n_groups != 0) {
            return fail(ErrorKind::Invalid,
                        fmt::format("Layer {} has {} query heads for {} key-value heads.", layer,
                                    shape.decoder.n_head[layer], n_groups),
                        "Heads are removed in groups of equal size; this model cannot be compressed.");
        }
        const double ffn = whole_cost(file, layer, kNeuronParts, axis);
        const double attention = whole_cost(file, layer, kGroupParts, axis);
        LayerPrices prices;
        prices.neuron = shape.decoder.n_ff[layer] == 0 ? 0.0 : ffn / static_cast<double>(shape.decoder.n_ff[layer]);
        prices.group = n_groups == 0 ? 0.0 : attention / static_cast<double>(n_groups);
        prices.neuron_step = step_of(file, layer);
        shape.prices.push_back(prices);
        shape.block_cost += ffn + attention;
    }
    return shape;
}

}  // namespace landauer
