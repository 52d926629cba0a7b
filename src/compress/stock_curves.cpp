#include "compress/stock_curves.h"

#include <fmt/format.h>

#include <algorithm>

#include "compress/methods/pivots.h"

namespace landauer {
namespace {

// Above it the surgeon takes minutes a layer.
constexpr std::size_t kWide = 6000;

Result<MatrixF> matrix_of(const WeightFile& file, const std::string& name, std::size_t rows, std::size_t cols) {
    MatrixF matrix(rows, cols);
    if (auto read = file.read(name, 0, matrix.values()); !read) return tl::unexpected(read.error());
    return matrix;
}

Result<void> add_neurons(const WeightFile& file, const StockShape& shape, std::size_t layer,
                         const LayerStatistics& moments, LayerCurves& curves) {
    const std::size_t n_ff = shape.decoder.n_ff[layer];
    if (n_ff == 0) return {};
    auto down = matrix_of(file, block_tensor(layer, "ffn_down"), shape.decoder.n_embd, n_ff);
    if (!down) return tl::unexpected(down.error());
    ColumnSettings settings;
    settings.keep_at_least = 0;
    auto curve = n_ff > kWide ? plan_pivots(*down, moments.ffn_down, moments.grad_down, settings)
                              : plan_columns(*down, moments.ffn_down, moments.grad_down, settings);
    if (!curve) return tl::unexpected(curve.error());
    curves.neurons = std::move(*curve);
    return {};
}

Result<void> add_groups(const WeightFile& file, const StockShape& shape, std::size_t layer,
                        const LayerStatistics& moments, LayerCurves& curves) {
    const std::size_t columns = shape.decoder.n_head[layer] * shape.decoder.head_dim;
    if (columns == 0 || shape.decoder.n_head_kv[layer] == 0) return {};
    auto o = matrix_of(file, block_tensor(layer, "attn_output"), shape.decoder.n_embd, columns);
    if (!o) return tl::unexpected(o.error());
    ColumnSettings settings;
    settings.group = shape.group_columns(layer);
    settings.at_once = 1;
    settings.keep_at_least = layer == 0 ? 1 : 0;  // llama.cpp reads the model's shape off layer 0
    auto curve = plan_columns(*o, moments.attn_out, moments.grad_o, settings);
    if (!curve) return tl::unexpected(curve.error());
    curves.groups = std::move(*curve);
    return {};
}

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
        LayerCurves& own = curves.emplace_back();
        if (auto added = add_neurons(file, shape, layer, *moments, own); !added) return tl::unexpected(added.error());
        if (auto added = add_groups(file, shape, layer, *moments, own); !added) return tl::unexpected(added.error());
        if (done) done(static_cast<double>(layer + 1) / static_cast<double>(shape.decoder.n_layer));
    }
    return curves;
}

}  // namespace landauer
