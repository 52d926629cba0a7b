#include "compress/methods/low_rank.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "compress/methods/metric.h"
#include "tensor/decompose.h"
#include "tensor/products.h"

namespace landauer {
namespace {

// Where squared singular values fall further than this below the largest, their vectors are not to be had from a Gram
// matrix.
constexpr double kGramReach = 1e-9;

// Y = Lg^T W Lc, whose plain truncation is the weights' in the metric; the root of an empty g is empty.
struct Whitened {
    MatrixD gradient_root;
    MatrixD outputs;  // Lg^T W
    MatrixD y;
};

Result<Whitened> whiten(const MatrixF& weights, const MatrixD& c, const MatrixD& g, const LowRankSettings& settings) {
    auto w = exact_weights(weights);
    if (!w) return tl::unexpected(w.error());
    const auto input = metric_root(c, weights.cols(), settings.ridge_input, "moments of the inputs");
    if (!input) return tl::unexpected(input.error());
    Whitened out{{}, std::move(*w), {}};
    if (!g.empty()) {
        auto gradient = metric_root(g, weights.rows(), settings.ridge_gradient, "moments of the gradients");
        if (!gradient) return tl::unexpected(gradient.error());
        out.gradient_root = std::move(*gradient);
        out.outputs = product(out.gradient_root, Turn::Yes, out.outputs, Turn::No);
    }
    out.y = product(out.outputs, Turn::No, *input, Turn::No);
    return out;
}

bool is_wide(const MatrixD& y) { return y.rows() <= y.cols(); }

Result<SymmetricEigen> smaller_gram(const MatrixD& y) {
    return eigen_symmetric(is_wide(y) ? product(y, Turn::No, y, Turn::Yes) : product(y, Turn::Yes, y, Turn::No));
}

// The first `rank` left singular vectors of y, as columns.
Result<MatrixD> left_vectors(const MatrixD& y, std::size_t rank) {
    const auto gram = smaller_gram(y);
    if (!gram) return tl::unexpected(gram.error());
    if (is_wide(y)) return first_columns(gram->vectors, rank);
    if (gram->values[rank - 1] > kGramReach * gram->values.front()) {
        MatrixD u = product(y, Turn::No, first_columns(gram->vectors, rank), Turn::No);
        for (std::size_t i = 0; i < u.rows(); ++i) {
            for (std::size_t k = 0; k < rank; ++k) u(i, k) /= std::sqrt(gram->values[k]);
        }
        return u;
    }
    const auto parts = singular_values(y);
    if (!parts) return tl::unexpected(parts.error());
    return first_columns(parts->u, rank);
}

// Columns that span the same, orthonormal, and laid down as rows.
Result<MatrixD> orthonormal_rows(const MatrixD& columns) {
    const auto root = cholesky(product(columns, Turn::Yes, columns, Turn::No));
    if (!root) return tl::unexpected(root.error());
    MatrixD out = transposed(columns);
    solve_triangular(*root, Triangle::Lower, out);
    return out;
}

// T with A_rest = T A_pivots, for a basis A of orthonormal columns: pivot rows of such a one are well conditioned, so
// that normal equations do.
Result<MatrixD> rest_from_pivots(const MatrixD& basis, const std::vector<std::size_t>& pivots) {
    const MatrixD chosen = rows_of(basis, pivots);
    const MatrixD rest = rows_of(basis, others(pivots, basis.rows()));
    if (rest.empty()) return MatrixD(0, pivots.size());
    const auto t =
        solve_positive(product(chosen, Turn::No, chosen, Turn::Yes), product(chosen, Turn::No, rest, Turn::Yes));
    if (!t) return tl::unexpected(t.error());
    return transposed(*t);
}

PivotedFactors untouched(const MatrixF& weights) {
    PivotedFactors out;
    out.pivots.resize(weights.rows());
    std::iota(out.pivots.begin(), out.pivots.end(), std::size_t{0});
    out.r = weights;
    out.t = MatrixF(0, weights.rows());
    return out;
}

Result<PivotedFactors> by_pivots(const Whitened& whitened, const MatrixD& u) {
    const MatrixD b = product(u, Turn::Yes, whitened.outputs, Turn::No);
    MatrixD a = u;
    if (!whitened.gradient_root.empty()) solve_triangular(whitened.gradient_root, Triangle::LowerTransposed, a);
    const auto rows = orthonormal_rows(a);
    if (!rows) return tl::unexpected(rows.error());
    const MatrixD basis = transposed(*rows);
    PivotedFactors out;
    const auto pivots = pivot_rows(basis, u.cols());
    if (!pivots) return tl::unexpected(pivots.error());
    out.pivots = *pivots;
    const auto t = rest_from_pivots(basis, out.pivots);
    if (!t) return tl::unexpected(t.error());
    out.t = to_single(*t);
    out.r = to_single(product(rows_of(a, out.pivots), Turn::No, b, Turn::No));
    return out;
}

}  // namespace

MatrixF expand(const PivotedFactors& factors) {
    const std::size_t n_rows = factors.pivots.size() + factors.t.rows();
    MatrixF made(factors.t.rows(), factors.r.cols());
    if (!made.empty()) multiply(factors.t, Turn::No, factors.r, Turn::No, made);
    MatrixF out(n_rows, factors.r.cols());
    for (std::size_t i = 0; i < factors.pivots.size(); ++i) {
        std::copy_n(factors.r.row(i).data(), out.cols(), out.row(factors.pivots[i]).data());
    }
    const std::vector<std::size_t> rest = others(factors.pivots, n_rows);
    for (std::size_t i = 0; i < rest.size(); ++i) std::copy_n(made.row(i).data(), out.cols(), out.row(rest[i]).data());
    return out;
}

Result<LowRankCurve> plan_low_rank(const MatrixF& weights, const MatrixD& c, const MatrixD& g,
                                   const LowRankSettings& settings) {
    const auto whitened = whiten(weights, c, g, settings);
    if (!whitened) return tl::unexpected(whitened.error());
    const auto gram = smaller_gram(whitened->y);
    if (!gram) return tl::unexpected(gram.error());
    LowRankCurve out;
    out.tail.assign(gram->values.size() + 1, 0.0);
    for (std::size_t r = gram->values.size(); r-- > 0;) {
        out.tail[r] = out.tail[r + 1] + 0.5 * std::max(gram->values[r], 0.0);
    }
    return out;
}

Result<PivotedFactors> truncate(const MatrixF& weights, const MatrixD& c, const MatrixD& g, std::size_t rank,
                                const LowRankSettings& settings) {
    auto all = truncate_all(weights, c, g, {rank}, settings);
    if (!all) return tl::unexpected(all.error());
    return std::move(all->front());
}

Result<std::vector<PivotedFactors>> truncate_all(const MatrixF& weights, const MatrixD& c, const MatrixD& g,
                                                 const std::vector<std::size_t>& ranks,
                                                 const LowRankSettings& settings) {
    const auto whitened = whiten(weights, c, g, settings);
    if (!whitened) return tl::unexpected(whitened.error());
    std::size_t most = 0;
    for (const std::size_t rank : ranks) {
        if (rank == 0 || rank > std::min(weights.rows(), weights.cols())) {
            return fail(
                ErrorKind::Invalid,
                fmt::format("A {} x {} matrix cannot be brought to rank {}.", weights.rows(), weights.cols(), rank),
                "Ask for a rank of at least 1 and at most its rows and columns.");
        }
        if (rank < weights.rows()) most = std::max(most, rank);
    }
    const auto u = most > 0 ? left_vectors(whitened->y, most) : Result<MatrixD>{};
    if (!u) return tl::unexpected(u.error());
    std::vector<PivotedFactors> out;
    for (const std::size_t rank : ranks) {
        auto factors = rank == weights.rows() ? Result<PivotedFactors>(untouched(weights))
                                              : by_pivots(*whitened, first_columns(*u, rank));
        if (!factors) return tl::unexpected(factors.error());
        out.push_back(std::move(*factors));
    }
    return out;
}

double loss_of(const MatrixF& weights, const MatrixF& changed, const MatrixD& c, const MatrixD& g) {
    if (weights.rows() != changed.rows() || weights.cols() != changed.cols()) {
        throw std::invalid_argument("the loss between matrices of different shapes was asked for");
    }
    MatrixD change(weights.rows(), weights.cols());
    for (std::size_t i = 0; i < change.values().size(); ++i) {
        change.values()[i] = static_cast<double>(changed.values()[i]) - static_cast<double>(weights.values()[i]);
    }
    const MatrixD moved = product(change, Turn::No, c, Turn::No);
    const MatrixD weighed = g.empty() ? change : product(g, Turn::No, change, Turn::No);
    double sum = 0.0;
    for (std::size_t i = 0; i < moved.values().size(); ++i) sum += moved.values()[i] * weighed.values()[i];
    return 0.5 * sum;
}

}  // namespace landauer
