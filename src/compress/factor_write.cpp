#include "compress/factor_write.h"

#include <algorithm>
#include <optional>

#include "compress/layer_types.h"
#include "compress/stock_write.h"

namespace landauer {
namespace {

// Which of the kFactorParts a tensor is: its size where it is none.
std::size_t part_index(const BlockPart& place) {
    const auto same = [&](std::string_view part) { return place.part == std::string(part) + ".weight"; };
    return static_cast<std::size_t>(std::find_if(kFactorParts.begin(), kFactorParts.end(), same) -
                                    kFactorParts.begin());
}

class FactorSolver {
   public:
    FactorSolver(const WeightFile& source, const std::vector<LayerFactors>& layers, const StatisticsFile& statistics)
        : source_(source), layers_(layers), statistics_(statistics) {}

    [[nodiscard]] std::size_t rank_of(const GgufTensor& tensor) const {
        const auto place = block_part(tensor.name);
        if (!place || place->layer >= layers_.size()) return 0;
        const std::size_t part = part_index(*place);
        return part < kFactorParts.size() ? layers_[place->layer].ranks[part] : 0;
    }

    // What a whole matrix is stored in; empty: its own type.
    [[nodiscard]] std::string type_of(const GgufTensor& tensor) const {
        const auto place = block_part(tensor.name);
        if (!place || place->layer >= layers_.size()) return {};
        const std::size_t part = part_index(*place);
        if (part >= kFactorParts.size()) return {};
        const std::string& type = layers_[place->layer].types[part];
        const auto columns = static_cast<std::size_t>(tensor.shape.front());
        return type.empty() ? type : type_in_layer(type, kFactorParts[part], place->layer, layers_.size(), columns);
    }

    Result<PivotedFactors> solve(const GgufTensor& tensor) {
        const BlockPart place = block_part(tensor.name).value_or(BlockPart{});
        if (loaded_ != place.layer) {
            auto read = statistics_.layer(place.layer);
            if (!read) return tl::unexpected(read.error());
            moments_ = std::move(*read);
            loaded_ = place.layer;
        }
        return solve_factors(source_, statistics_.info(), moments_, place.layer, part_index(place), rank_of(tensor));
    }

    Result<MatrixF> make(const GgufTensor& tensor) {
        const auto factors = solve(tensor);
        if (!factors) return tl::unexpected(factors.error());
        return expand(*factors);
    }

   private:
    const WeightFile& source_;
    const std::vector<LayerFactors>& layers_;
    const StatisticsFile& statistics_;
    std::optional<std::size_t> loaded_;
    LayerStatistics moments_;
};

std::vector<LayerKeep> keeps_of(const std::vector<LayerFactors>& layers) {
    std::vector<LayerKeep> keep;
    keep.reserve(layers.size());
    for (const LayerFactors& layer : layers) keep.push_back(layer.keep);
    return keep;
}

}  // namespace

Result<PivotedFactors> solve_factors(const WeightFile& file, const StatisticsInfo& info, const LayerStatistics& moments,
                                     std::size_t layer, std::size_t part, std::size_t rank) {
    const auto metric = part_metric(file, info, moments, layer, part);
    if (!metric) return tl::unexpected(metric.error());
    return truncate(metric->weights, *metric->c, *metric->g, rank, {});
}

Result<std::uint64_t> write_expanded(const WeightFile& source, const StockShape& shape,
                                     const std::vector<LayerFactors>& layers, const StatisticsFile& statistics,
                                     const Making& making, const std::string& type, const std::filesystem::path& out,
                                     const std::function<bool()>& abort, const std::function<void(double)>& done) {
    FactorSolver solver(source, layers, statistics);
    Rewriting rewriting;
    rewriting.type = type;
    rewriting.changes = [&](const GgufTensor& tensor) { return solver.rank_of(tensor) > 0; };
    rewriting.make = [&](const GgufTensor& tensor) { return solver.make(tensor); };
    return write_stock(source, shape, keeps_of(layers), statistics, making, out, abort, done, &rewriting);
}

Result<std::uint64_t> write_factors(const WeightFile& source, const StockShape& shape,
                                    const std::vector<LayerFactors>& layers, const StatisticsFile& statistics,
                                    const Making& making, const std::string& type, const std::filesystem::path& out,
                                    const std::function<bool()>& abort, const std::function<void(double)>& done) {
    FactorSolver solver(source, layers, statistics);
    Rewriting rewriting;
    rewriting.changes = [&](const GgufTensor& tensor) { return solver.rank_of(tensor) > 0; };
    rewriting.type_of = [&](const GgufTensor& tensor) { return solver.type_of(tensor); };
    rewriting.solve = [&](const GgufTensor& tensor) { return solver.solve(tensor); };
    rewriting.form = [&](const GgufTensor& tensor) {
        const std::size_t rank = solver.rank_of(tensor);
        return rank == 0 ? FactorForm{} : factor_form(rank, static_cast<std::size_t>(tensor.shape.front()), type);
    };
    return write_stock(source, shape, keeps_of(layers), statistics, making, out, abort, done, &rewriting);
}

}  // namespace landauer
