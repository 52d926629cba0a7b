#include "compress/stock_curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace landauer {
namespace {

// Heads lose more than the second order says, because it takes positions for independent: on SmolLM2 changes of o
// cost 1.5 to 1.7 times their prediction where those of the neurons cost 0.9 to 1.1, and 2 gives the better models.
constexpr double kHeadLoss = 2.0;

enum Kind : std::size_t { kNeurons = 0, kGroups = 1 };  // a choice's `option`

Result<MatrixF> matrix_of(const WeightFile& file, const std::string& name, std::size_t rows, std::size_t cols) {
    MatrixF matrix(rows, cols);
    if (auto read = file.read(name, 0, matrix.values()); !read) return tl::unexpected(read.error());
    return matrix;
}

Result<ColumnRemoval> neuron_curve(const WeightFile& file, const StockShape& shape, std::size_t layer,
                                   const LayerStatistics& moments) {
    const std::size_t n_ff = shape.decoder.n_ff[layer];
    if (n_ff == 0) return ColumnRemoval{};
    auto down = matrix_of(file, block_tensor(layer, "ffn_down"), shape.decoder.n_embd, n_ff);
    if (!down) return tl::unexpected(down.error());
    ColumnSettings settings;
    settings.keep_at_least = std::min(shape.layers[layer].neuron_step, n_ff);
    return plan_columns(*down, moments.ffn_down, moments.grad_down, settings);
}

Result<ColumnRemoval> group_curve(const WeightFile& file, const StockShape& shape, std::size_t layer,
                                  const LayerStatistics& moments) {
    const std::size_t columns = shape.decoder.n_head[layer] * shape.decoder.head_dim;
    if (columns == 0 || shape.decoder.n_head_kv[layer] == 0) return ColumnRemoval{};
    auto o = matrix_of(file, block_tensor(layer, "attn_output"), shape.decoder.n_embd, columns);
    if (!o) return tl::unexpected(o.error());
    ColumnSettings settings;
    settings.group = shape.group_columns(layer);
    settings.at_once = 1;
    settings.keep_at_least = layer == 0 ? 1 : 0;  // llama.cpp reads the model's shape off layer 0
    return plan_columns(*o, moments.attn_out, moments.grad_o, settings);
}

Unit neuron_unit(const StockShape& shape, std::size_t layer, const ColumnRemoval& curve) {
    Unit unit{fmt::format("blk.{}.ffn", layer), {}};
    const std::size_t n_ff = shape.decoder.n_ff[layer];
    const std::size_t step = shape.layers[layer].neuron_step;
    for (std::size_t removed = 0; removed < curve.loss.size(); ++removed) {
        const std::size_t kept = n_ff - removed;
        if (removed > 0 && kept % step != 0) continue;
        unit.choices.push_back({shape.ffn_cost(layer, kept), curve.loss[removed], kNeurons, kept});
    }
    return unit;
}

Unit group_unit(const StockShape& shape, std::size_t layer, const ColumnRemoval& curve) {
    Unit unit{fmt::format("blk.{}.attention", layer), {}};
    const std::size_t n_groups = shape.decoder.n_head_kv[layer];
    for (std::size_t removed = 0; removed < curve.loss.size(); ++removed) {
        const std::size_t kept = n_groups - removed;
        unit.choices.push_back({shape.attention_cost(layer, kept), kHeadLoss * curve.loss[removed], kGroups, kept});
    }
    return unit;
}

// All layers at one width, which is what the narrowest can be had at.
Unit even_unit(const StockShape& shape, const std::vector<LayerCurves>& curves) {
    Unit unit = neuron_unit(shape, 0, curves.front().neurons);
    unit.name = "ffn";
    for (std::size_t layer = 1; layer < curves.size(); ++layer) {
        const Unit own = neuron_unit(shape, layer, curves[layer].neurons);
        unit.choices.resize(std::min(unit.choices.size(), own.choices.size()));
        for (std::size_t i = 0; i < unit.choices.size(); ++i) {
            unit.choices[i].cost += own.choices[i].cost;
            unit.choices[i].loss += own.choices[i].loss;
        }
    }
    return unit;
}

std::vector<std::size_t> all_of(std::size_t n) {
    std::vector<std::size_t> all(n);
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
}

std::size_t layer_of(const Unit& unit) { return std::stoul(unit.name.substr(unit.name.find('.') + 1)); }

}  // namespace

std::vector<std::size_t> kept_of(const ColumnRemoval& curve, std::size_t n, std::size_t kept) {
    std::vector<bool> gone(n, false);
    for (std::size_t i = 0; i < n - kept; ++i) gone[curve.order[i]] = true;
    std::vector<std::size_t> stays;
    for (std::size_t i = 0; i < n; ++i) {
        if (!gone[i]) stays.push_back(i);
    }
    return stays;
}

Result<std::vector<LayerCurves>> stock_curves(const WeightFile& file, const StockShape& shape,
                                              const StatisticsFile& statistics, const std::function<bool()>& abort,
                                              const std::function<void(double)>& done) {
    std::vector<LayerCurves> curves;
    for (std::size_t layer = 0; layer < shape.decoder.n_layer; ++layer) {
        if (abort && abort()) return fail(ErrorKind::Interrupted, "The curves were interrupted.", "");
        const auto moments = statistics.layer(layer);
        if (!moments) return tl::unexpected(moments.error());
        auto neurons = neuron_curve(file, shape, layer, *moments);
        if (!neurons) return tl::unexpected(neurons.error());
        auto groups = group_curve(file, shape, layer, *moments);
        if (!groups) return tl::unexpected(groups.error());
        curves.push_back({std::move(*neurons), std::move(*groups)});
        if (done) done(static_cast<double>(layer + 1) / static_cast<double>(shape.decoder.n_layer));
    }
    return curves;
}

std::vector<Unit> stock_units(const StockShape& shape, const std::vector<LayerCurves>& curves) {
    std::vector<Unit> units;
    if (!shape.uneven) {
        if (!curves.empty()) units.push_back(even_unit(shape, curves));
        return units;
    }
    for (std::size_t layer = 0; layer < curves.size(); ++layer) {
        if (!curves[layer].neurons.loss.empty()) units.push_back(neuron_unit(shape, layer, curves[layer].neurons));
        if (!curves[layer].groups.loss.empty()) units.push_back(group_unit(shape, layer, curves[layer].groups));
    }
    return units;
}

std::vector<LayerKeep> kept_by(const StockShape& shape, const std::vector<LayerCurves>& curves,
                               const std::vector<Unit>& units, const Allocation& allocation) {
    std::vector<LayerKeep> keep;
    keep.reserve(shape.decoder.n_layer);
    for (std::size_t layer = 0; layer < shape.decoder.n_layer; ++layer) {
        keep.push_back({all_of(shape.decoder.n_ff[layer]), all_of(shape.decoder.n_head_kv[layer])});
    }
    for (std::size_t layer = 0; !shape.uneven && layer < keep.size(); ++layer) {
        const std::size_t kept = units.front().choices[allocation.chosen.front()].size;
        keep[layer].neurons = kept_of(curves[layer].neurons, shape.decoder.n_ff[layer], kept);
    }
    for (std::size_t i = 0; shape.uneven && i < units.size(); ++i) {
        const Choice& choice = units[i].choices[allocation.chosen[i]];
        const std::size_t layer = layer_of(units[i]);
        if (choice.option == kNeurons) {
            keep[layer].neurons = kept_of(curves[layer].neurons, shape.decoder.n_ff[layer], choice.size);
        } else {
            keep[layer].groups = kept_of(curves[layer].groups, shape.decoder.n_head_kv[layer], choice.size);
        }
    }
    return keep;
}

}  // namespace landauer
