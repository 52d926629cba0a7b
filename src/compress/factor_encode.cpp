#include "compress/factor_encode.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>

#include "compress/encode_matrix.h"
#include "compress/methods/metric.h"
#include "gguf/weights.h"
#include "tensor/decompose.h"
#include "tensor/products.h"

namespace landauer {
namespace {

constexpr double kRidge = 1e-3;  // of what T is fitted to, of the mean diagonal

MatrixD wide(const MatrixF& matrix) {
    MatrixD out(matrix.rows(), matrix.cols());
    std::ranges::copy(matrix.values(), out.values().begin());
    return out;
}

// T + T (R - S) C S^T (S C S^T)^-1, where S is the R that is stored: T R x as well as S x allows.
Result<MatrixF> fitted(const MatrixF& t, const MatrixF& r, const MatrixF& stored, const MatrixD& moments_inner,
                       const MatrixD& c) {
    const MatrixD s = wide(stored);
    MatrixD lost = wide(r);
    for (std::size_t i = 0; i < lost.values().size(); ++i) lost.values()[i] -= s.values()[i];
    MatrixD normal = moments_inner;
    double trace = 0.0;
    for (std::size_t i = 0; i < normal.rows(); ++i) trace += normal(i, i);
    for (std::size_t i = 0; i < normal.rows(); ++i) {
        normal(i, i) += kRidge * trace / static_cast<double>(normal.rows());
    }
    const MatrixD known = product(product(s, Turn::No, c, Turn::No), Turn::No, lost, Turn::Yes);
    const auto turned = solve_positive(normal, known);  // (S C S^T)^-1 S C (R - S)^T
    if (!turned) return tl::unexpected(turned.error());
    MatrixD out = wide(t);
    const MatrixD change = product(out, Turn::No, *turned, Turn::Yes);
    for (std::size_t i = 0; i < out.values().size(); ++i) out.values()[i] += change.values()[i];
    return to_single(out);
}

}  // namespace

Result<EncodedFactors> encode_factors(const PivotedFactors& factors, const MatrixD& c, const FactorForm& form,
                                      const FeedbackSettings& settings) {
    EncodedFactors out;
    out.pivots.reserve(factors.pivots.size());
    for (const std::size_t row : factors.pivots) out.pivots.push_back(static_cast<std::int32_t>(row));
    auto r = encode_matrix(form.r_type, factors.r, c, settings);
    if (!r) return tl::unexpected(r.error());
    out.r = std::move(*r);
    MatrixF stored(factors.r.rows(), factors.r.cols());
    if (auto read = decode_rows(form.r_type, out.r, stored.cols(), stored.values()); !read) {
        return tl::unexpected(read.error());
    }
    const MatrixD s = wide(stored);
    const MatrixD inner = product(product(s, Turn::No, c, Turn::No), Turn::No, s, Turn::Yes);
    const bool known = std::ranges::any_of(inner.values(), [](double value) { return value != 0.0; });
    const auto fit = known ? fitted(factors.t, factors.r, stored, inner, c) : Result<MatrixF>(factors.t);
    if (!fit) return tl::unexpected(fit.error());
    auto t = encode_matrix(form.t_type, *fit, inner, settings);
    if (!t) return tl::unexpected(t.error());
    out.t = std::move(*t);
    return out;
}

PivotedFactors reordered(const PivotedFactors& factors, const std::vector<std::size_t>& rows) {
    std::vector<std::size_t> place(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) place[rows[i]] = i;
    PivotedFactors out;
    out.r = factors.r;
    for (const std::size_t row : factors.pivots) out.pivots.push_back(place[row]);
    const std::vector<std::size_t> rest = others(factors.pivots, rows.size());
    std::vector<std::size_t> order(rest.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return place[rest[i]]; });
    out.t = MatrixF(factors.t.rows(), factors.t.cols());
    for (std::size_t i = 0; i < order.size(); ++i) {
        std::ranges::copy(factors.t.row(order[i]), out.t.row(i).begin());
    }
    return out;
}

}  // namespace landauer
