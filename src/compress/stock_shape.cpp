#include "compress/stock_shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>
#include <span>

#include "compress/layer_types.h"
#include "gguf/factor_format.h"

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

std::vector<BlockMatrix> matrices_of(const WeightFile& file, std::size_t layer, std::span<const Part> parts) {
    std::vector<BlockMatrix> out;
    for (const Part& part : parts) {
        const GgufTensor* tensor = file.find(block_tensor(layer, part.name));
        if (tensor == nullptr) continue;
        const auto cols = static_cast<std::size_t>(tensor->shape.front());
        out.push_back({std::string(part.name), tensor->type, tensor->elements / cols, cols, part.by_rows});
    }
    return out;
}

// With `kept` of `n` units, each matrix stored in what `type_of` says for rows so long.
using StoredAs = std::function<std::string(const BlockMatrix& matrix, std::size_t columns)>;
double cost_of(const std::vector<BlockMatrix>& matrices, const MatrixPrice& price, const StoredAs& type_of,
               std::size_t kept, std::size_t n) {
    double cost = 0.0;
    for (const BlockMatrix& matrix : matrices) {
        if (n == 0 || kept == 0) continue;
        const std::size_t whole = matrix.by_rows ? matrix.rows : matrix.cols;
        const std::size_t stays = whole / n * kept;
        const std::size_t columns = matrix.by_rows ? matrix.cols : stays;
        cost += price(type_of(matrix, columns), matrix.by_rows ? stays : matrix.rows, columns);
    }
    return cost;
}

StoredAs in_layer(const std::string& type, std::size_t layer, std::size_t n_layers) {
    return [&type, layer, n_layers](const BlockMatrix& matrix, std::size_t columns) {
        return type.empty() ? matrix.type : type_in_layer(type, matrix.part, layer, n_layers, columns);
    };
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

std::size_t block_values(const std::string& type) {
    for (std::size_t n = 1; n <= 256; n *= 2) {
        if (row_bytes(type, n) > 0) return n;
    }
    return 256;
}

std::string block_tensor(std::size_t layer, std::string_view part) {
    return fmt::format("blk.{}.{}.weight", layer, part);
}

std::size_t StockShape::query_heads(std::size_t layer) const {
    const std::size_t n_groups = decoder.n_head_kv[layer];
    return n_groups == 0 ? 0 : decoder.n_head[layer] / n_groups;
}

std::size_t StockShape::group_columns(std::size_t layer) const { return query_heads(layer) * decoder.head_dim; }

double StockShape::ffn_cost(std::size_t layer, std::size_t neurons, const std::string& type) const {
    return cost_of(layers[layer].ffn, price, in_layer(type, layer, decoder.n_layer), neurons, decoder.n_ff[layer]);
}

double StockShape::attention_cost(std::size_t layer, std::size_t groups, const std::string& type) const {
    return cost_of(layers[layer].attention, price, in_layer(type, layer, decoder.n_layer), groups,
                   decoder.n_head_kv[layer]) +
           head_price * static_cast<double>(groups * query_heads(layer));
}

Result<StockShape> stock_shape(const WeightFile& file, const MatrixPrice& price, double head_price) {
    if (has_factors(file.summary())) {
        return fail(ErrorKind::Invalid,
                    fmt::format("{} holds matrices as factors, which are made of a model and not made smaller.",
                                file.summary().path.string()),
                    "Give the model that it was made of.");
    }
    auto decoder = decoder_shape(file);
    if (!decoder) return tl::unexpected(decoder.error());
    StockShape shape;
    shape.decoder = std::move(*decoder);
    shape.price = price;
    shape.head_price = head_price;
    shape.uneven = runs_uneven(shape.decoder);
    for (std::size_t layer = 0; layer < shape.decoder.n_layer; ++layer) {
        const std::size_t n_groups = shape.decoder.n_head_kv[layer];
        if (n_groups > 0 && shape.decoder.n_head[layer] % n_groups != 0) {
            return fail(ErrorKind::Invalid,
                        fmt::format("Layer {} has {} query heads for {} key-value heads.", layer,
                                    shape.decoder.n_head[layer], n_groups),
                        "Heads are removed in groups of equal size; this model cannot be compressed.");
        }
        shape.layers.push_back(
            {matrices_of(file, layer, kNeuronParts), matrices_of(file, layer, kGroupParts), step_of(file, layer)});
        shape.block_cost += shape.ffn_cost(layer, shape.decoder.n_ff[layer]) + shape.attention_cost(layer, n_groups);
    }
    return shape;
}

}  // namespace landauer
