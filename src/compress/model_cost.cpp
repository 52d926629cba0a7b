#include "compress/model_cost.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "compress/factor_form.h"
#include "compress/layer_types.h"

namespace landauer {
namespace {

constexpr double kBatch = static_cast<double>(kPrefillTokens);

// Pairs of a token and one before it, itself included, that attention goes through.
double pairs(double n_new, double n_before) { return n_new * n_before + n_new * (n_new + 1.0) / 2.0; }

void scale_table(CostTable& table, PassSeconds by) {
    table.head_seconds *= by.decode;
    const auto scale = [&](std::vector<CostPoint>& points) {
        for (CostPoint& point : points) {
            point.seconds.decode *= by.decode;
            point.seconds.prefill *= by.prefill;
        }
    };
    for (CostLine& line : table.lines) scale(line.points);
    for (ChainLine& line : table.chains) scale(line.points);
}

double part_of(double whole, double parts) { return parts > 0.0 ? std::max(0.0, whole) / parts : 0.0; }

std::size_t index_of(const std::string& part) {
    return static_cast<std::size_t>(std::ranges::find(kFactorParts, std::string_view(part)) - kFactorParts.begin());
}

// Both halves of a layer, with `kept` of `n` neurons or head groups.
class LayerSeconds {
   public:
    LayerSeconds(const CostTable& table, const LayerFactors& layer, const std::string& factor_type, std::size_t index,
                 std::size_t n_layers)
        : table_(table), layer_(layer), factor_type_(factor_type), index_(index), n_layers_(n_layers) {}

    void add(const std::vector<BlockMatrix>& matrices, std::size_t kept, std::size_t n, const std::string& type) {
        for (const BlockMatrix& matrix : matrices) {
            if (kept == 0 || n == 0) continue;
            const std::size_t rows = matrix.by_rows ? matrix.rows / n * kept : matrix.rows;
            const std::size_t cols = matrix.by_rows ? matrix.cols : matrix.cols / n * kept;
            const PassSeconds seconds = of(matrix, rows, cols, type);
            sum_.decode += seconds.decode;
            sum_.prefill += seconds.prefill;
        }
    }
    [[nodiscard]] PassSeconds sum() const { return sum_; }

   private:
    [[nodiscard]] PassSeconds of(const BlockMatrix& matrix, std::size_t rows, std::size_t cols,
                                 const std::string& half_type) const {
        const std::size_t part = index_of(matrix.part);
        if (const std::size_t rank = layer_.ranks[part]; rank > 0) {
            return table_.seconds(factor_form(rank, cols, factor_type_), rows, cols);
        }
        const std::string& wanted = layer_.types[part].empty() ? half_type : layer_.types[part];
        const std::string type =
            wanted.empty() ? matrix.type : type_in_layer(wanted, matrix.part, index_, n_layers_, cols);
        return table_.seconds(type, rows, cols);
    }

    const CostTable& table_;
    const LayerFactors& layer_;
    const std::string& factor_type_;
    std::size_t index_;
    std::size_t n_layers_;
    PassSeconds sum_;
};

LayerFactors whole_layer(const StockShape& shape, std::size_t layer) {
    LayerFactors out;
    out.keep.neurons.resize(shape.decoder.n_ff[layer]);
    out.keep.groups.resize(shape.decoder.n_head_kv[layer]);
    return out;
}

}  // namespace

double PromptMix::answer_depth() const { return static_cast<double>(n_in) + static_cast<double>(n_out) / 2.0; }

BlockSums block_sums(const StockShape& shape, const CostTable& table) {
    std::vector<LayerFactors> layers;
    layers.reserve(shape.decoder.n_layer);
    for (std::size_t layer = 0; layer < shape.decoder.n_layer; ++layer) layers.push_back(whole_layer(shape, layer));
    return block_sums(shape, table, layers, {});
}

BlockSums block_sums(const StockShape& shape, const CostTable& table, std::span<const LayerKeep> keep) {
    std::vector<LayerFactors> layers;
    layers.reserve(keep.size());
    for (const LayerKeep& layer : keep) layers.push_back({layer, {}, {}});
    return block_sums(shape, table, layers, {});
}

BlockSums block_sums(const StockShape& shape, const CostTable& table, std::span<const LayerFactors> layers,
                     const std::string& factor_type) {
    BlockSums sums;
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        const LayerKeep& keep = layers[layer].keep;
        LayerSeconds seconds(table, layers[layer], factor_type, layer, layers.size());
        seconds.add(shape.layers[layer].ffn, keep.neurons.size(), shape.decoder.n_ff[layer], keep.ffn_type);
        seconds.add(shape.layers[layer].attention, keep.groups.size(), shape.decoder.n_head_kv[layer],
                    keep.attention_type);
        sums.matrices.decode += seconds.sum().decode;
        sums.matrices.prefill += seconds.sum().prefill;
        sums.query_heads += static_cast<double>(keep.groups.size() * shape.query_heads(layer));
    }
    return sums;
}

double parameters_removed(const StockShape& shape, std::span<const LayerKeep> keep) {
    std::vector<LayerFactors> layers;
    layers.reserve(keep.size());
    for (const LayerKeep& layer : keep) layers.push_back({layer, {}, {}});
    return parameters_removed(shape, layers);
}

double parameters_removed(const StockShape& shape, std::span<const LayerFactors> layers) {
    double whole = 0.0;
    double left = 0.0;
    const auto add = [&](const std::vector<BlockMatrix>& matrices, const PartRanks& ranks, std::size_t kept,
                         std::size_t n) {
        for (const BlockMatrix& matrix : matrices) {
            const std::size_t rank = ranks[index_of(matrix.part)];
            const auto values = static_cast<double>(matrix.rows * matrix.cols);
            whole += values;
            left += rank > 0 ? static_cast<double>(pivoted_values(matrix.rows, matrix.cols, rank))
                             : values * static_cast<double>(kept) / static_cast<double>(std::max<std::size_t>(n, 1));
        }
    };
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        const LayerFactors& own = layers[layer];
        add(shape.layers[layer].ffn, own.ranks, own.keep.neurons.size(), shape.decoder.n_ff[layer]);
        add(shape.layers[layer].attention, own.ranks, own.keep.groups.size(), shape.decoder.n_head_kv[layer]);
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
