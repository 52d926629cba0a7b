#include "compress/methods/pivots.h"

#include <algorithm>
#include <cmath>

#include "compress/methods/metric.h"
#include "tensor/decompose.h"
#include "tensor/products.h"

// With the columns in the order in which they are kept, H = L L^T. Of the last k the others cannot foretell
// H_RR - H_RS (H_SS)^-1 H_SR = L_RR L_RR^T, the corner of L, so that taking them costs 1/2 |D_R L_RR|^2 with D = Lg^T
// W: the last k columns of D L, for every k at once.

namespace landauer {
namespace {

constexpr std::size_t kPanel = 512;

// Rows are W's columns.
Result<MatrixD> in_metric(const MatrixD& w, const MatrixD& g, double ridge) {
    if (g.empty()) return transposed(w);
    const auto root = metric_root(g, w.rows(), ridge, "moments of the gradients");
    if (!root) return tl::unexpected(root.error());
    return product(w, Turn::Yes, *root, Turn::No);
}

std::vector<double> lengths(const MatrixD& d) {
    std::vector<double> out(d.rows());
    double longest = 0.0;
    for (std::size_t i = 0; i < d.rows(); ++i) {
        for (const double v : d.row(i)) out[i] += v * v;
        out[i] = std::sqrt(out[i]);
        longest = std::max(longest, out[i]);
    }
    // What weighs nothing is kept last, but must not make the matrix singular.
    for (double& length : out) length = std::max(length, longest > 0.0 ? 1e-6 * longest : 1.0);
    return out;
}

// |column j of D L|^2 for each j, of which only the rows from j on count.
std::vector<double> squared_columns(const MatrixD& lower, const MatrixD& d) {
    const std::size_t n = lower.rows();
    std::vector<double> out(n);
    for (std::size_t first = 0; first < n; first += kPanel) {
        const std::size_t width = std::min(kPanel, n - first);
        const MatrixD panel = product(MatrixView<const double>(lower).part(first, first, n - first, width), Turn::Yes,
                                      MatrixView<const double>(d).part(first, 0, n - first, d.cols()), Turn::No);
        for (std::size_t j = 0; j < width; ++j) {
            for (const double v : panel.row(j)) out[first + j] += v * v;
        }
    }
    return out;
}

}  // namespace

Result<ColumnRemoval> plan_pivots(const MatrixF& weights, const MatrixD& c, const MatrixD& g,
                                  const ColumnSettings& settings) {
    const auto w = exact_weights(weights);
    if (!w) return tl::unexpected(w.error());
    const std::size_t n = weights.cols();
    auto h = with_ridge(c, n, settings.ridge_input, "moments of the inputs");
    if (!h) return tl::unexpected(h.error());
    const auto d = in_metric(*w, g, settings.ridge_gradient);
    if (!d) return tl::unexpected(d.error());
    const std::vector<double> weight = lengths(*d);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) (*h)(i, j) *= weight[i] * weight[j];
    }
    auto factor = pivoted_cholesky(std::move(*h));
    if (!factor) return tl::unexpected(factor.error());
    const std::vector<std::size_t>& kept = factor->order;
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j <= i; ++j) factor->lower(i, j) /= weight[kept[i]];
    }
    const std::vector<double> squared = squared_columns(factor->lower, rows_of(*d, kept));
    ColumnRemoval out;
    out.loss.push_back(0.0);
    for (std::size_t j = n; j > settings.keep_at_least; --j) {
        out.order.push_back(kept[j - 1]);
        out.loss.push_back(out.loss.back() + 0.5 * squared[j - 1]);
    }
    return out;
}

}  // namespace landauer
