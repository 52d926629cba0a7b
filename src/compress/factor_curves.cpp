#include "compress/factor_curves.h"

#include <fmt/format.h>

#include <algorithm>

#include "compress/moments.h"

namespace landauer {
namespace {

// A rank is the columns of a factor: of whole blocks, but where a matrix is smaller than any that is worth it.
std::size_t rank_step(std::size_t widest) { return widest < 256 ? 8 : 32; }

const MatrixD& gradients_of(const LayerStatistics& moments, std::size_t part) {
    const std::array<const MatrixD*, kFactorParts.size()> all = {
        &moments.grad_q,    &moments.grad_k,  &moments.grad_v,   &moments.grad_o,
        &moments.grad_gate, &moments.grad_up, &moments.grad_down};
    return *all[part];
}

// Keeping a matrix, dearest first: as it is, then at ranks that cost less.
std::vector<Choice> rank_choices(const GgufTensor& tensor, const LowRankCurve& curve, double price) {
    const auto cols = static_cast<std::size_t>(tensor.shape.front());
    const std::size_t rows = tensor.elements / cols;
    std::vector<Choice> choices = {{price * static_cast<double>(rows * cols), 0.0, 0, 0}};
    const std::size_t full = curve.tail.size() - 1;
    const std::size_t step = rank_step(std::max(rows, cols));
    for (std::size_t rank = full - (full % step == 0 ? step : full % step); rank > 0; rank -= std::min(rank, step)) {
        const double cost = price * static_cast<double>(pivoted_values(rows, cols, rank));
        choices.push_back({cost, curve.tail[rank], 0, rank});
    }
    std::vector<Choice> best = {choices.front()};  // not on the hull where a lower rank loses nothing at all
    for (const std::size_t i : hull(choices)) {
        if (i > 0) best.push_back(choices[i]);
    }
    return best;
}

// The matrices' hulls added up: the steps of all in the order of what they lose for what they save.
struct RankStep {
    double slope = 0.0;
    std::size_t part = 0;
    const Choice* from = nullptr;
    const Choice* to = nullptr;
};

void add_rank_ways(const std::array<std::vector<Choice>, kFactorParts.size()>& choices, std::size_t kept, Unit& unit,
                   std::vector<FactorWay>& ways) {
    std::vector<RankStep> steps;
    FactorWay way{kept, {}};
    Choice sum;
    for (std::size_t part = 0; part < choices.size(); ++part) {
        for (std::size_t i = 0; i + 1 < choices[part].size(); ++i) {
            const Choice* from = &choices[part][i];
            const Choice* to = from + 1;
            steps.push_back({(to->loss - from->loss) / (from->cost - to->cost), part, from, to});
        }
        if (!choices[part].empty()) sum.cost += choices[part].front().cost;
    }
    std::stable_sort(steps.begin(), steps.end(),
                     [](const RankStep& a, const RankStep& b) { return a.slope < b.slope; });
    const auto add = [&] {
        sum.size = ways.size();
        unit.choices.push_back(sum);
        ways.push_back(way);
    };
    add();
    for (const RankStep& step : steps) {
        sum.cost -= step.from->cost - step.to->cost;
        sum.loss += step.to->loss - step.from->loss;
        way.ranks[step.part] = step.to->size;
        add();
    }
}

void add_column_ways(const ColumnRemoval& curve, std::size_t n, std::size_t step,
                     const std::function<double(std::size_t)>& price, Unit& unit, std::vector<FactorWay>& ways) {
    for (std::size_t removed = 1; removed < curve.loss.size(); ++removed) {
        const std::size_t kept = n - removed;
        if (kept % step != 0) continue;
        unit.choices.push_back({price(kept), curve.loss[removed], 0, ways.size()});
        ways.push_back({kept, {}});
    }
}

}  // namespace

std::size_t pivoted_values(std::size_t rows, std::size_t cols, std::size_t rank) {
    return std::min(rows * cols, rank * (rows + cols - rank) + rank);
}

Result<PartMetric> part_metric(const WeightFile& file, const StatisticsInfo& info, const LayerStatistics& moments,
                               std::size_t layer, std::size_t part) {
    const std::string name = block_tensor(layer, kFactorParts[part]);
    const GgufTensor* tensor = file.find(name);
    if (tensor == nullptr) return PartMetric{};
    if (!info.all_gradients) {
        return fail(ErrorKind::Invalid,
                    "These statistics have the gradients that stock shapes need, not of all matrices.",
                    "Leave --statistics out: they are collected anew.");
    }
    const auto cols = static_cast<std::size_t>(tensor->shape.front());
    PartMetric out{MatrixF(tensor->elements / cols, cols), &(moments.*input_of(kFactorParts[part])),
                   &gradients_of(moments, part)};
    if (auto read = file.read(name, 0, out.weights.values()); !read) return tl::unexpected(read.error());
    return out;
}

Result<std::vector<RankCurves>> rank_curves(const WeightFile& file, const StockShape& shape,
                                            const StatisticsFile& statistics, const std::function<bool()>& abort,
                                            const std::function<void(double)>& done) {
    std::vector<RankCurves> curves(shape.decoder.n_layer);
    for (std::size_t layer = 0; layer < curves.size(); ++layer) {
        const auto moments = statistics.layer(layer);
        if (!moments) return tl::unexpected(moments.error());
        for (std::size_t part = 0; part < kFactorParts.size(); ++part) {
            if (abort && abort()) return fail(ErrorKind::Interrupted, "The curves were interrupted.", "");
            const auto metric = part_metric(file, statistics.info(), *moments, layer, part);
            if (!metric) return tl::unexpected(metric.error());
            if (metric->weights.empty()) continue;
            auto curve = plan_low_rank(metric->weights, *metric->c, *metric->g, {});
            if (!curve) return tl::unexpected(curve.error());
            curves[layer][part] = std::move(*curve);
        }
        if (done) done(static_cast<double>(layer + 1) / static_cast<double>(curves.size()));
    }
    return curves;
}

FactorUnits factor_units(const WeightFile& file, const StockShape& shape, const std::vector<LayerCurves>& columns,
                         const std::vector<RankCurves>& ranks) {
    FactorUnits out;
    for (std::size_t layer = 0; layer < ranks.size(); ++layer) {
        std::array<std::vector<Choice>, kFactorParts.size()> attention;
        std::array<std::vector<Choice>, kFactorParts.size()> ffn;
        for (std::size_t part = 0; part < kFactorParts.size(); ++part) {
            const GgufTensor* tensor = file.find(block_tensor(layer, kFactorParts[part]));
            if (tensor == nullptr || ranks[layer][part].tail.empty()) continue;
            const double values = static_cast<double>(tensor->elements);
            const auto cols = static_cast<std::size_t>(tensor->shape.front());
            const double price = shape.price(tensor->type, tensor->elements / cols, cols) / values;
            (part < kAttentionParts ? attention : ffn)[part] = rank_choices(*tensor, ranks[layer][part], price);
        }
        const auto add = [&](std::string_view name, const auto& choices, std::size_t n, const ColumnRemoval& curve,
                             std::size_t step, const std::function<double(std::size_t)>& price) {
            if (n == 0) return;
            Unit unit{fmt::format("blk.{}.{}", layer, name), {}};
            std::vector<FactorWay> ways;
            add_rank_ways(choices, n, unit, ways);
            if (shape.uneven) add_column_ways(curve, n, step, price, unit, ways);
            out.units.push_back(std::move(unit));
            out.ways.push_back(std::move(ways));
        };
        add("attention", attention, shape.decoder.n_head_kv[layer], columns[layer].groups, 1,
            [&](std::size_t kept) { return shape.attention_cost(layer, kept); });
        add("ffn", ffn, shape.decoder.n_ff[layer], columns[layer].neurons, shape.layers[layer].neuron_step,
            [&](std::size_t kept) { return shape.ffn_cost(layer, kept); });
    }
    return out;
}

std::vector<LayerFactors> factors_by(const StockShape& shape, const std::vector<LayerCurves>& columns,
                                     const FactorUnits& units, const Allocation& allocation) {
    std::vector<LayerFactors> layers(shape.decoder.n_layer);
    std::size_t unit = 0;
    const auto chosen = [&]() -> const FactorWay& {
        const Choice& choice = units.units[unit].choices[allocation.chosen[unit]];
        return units.ways[unit++][choice.size];
    };
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        LayerFactors& kept = layers[layer];
        kept.keep.groups.clear();
        if (const std::size_t n = shape.decoder.n_head_kv[layer]; n > 0) {
            const FactorWay& way = chosen();
            kept.keep.groups = kept_of(columns[layer].groups, n, way.kept);
            std::copy_n(way.ranks.begin(), kAttentionParts, kept.ranks.begin());
        }
        if (const std::size_t n = shape.decoder.n_ff[layer]; n > 0) {
            const FactorWay& way = chosen();
            kept.keep.neurons = kept_of(columns[layer].neurons, n, way.kept);
            std::copy(way.ranks.begin() + kAttentionParts, way.ranks.end(), kept.ranks.begin() + kAttentionParts);
        }
    }
    return layers;
}

}  // namespace landauer
