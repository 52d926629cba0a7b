#include "compress/factor_curves.h"

#include <fmt/format.h>

#include <algorithm>

#include "compress/factor_form.h"
#include "compress/layer_types.h"
#include "compress/stock_units.h"

namespace landauer {
namespace {

// A rank is the columns of a factor: of whole blocks, but where a matrix is smaller than any that is worth it.
std::size_t rank_step(std::size_t widest) { return widest < 256 ? 8 : 32; }

// A matrix of a layer and what it may be stored as.
struct PartOptions {
    const GgufTensor& tensor;
    const LowRankCurve& curve;
    const std::vector<double>& type_losses;  // by type; empty: none are known
    FactorLoss factor_loss;
    std::size_t layer = 0;
    std::size_t part = 0;
};

// Keeping a matrix, dearest first: as it is, in other types, then at ranks that cost less. A choice has its type as
// `option` (0: the matrix's own) and its rank as `size`.
std::vector<Choice> part_choices(const StockShape& shape, const FactorOptions& options, const PartOptions& of) {
    const auto cols = static_cast<std::size_t>(of.tensor.shape.front());
    const std::size_t rows = of.tensor.elements / cols;
    std::vector<Choice> choices = {{shape.price(of.tensor.type, rows, cols), 0.0, 0, 0}};
    for (std::size_t t = 0; t < of.type_losses.size(); ++t) {
        const std::string type =
            type_in_layer(options.types.types[t], kFactorParts[of.part], of.layer, shape.decoder.n_layer, cols);
        choices.push_back({shape.price(type, rows, cols), of.type_losses[t], t + 1, 0});
    }
    const std::size_t full = of.curve.tail.size() - 1;
    const std::size_t step = rank_step(std::max(rows, cols));
    for (std::size_t rank = full - (full % step == 0 ? step : full % step); rank > 0; rank -= std::min(rank, step)) {
        const double cost = shape.factor_price(factor_form(rank, cols, options.type), rows, cols);
        choices.push_back({cost, of.curve.tail[rank] + of.factor_loss.at(rank), 0, rank});
    }
    std::vector<Choice> best = {choices.front()};  // not on the hull where another choice loses nothing at all
    for (const std::size_t i : hull(choices)) {
        if (i > 0 && choices[i].cost < best.front().cost) best.push_back(choices[i]);
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

using PartChoices = std::array<std::vector<Choice>, kFactorParts.size()>;

// `beside`: what the unit costs beside its matrices, whatever their ranks.
void add_rank_ways(const PartChoices& choices, std::size_t kept, double beside, Unit& unit,
                   std::vector<FactorWay>& ways) {
    std::vector<RankStep> steps;
    FactorWay way{kept, {}, {}};
    Choice sum;
    sum.cost = beside;
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
        way.types[step.part] = step.to->option;
        add();
    }
}

// One half of a layer: what its columns lose, by how many go, and what they cost in a type.
struct Half {
    std::size_t n = 0;
    std::size_t step = 1;
    double beside = 0.0;  // what it costs beside its matrices
    const ColumnRemoval& curve;
    double times = 1.0;                      // its loss, of the prediction
    const std::vector<double>& type_losses;  // of all of it
    std::function<double(std::size_t kept, const std::string& type)> price;
};

void add_column_ways(const Half& half, const TypeLosses& types, Unit& unit, std::vector<FactorWay>& ways) {
    for (std::size_t removed = 1; removed < half.curve.loss.size(); ++removed) {
        const std::size_t kept = half.n - removed;
        if (kept % half.step != 0) continue;
        for (std::size_t t = 0; t <= half.type_losses.size(); ++t) {
            double loss = half.times * half.curve.loss[removed];
            if (t > 0) loss += half.type_losses[t - 1] * static_cast<double>(kept) / static_cast<double>(half.n);
            unit.choices.push_back({half.price(kept, t == 0 ? "" : types.types[t - 1]), loss, 0, ways.size()});
            FactorWay way{kept, {}, {}};
            way.types.fill(t);
            ways.push_back(way);
        }
    }
}

// Choices that lie above the hull only cost time where there are many.
void keep_hull(Unit& unit) {
    std::vector<Choice> best = {unit.choices.front()};
    for (const std::size_t i : hull(unit.choices)) {
        if (i > 0) best.push_back(unit.choices[i]);
    }
    unit.choices = std::move(best);
}

}  // namespace

std::size_t pivoted_values(std::size_t rows, std::size_t cols, std::size_t rank) {
    return std::min(rows * cols, rank * (rows + cols - rank) + rank);
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
                         const std::vector<RankCurves>& ranks, const FactorOptions& options) {
    FactorUnits out;
    out.types.emplace_back();
    out.types.insert(out.types.end(), options.types.types.begin(), options.types.types.end());
    const LayerTypeLoss unknown;
    for (std::size_t layer = 0; layer < ranks.size(); ++layer) {
        const LayerTypeLoss& losses = options.types.layers.empty() ? unknown : options.types.layers[layer];
        PartChoices attention;
        PartChoices ffn;
        for (std::size_t part = 0; part < kFactorParts.size(); ++part) {
            const GgufTensor* tensor = file.find(block_tensor(layer, kFactorParts[part]));
            if (tensor == nullptr || ranks[layer][part].tail.empty()) continue;
            const FactorLoss extra = options.losses.empty() ? FactorLoss{} : options.losses[layer][part];
            (part < kAttentionParts ? attention : ffn)[part] =
                part_choices(shape, options, {*tensor, ranks[layer][part], losses.parts[part], extra, layer, part});
        }
        const auto add = [&](std::string_view name, const PartChoices& choices, const Half& half) {
            if (half.n == 0) return;
            Unit unit{fmt::format("blk.{}.{}", layer, name), {}};
            std::vector<FactorWay> ways;
            add_rank_ways(choices, half.n, half.beside, unit, ways);
            if (shape.uneven) add_column_ways(half, options.types, unit, ways);
            keep_hull(unit);
            out.units.push_back(std::move(unit));
            out.ways.push_back(std::move(ways));
        };
        const double heads =
            shape.head_price * static_cast<double>(shape.decoder.n_head_kv[layer] * shape.query_heads(layer));
        add("attention", attention,
            {shape.decoder.n_head_kv[layer], 1, heads, columns[layer].groups, kHeadLoss, losses.attention,
             [&](std::size_t kept, const std::string& type) { return shape.attention_cost(layer, kept, type); }});
        add("ffn", ffn,
            {shape.decoder.n_ff[layer], shape.layers[layer].neuron_step, 0.0, columns[layer].neurons, 1.0, losses.ffn,
             [&](std::size_t kept, const std::string& type) { return shape.ffn_cost(layer, kept, type); }});
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
        // A half that becomes narrower takes one type, which its rows then decide on; else each matrix has its own.
        const auto take = [&](const FactorWay& way, std::size_t n, std::size_t first, std::size_t end) {
            for (std::size_t part = first; part < end; ++part) {
                kept.ranks[part] = way.ranks[part];
                if (way.kept == n) kept.types[part] = units.types[way.types[part]];
            }
            return way.kept == n ? std::string() : units.types[way.types[first]];
        };
        kept.keep.groups.clear();
        if (const std::size_t n = shape.decoder.n_head_kv[layer]; n > 0) {
            const FactorWay& way = chosen();
            kept.keep.groups = kept_of(columns[layer].groups, n, way.kept);
            kept.keep.attention_type = take(way, n, 0, kAttentionParts);
        }
        if (const std::size_t n = shape.decoder.n_ff[layer]; n > 0) {
            const FactorWay& way = chosen();
            kept.keep.neurons = kept_of(columns[layer].neurons, n, way.kept);
            kept.keep.ffn_type = take(way, n, kAttentionParts, kFactorParts.size());
        }
    }
    return layers;
}

}  // namespace landauer
