#include "compress/kernel_costs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <tuple>
#include <utility>

#include "compress/layer_types.h"

namespace landauer {
namespace {

constexpr std::size_t kKernelRows = 32;  // rows that llama.cpp's repacked and AMX kernels take together
constexpr std::array kShares = {0.125, 0.25, 0.5, 0.75};  // of the widest
constexpr std::array kRankShares = {0.1, 0.25, 0.5, 0.75, 0.95};

using LineKey = std::tuple<std::string, bool, std::size_t>;

double between(double x0, double y0, double x1, double y1, double x) {
    return x1 == x0 ? y0 : y0 + (y1 - y0) * (x - x0) / (x1 - x0);
}

// Beyond the ends the end's own segment goes on, below the first never under 0.
PassSeconds at_width(const std::vector<CostPoint>& points, double width) {
    if (points.empty() || width <= 0.0) return {};
    if (points.size() == 1) {
        const double share = width / static_cast<double>(points.front().width);
        return {points.front().seconds.decode * share, points.front().seconds.prefill * share};
    }
    std::size_t right = 1;
    while (right + 1 < points.size() && static_cast<double>(points[right].width) < width) ++right;
    const CostPoint& a = points[right - 1];
    const CostPoint& b = points[right];
    const auto of = [&](double PassSeconds::* pass) {
        return std::max(0.0, between(static_cast<double>(a.width), a.seconds.*pass, static_cast<double>(b.width),
                                     b.seconds.*pass, width));
    };
    return {of(&PassSeconds::decode), of(&PassSeconds::prefill)};
}

const CostLine* nearest_line(const std::vector<CostLine>& lines, const std::string& type, std::size_t rows,
                             std::size_t cols) {
    const CostLine* best = nullptr;
    std::tuple<bool, double> best_rank;
    for (const CostLine& line : lines) {
        if (line.points.empty()) continue;
        const double own = static_cast<double>(line.by_rows ? cols : rows);
        const std::tuple rank{line.type != type, std::abs(std::log(own / static_cast<double>(line.fixed)))};
        if (best != nullptr && rank >= best_rank) continue;
        best = &line;
        best_rank = rank;
    }
    return best;
}

std::size_t round_to(double value, std::size_t step) {
    return std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(value / static_cast<double>(step)))) * step;
}

// Noise may make a wider matrix look cheaper, and an allocation must not take it at its word.
void make_rising(std::vector<CostPoint>& points, double PassSeconds::* pass) {
    struct Run {
        double sum = 0.0;
        std::size_t n = 0;
        [[nodiscard]] double mean() const { return sum / static_cast<double>(n); }
    };
    std::vector<Run> runs;
    for (const CostPoint& point : points) {
        runs.push_back({point.seconds.*pass, 1});
        while (runs.size() > 1 && runs[runs.size() - 2].mean() > runs.back().mean()) {
            runs[runs.size() - 2].sum += runs.back().sum;
            runs[runs.size() - 2].n += runs.back().n;
            runs.pop_back();
        }
    }
    std::size_t i = 0;
    for (const Run& run : runs) {
        for (std::size_t k = 0; k < run.n; ++k) points[i++].seconds.*pass = run.mean();
    }
}

double spread_of(const std::vector<KernelTime>& times) {
    std::vector<double> spreads;
    spreads.reserve(times.size());
    for (const KernelTime& time : times) spreads.push_back((time.high - time.low) / (2.0 * time.seconds));
    return median_time(std::move(spreads)).seconds;
}

KernelShape shape_of(const CostLine& line, std::size_t width) {
    const auto fixed = static_cast<std::int64_t>(line.fixed);
    const auto free = static_cast<std::int64_t>(width);
    return {line.type, line.by_rows ? free : fixed, line.by_rows ? fixed : free};
}

}  // namespace

PassSeconds CostTable::seconds(const std::string& type, std::size_t rows, std::size_t cols) const {
    if (rows == 0 || cols == 0) return {};
    const CostLine* line = nearest_line(lines, type, rows, cols);
    if (line == nullptr) return {};
    return at_width(line->points,
                    static_cast<double>(rows) * static_cast<double>(cols) / static_cast<double>(line->fixed));
}

PassSeconds CostTable::seconds(const FactorForm& form, std::size_t rows, std::size_t cols) const {
    for (const ChainLine& line : chains) {
        if (line.rows != rows || line.cols != cols) continue;
        const FactorForm measured = factor_form(form.rank, cols, line.type);
        if (measured.r_type != form.r_type || measured.t_type != form.t_type) continue;
        return at_width(line.points, static_cast<double>(form.rank));
    }
    const PassSeconds r = seconds(form.r_type, form.rank, cols);
    const PassSeconds t = seconds(form.t_type, rows - form.rank, form.rank);
    return {r.decode + t.decode, r.prefill + t.prefill};
}

std::vector<CostLine> cost_lines(const StockShape& shape, const std::vector<std::string>& types) {
    std::map<LineKey, std::set<std::size_t>> widths;
    for (std::size_t layer = 0; layer < shape.layers.size(); ++layer) {
        for (const auto* matrices : {&shape.layers[layer].ffn, &shape.layers[layer].attention}) {
            for (const BlockMatrix& matrix : *matrices) {
                const auto fixed = matrix.by_rows ? matrix.cols : matrix.rows;
                const auto width = matrix.by_rows ? matrix.rows : matrix.cols;
                widths[{matrix.type, matrix.by_rows, fixed}].insert(width);
                for (const std::string& type : types) {
                    const std::string other = type_in_layer(type, matrix.part, layer, shape.layers.size(), matrix.cols);
                    widths[{other, matrix.by_rows, fixed}].insert(width);
                }
            }
        }
    }
    std::vector<CostLine> lines;
    for (auto& [key, own] : widths) {
        const auto& [type, by_rows, fixed] = key;
        const std::size_t step = by_rows ? kKernelRows : std::lcm(kKernelRows, block_values(type));
        const auto widest = static_cast<double>(*own.rbegin());
        for (const double share : kShares) {
            const std::size_t width = round_to(share * widest, step);
            if (static_cast<double>(width) < widest) own.insert(width);
        }
        CostLine line{type, by_rows, fixed, {}};
        for (const std::size_t width : own) line.points.push_back({width, {}});
        lines.push_back(std::move(line));
    }
    return lines;
}

std::vector<ChainLine> chain_lines(const StockShape& shape, const std::string& type) {
    std::set<std::pair<std::size_t, std::size_t>> sizes;
    for (const LayerMatrices& layer : shape.layers) {
        for (const auto* matrices : {&layer.ffn, &layer.attention}) {
            for (const BlockMatrix& matrix : *matrices) sizes.insert({matrix.rows, matrix.cols});
        }
    }
    std::vector<ChainLine> lines;
    for (const auto& [rows, cols] : sizes) {
        const std::size_t full = std::min(rows, cols);
        std::set<std::size_t> ranks;
        for (const double share : kRankShares) {
            const std::size_t rank = round_to(share * static_cast<double>(full), kKernelRows);
            if (rank < full) ranks.insert(rank);
        }
        if (ranks.empty()) continue;
        ChainLine line{type, rows, cols, {}};
        for (const std::size_t rank : ranks) line.points.push_back({rank, {}});
        lines.push_back(std::move(line));
    }
    return lines;
}

KernelShape head_shape(const WeightFile& file, const StockShape& shape) {
    const GgufTensor* head = file.find(shape.decoder.tied_head ? "token_embd.weight" : "output.weight");
    return {head == nullptr ? "f32" : head->type, static_cast<std::int64_t>(shape.decoder.n_vocab),
            static_cast<std::int64_t>(shape.decoder.n_embd), 1};
}

Result<CostTable> measure_costs(std::vector<CostLine> lines, std::vector<ChainLine> chains, const KernelShape& head,
                                const KernelSettings& settings, const std::function<bool()>& abort,
                                const std::function<void(double)>& done) {
    std::vector<KernelShape> shapes;
    std::vector<double*> places;  // that a time is added to
    const auto add = [&](KernelShape shape, PassSeconds& into) {
        for (const auto& [n_tokens, place] :
             {std::pair(std::int64_t{1}, &into.decode), {kPrefillTokens, &into.prefill}}) {
            shape.n_tokens = n_tokens;
            shapes.push_back(shape);
            places.push_back(place);
        }
    };
    for (CostLine& line : lines) {
        for (CostPoint& point : line.points) add(shape_of(line, point.width), point.seconds);
    }
    for (ChainLine& line : chains) {
        for (CostPoint& point : line.points) {
            const FactorForm form = factor_form(point.width, line.cols, line.type);
            const auto rank = static_cast<std::int64_t>(form.rank);
            add({form.r_type, rank, static_cast<std::int64_t>(line.cols)}, point.seconds);
            add({form.t_type, static_cast<std::int64_t>(line.rows) - rank, rank}, point.seconds);
        }
    }
    double head_seconds = 0.0;
    shapes.push_back(head);
    places.push_back(&head_seconds);
    const auto times = kernel_times(shapes, settings, abort, done);
    if (!times) return tl::unexpected(times.error());
    for (std::size_t i = 0; i < places.size(); ++i) *places[i] += (*times)[i].seconds;
    const auto rise = [](std::vector<CostPoint>& points) {
        make_rising(points, &PassSeconds::decode);
        make_rising(points, &PassSeconds::prefill);
    };
    for (CostLine& line : lines) rise(line.points);
    for (ChainLine& line : chains) rise(line.points);
    return CostTable{std::move(lines), std::move(chains), head_seconds, spread_of(*times)};
}

MatrixPrice time_price(CostTable table, PassWeights weights) {
    return [table = std::move(table), weights](const std::string& type, std::size_t rows, std::size_t cols) {
        const PassSeconds seconds = table.seconds(type, rows, cols);
        return weights.decode * seconds.decode + weights.prefill * seconds.prefill;
    };
}

FactorPrice time_price_of_factors(CostTable table, PassWeights weights) {
    return [table = std::move(table), weights](const FactorForm& form, std::size_t rows, std::size_t cols) {
        const PassSeconds seconds = table.seconds(form, rows, cols);
        return weights.decode * seconds.decode + weights.prefill * seconds.prefill;
    };
}

}  // namespace landauer
