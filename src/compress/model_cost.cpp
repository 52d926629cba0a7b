#include "compress/model_cost.h"

#include <algorithm>
#include <utility>

namespace landauer {
namespace {

constexpr double kBatch = static_cast<double>(kPrefillTokens);

// Pairs of a token and one before it, itself included, that attention goes through.
double pairs(double n_new, double n_before) { return n_new * n_before + n_new * (n_new + 1.0) / 2.0; }

void scale_table(CostTable& table, PassSeconds by) {
    table.head_seconds *= by.decode;
    for (CostLine& line : table.lines) {
        for (CostPoint& point : line.points) {
            point.seconds.decode *= by.decode;
            point.seconds.prefill *= by.prefill;
        }
    }
}

double part_of(double whole, double parts) { return parts > 0.0 ? std::max(0.0, whole) / parts : 0.0; }

// With so many neurons and head groups in each layer.
BlockSums sums_of(const StockShape& shape, const CostTable& table, std::span<const std::size_t> neurons,
                  std::span<const std::size_t> groups) {
    StockShape decoding = shape;
    decoding.head_price = 0.0;
    StockShape prefilling = decoding;
    decoding.price = time_price(table, {1.0, 0.0});
    prefilling.price = time_price(table, {0.0, 1.0});
    BlockSums sums;
    for (std::size_t layer = 0; layer < shape.decoder.n_layer; ++layer) {
        sums.matrices.decode +=
            decoding.ffn_cost(layer, neurons[layer]) + decoding.attention_cost(layer, groups[layer]);
        sums.matrices.prefill +=
            prefilling.ffn_cost(layer, neurons[layer]) + prefilling.attention_cost(layer, groups[layer]);
        sums.query_heads += static_cast<double>(groups[layer] * shape.query_heads(layer));
    }
    return sums;
}

}  // namespace

double PromptMix::answer_depth() const { return static_cast<double>(n_in) + static_cast<double>(n_out) / 2.0; }

BlockSums block_sums(const StockShape& shape, const CostTable& table) {
    return sums_of(shape, table, shape.decoder.n_ff, shape.decoder.n_head_kv);
}

BlockSums block_sums(const StockShape& shape, const CostTable& table, std::span<const LayerKeep> keep) {
    std::vector<std::size_t> neurons;
    std::vector<std::size_t> groups;
    for (const LayerKeep& layer : keep) {
        neurons.push_back(layer.neurons.size());
        groups.push_back(layer.groups.size());
    }
    return sums_of(shape, table, neurons, groups);
}

double parameters_removed(const StockShape& shape, std::span<const LayerKeep> keep) {
    StockShape counted = shape;
    counted.price = parameter_price();
    counted.head_price = 0.0;
    double whole = 0.0;
    double left = 0.0;
    for (std::size_t layer = 0; layer < shape.decoder.n_layer; ++layer) {
        whole += counted.ffn_cost(layer, shape.decoder.n_ff[layer]) +
                 counted.attention_cost(layer, shape.decoder.n_head_kv[layer]);
        left += counted.ffn_cost(layer, keep[layer].neurons.size()) +
                counted.attention_cost(layer, keep[layer].groups.size());
    }
    return whole > 0.0 ? 1.0 - left / whole : 0.0;
}

ModelCost::ModelCost(CostTable table, const StockShape& shape, const ModelPasses& passes) : table_(std::move(table)) {
    base_ = block_sums(shape, table_);
    const double heads = base_.query_heads;
    const auto depth = static_cast<double>(passes.depth);
    head_token_ = part_of(passes.decode_deep - passes.decode, heads * depth);
    head_prefill_pair_ = part_of(passes.prefill_deep - passes.prefill, heads * kBatch * depth);
    const double decode = passes.decode;
    const double prefill = std::max(0.0, passes.prefill - heads * head_prefill_pair_ * pairs(kBatch, 0.0));
    const double matrices = base_.matrices.decode + table_.head_seconds;
    if (matrices > decode && matrices > 0.0) scale_.decode = decode / matrices;
    if (base_.matrices.prefill > prefill) scale_.prefill = prefill / base_.matrices.prefill;
    scale_table(table_, scale_);
    base_ = block_sums(shape, table_);
    rest_.decode = decode - base_.matrices.decode - table_.head_seconds;
    rest_.prefill = prefill - base_.matrices.prefill;
}

double ModelCost::prefill_seconds(const BlockSums& blocks, std::int64_t n_in) const {
    const auto n = static_cast<double>(n_in);
    return n / kBatch * (blocks.matrices.prefill + rest_.prefill) + blocks.query_heads * head_prefill_seconds(n_in);
}

double ModelCost::decode_seconds(const BlockSums& blocks, double depth) const {
    return blocks.matrices.decode + table_.head_seconds + rest_.decode +
           blocks.query_heads * head_decode_seconds(depth);
}

double ModelCost::head_prefill_seconds(std::int64_t n_in) const {
    return head_prefill_pair_ * pairs(static_cast<double>(n_in), 0.0);
}

double ModelCost::head_decode_seconds(double depth) const { return head_token_ * depth; }

}  // namespace landauer
