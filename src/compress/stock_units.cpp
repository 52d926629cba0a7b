#include "compress/stock_units.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace landauer {
namespace {

// One way of keeping half a layer.
struct Half {
    Choice choice;
    std::size_t kept = 0;
    std::size_t type = 0;
};

class Units {
   public:
    Units(const StockShape& shape, const std::vector<LayerCurves>& curves, const TypeLosses& losses,
          const StockWays& ways, StockUnits& out)
        : shape_(shape), curves_(curves), losses_(losses), ways_(ways), out_(out) {}

    void uneven() {
        for (std::size_t layer = 0; layer < curves_.size(); ++layer) {
            begin(fmt::format("blk.{}", layer));
            const auto ffn = hull_of(ffn_halves(layer));
            for (const Half& attention : hull_of(attention_halves(layer))) {
                for (const Half& half : ffn) add(half, attention);
            }
            if (ways_.layers && layer > 0 && shape_.decoder.n_ff[layer] > 0) add_gone(layer);
        }
    }

    // All layers at one width and in one type, which is what the narrowest can be had at.
    void even() {
        begin("all layers");
        std::vector<Half> sum = ffn_halves(0);
        for (std::size_t layer = 1; layer < curves_.size(); ++layer) {
            const auto own = ffn_halves(layer);
            std::erase_if(sum, [&](const Half& half) { return find(own, half) == nullptr; });
            for (Half& half : sum) add_to(half, find(own, half)->choice);
        }
        for (Half& half : sum) {
            for (std::size_t layer = 0; layer < curves_.size(); ++layer) {
                add_to(half, attention_half(layer, shape_.decoder.n_head_kv[layer], half.type).choice);
            }
            add(half, {{}, shape_.decoder.n_head_kv.front(), half.type});
        }
    }

    // All layers as wide as they are, or gone.
    void depth() {
        for (std::size_t layer = 0; layer < curves_.size(); ++layer) {
            begin(fmt::format("blk.{}", layer));
            for (std::size_t type = first_type(); type < out_.types.size(); ++type) {
                add(ffn_half(layer, shape_.decoder.n_ff[layer], type),
                    attention_half(layer, shape_.decoder.n_head_kv[layer], type));
            }
            if (layer > 0) add_gone(layer);
        }
    }

   private:
    [[nodiscard]] std::size_t first_type() const { return ways_.own_types ? 0 : 1; }

    void begin(std::string name) {
        out_.units.push_back({std::move(name), {}});
        out_.ways.emplace_back();
    }

    void add(const Half& ffn, const Half& attention) {
        Choice choice{ffn.choice.cost + attention.choice.cost, ffn.choice.loss + attention.choice.loss, 0,
                      out_.ways.back().size()};
        out_.units.back().choices.push_back(choice);
        out_.ways.back().push_back({ffn.kept, attention.kept, ffn.type, attention.type});
    }

    void add_gone(std::size_t layer) {
        const LayerCurves& curves = curves_[layer];
        double loss = curves.neurons.loss.back();
        if (!curves.groups.loss.empty()) loss += kHeadLoss * curves.groups.loss.back();
        out_.units.back().choices.push_back({0.0, loss, 0, out_.ways.back().size()});
        out_.ways.back().push_back({});
    }

    [[nodiscard]] Half ffn_half(std::size_t layer, std::size_t kept, std::size_t type) const {
        const std::size_t n = shape_.decoder.n_ff[layer];
        const std::string& name = out_.types[type];
        Half half{{shape_.ffn_cost(layer, kept, name), 0.0, 0, 0}, kept, type};
        if (n == 0) return half;
        half.choice.loss = curves_[layer].neurons.loss[n - kept];
        if (type > 0) half.choice.loss += losses_.layers[layer].ffn[type - 1] * share(kept, n);
        return half;
    }

    [[nodiscard]] Half attention_half(std::size_t layer, std::size_t kept, std::size_t type) const {
        const std::size_t n = shape_.decoder.n_head_kv[layer];
        const std::string& name = out_.types[type];
        Half half{{shape_.attention_cost(layer, kept, name), 0.0, 0, 0}, kept, type};
        if (n == 0) return half;
        if (kept < n) half.choice.loss = kHeadLoss * curves_[layer].groups.loss[n - kept];
        if (type > 0) half.choice.loss += losses_.layers[layer].attention[type - 1] * share(kept, n);
        return half;
    }

    [[nodiscard]] std::vector<Half> ffn_halves(std::size_t layer) const {
        std::vector<Half> halves;
        const std::size_t n = shape_.decoder.n_ff[layer];
        const std::size_t step = shape_.layers[layer].neuron_step;
        for (std::size_t type = first_type(); type < out_.types.size(); ++type) {
            halves.push_back(ffn_half(layer, n, type));
            for (std::size_t kept = n == 0 ? 0 : (n - 1) / step * step; ways_.neurons && kept > 0; kept -= step) {
                if (n - kept >= curves_[layer].neurons.loss.size()) break;
                halves.push_back(ffn_half(layer, kept, type));
            }
        }
        return halves;
    }

    [[nodiscard]] std::vector<Half> attention_halves(std::size_t layer) const {
        std::vector<Half> halves;
        const std::size_t n = shape_.decoder.n_head_kv[layer];
        for (std::size_t type = first_type(); type < out_.types.size(); ++type) {
            halves.push_back(attention_half(layer, n, type));
            for (std::size_t removed = 1; ways_.heads && removed < curves_[layer].groups.loss.size(); ++removed) {
                if (removed == n && type > first_type()) break;  // nothing is left that has a type
                halves.push_back(attention_half(layer, n - removed, type));
            }
        }
        return halves;
    }

    // Those on the lower convex hull: no sum with another half needs the others.
    static std::vector<Half> hull_of(const std::vector<Half>& halves) {
        std::vector<Choice> choices(halves.size());
        std::transform(halves.begin(), halves.end(), choices.begin(), [](const Half& half) { return half.choice; });
        std::vector<Half> best;
        for (const std::size_t i : hull(choices)) best.push_back(halves[i]);
        if (best.front().kept != halves.front().kept || best.front().type != halves.front().type) {
            best.insert(best.begin(), halves.front());  // what is dead or dearer goes, but may stay
        }
        return best;
    }

    static const Half* find(const std::vector<Half>& halves, const Half& like) {
        const auto found = std::find_if(halves.begin(), halves.end(), [&](const Half& half) {
            return half.kept == like.kept && half.type == like.type;
        });
        return found == halves.end() ? nullptr : &*found;
    }

    static void add_to(Half& half, const Choice& more) {
        half.choice.cost += more.cost;
        half.choice.loss += more.loss;
    }

    static double share(std::size_t kept, std::size_t n) { return static_cast<double>(kept) / static_cast<double>(n); }

    const StockShape& shape_;
    const std::vector<LayerCurves>& curves_;
    const TypeLosses& losses_;
    const StockWays& ways_;
    StockUnits& out_;
};

std::vector<std::size_t> all_of(std::size_t n) {
    std::vector<std::size_t> all(n);
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
}

}  // namespace

Result<StockUnits> stock_units(const StockShape& shape, const std::vector<LayerCurves>& curves,
                               const TypeLosses& losses, const StockWays& ways) {
    StockUnits out;
    out.types.emplace_back();
    out.types.insert(out.types.end(), losses.types.begin(), losses.types.end());
    Units units(shape, curves, losses, ways, out);
    if (shape.uneven) {
        units.uneven();
    } else if (ways.neurons) {
        units.even();
    } else if (ways.layers) {
        units.depth();
    } else {
        return fail(ErrorKind::Invalid,
                    fmt::format("llama.cpp runs {} with all its heads only.", shape.decoder.architecture),
                    "Take neurons or whole layers away: --ways neurons, or --ways layers.");
    }
    return out;
}

std::vector<LayerKeep> kept_by(const StockShape& shape, const std::vector<LayerCurves>& curves, const StockUnits& units,
                               const Allocation& allocation) {
    std::vector<LayerKeep> keep(shape.decoder.n_layer);
    for (std::size_t layer = 0; layer < keep.size(); ++layer) {
        const std::size_t u = units.units.size() == 1 ? 0 : layer;
        const StockWay& way = units.ways[u][units.units[u].choices[allocation.chosen[u]].size];
        const std::size_t n_ff = shape.decoder.n_ff[layer];
        const std::size_t n_groups = shape.decoder.n_head_kv[layer];
        LayerKeep& stays = keep[layer];
        stays.ffn_type = units.types[way.ffn_type];
        stays.attention_type = units.types[way.attention_type];
        if (way.neurons == 0 && n_ff > 0) continue;  // gone whole
        stays.neurons = way.neurons == n_ff ? all_of(n_ff) : kept_of(curves[layer].neurons, n_ff, way.neurons);
        stays.groups = way.groups == n_groups ? all_of(n_groups) : kept_of(curves[layer].groups, n_groups, way.groups);
    }
    return keep;
}

}  // namespace landauer
