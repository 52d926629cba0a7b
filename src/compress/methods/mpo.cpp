#include "compress/methods/mpo.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "compress/methods/metric.h"
#include "compress/methods/mpo_sweep.h"
#include "tensor/decompose.h"
#include "tensor/products.h"

namespace landauer {
namespace {

// The blocks of a matrix, each laid down as one row: sum_a A_a (x) B_a becomes a matrix of rank bond.
MatrixD rearranged(const MatrixD& w, std::size_t site) {
    const std::size_t m = w.rows() / site;
    const std::size_t n = w.cols() / site;
    MatrixD out(site * site, m * n);
    for (std::size_t i = 0; i < w.rows(); ++i) {
        for (std::size_t block = 0; block < site; ++block) {
            std::copy_n(w.row(i).data() + block * n, n, out.row(i / m * site + block).data() + i % m * n);
        }
    }
    return out;
}

MatrixD reshaped(std::span<const double> values, std::size_t rows, std::size_t cols) {
    MatrixD out(rows, cols);
    std::copy(values.begin(), values.end(), out.values().begin());
    return out;
}

// Roots of the nearest M1 (x) M2: what is left of a metric when it has to be of the matrix's own form.
struct Roots {
    MatrixD small;  // empty: the identity
    MatrixD large;
};

Result<Roots> nearest_roots(const MatrixD& moment, std::size_t site) {
    const MatrixD blocks = rearranged(moment, site);
    const auto eigen = eigen_symmetric(product(blocks, Turn::No, blocks, Turn::Yes));
    if (!eigen) return tl::unexpected(eigen.error());
    MatrixD first = first_columns(eigen->vectors, 1);
    double trace = 0.0;
    for (std::size_t i = 0; i < site; ++i) trace += first(i * site + i, 0);
    for (double& v : first.values()) v = trace < 0.0 ? -v : v;
    const MatrixD large = product(first, Turn::Yes, blocks, Turn::No);
    const std::size_t n = moment.rows() / site;
    auto small_root = cholesky(reshaped(first.values(), site, site));
    if (!small_root) return tl::unexpected(small_root.error());
    auto large_root = cholesky(reshaped(large.values(), n, n));
    if (!large_root) return tl::unexpected(large_root.error());
    return Roots{std::move(*small_root), std::move(*large_root)};
}

// Every row of `cores`, a rows x cols matrix, turned into left^T core right.
void transform(MatrixD& cores, std::size_t rows, std::size_t cols, const MatrixD& left, const MatrixD& right) {
    for (std::size_t a = 0; a < cores.rows(); ++a) {
        MatrixD core = reshaped(cores.row(a), rows, cols);
        if (!left.empty()) core = product(left, Turn::Yes, core, Turn::No);
        if (!right.empty()) core = product(core, Turn::No, right, Turn::No);
        std::copy(core.values().begin(), core.values().end(), cores.row(a).begin());
    }
}

// The same backwards.
void untransform(MatrixD& cores, std::size_t rows, std::size_t cols, const MatrixD& left, const MatrixD& right) {
    for (std::size_t a = 0; a < cores.rows(); ++a) {
        MatrixD core = reshaped(cores.row(a), rows, cols);
        if (!left.empty()) solve_triangular(left, Triangle::LowerTransposed, core);
        if (!right.empty()) {
            MatrixD turned = transposed(core);
            solve_triangular(right, Triangle::LowerTransposed, turned);
            core = transposed(turned);
        }
        std::copy(core.values().begin(), core.values().end(), cores.row(a).begin());
    }
}

struct Problem {
    MpoShape shape;
    MatrixD w;
    MatrixD c;  // with its ridge
    Roots input;
    Roots gradient;
    MatrixD blocks;        // of the whitened weights, rearranged
    SymmetricEigen eigen;  // of their Gram matrix
};

Result<MpoShape> shape_of(const MatrixF& weights, std::size_t site) {
    if (site < 2 || site > 4 || weights.empty() || weights.rows() % site != 0 || weights.cols() % site != 0) {
        return fail(ErrorKind::Invalid,
                    fmt::format("A {} x {} matrix has no product operator with a site of {}.", weights.rows(),
                                weights.cols(), site),
                    "Take a site of 2, 3 or 4 that divides rows and columns.");
    }
    return MpoShape{site, weights.rows() / site, weights.cols() / site};
}

Result<Problem> pose(const MatrixF& weights, const MatrixD& c, const MatrixD& g, const MpoSettings& settings) {
    const auto shape = shape_of(weights, settings.site);
    if (!shape) return tl::unexpected(shape.error());
    auto w = exact_weights(weights);
    if (!w) return tl::unexpected(w.error());
    auto ridged = with_ridge(c, weights.cols(), settings.ridge_input, "moments of the inputs");
    if (!ridged) return tl::unexpected(ridged.error());
    auto input = nearest_roots(*ridged, settings.site);
    if (!input) return tl::unexpected(input.error());
    Problem out{*shape, std::move(*w), std::move(*ridged), std::move(*input), {}, {}, {}};
    if (!g.empty()) {
        const auto outputs = with_ridge(g, weights.rows(), settings.ridge_gradient, "moments of the gradients");
        if (!outputs) return tl::unexpected(outputs.error());
        auto gradient = nearest_roots(*outputs, settings.site);
        if (!gradient) return tl::unexpected(gradient.error());
        out.gradient = std::move(*gradient);
    }
    out.blocks = rearranged(out.w, settings.site);
    transform(out.blocks, shape->m, shape->n, out.gradient.large, out.input.large);
    MatrixD columns = transposed(out.blocks);
    transform(columns, settings.site, settings.site, out.gradient.small, out.input.small);
    out.blocks = transposed(columns);
    auto eigen = eigen_symmetric(product(out.blocks, Turn::No, out.blocks, Turn::Yes));
    if (!eigen) return tl::unexpected(eigen.error());
    out.eigen = std::move(*eigen);
    return out;
}

// The best in the approximate metric: the truncated SVD of the rearranged whitened weights.
MpoCores closed_form(const Problem& problem, std::size_t bond) {
    const MpoShape& shape = problem.shape;
    const MatrixD u = first_columns(problem.eigen.vectors, bond);
    MpoCores out{transposed(u), product(u, Turn::Yes, problem.blocks, Turn::No)};
    untransform(out.a, shape.site, shape.site, problem.gradient.small, problem.input.small);
    untransform(out.b, shape.m, shape.n, problem.gradient.large, problem.input.large);
    return out;
}

// The outputs' metric is of the matrix's own form, so that it goes into the cores and out of the way.
MatrixD outputs_in_metric(const Problem& problem) {
    const MpoShape& shape = problem.shape;
    if (problem.gradient.small.empty()) return problem.w;
    MatrixD blocks = rearranged(problem.w, shape.site);
    transform(blocks, shape.m, shape.n, problem.gradient.large, {});
    MatrixD columns = transposed(blocks);
    transform(columns, shape.site, shape.site, problem.gradient.small, {});
    blocks = transposed(columns);
    MatrixD out(problem.w.rows(), problem.w.cols());
    for (std::size_t i = 0; i < out.rows(); ++i) {
        for (std::size_t block = 0; block < shape.site; ++block) {
            std::copy_n(blocks.row(i / shape.m * shape.site + block).data() + i % shape.m * shape.n, shape.n,
                        out.row(i).data() + block * shape.n);
        }
    }
    return out;
}

}  // namespace

MatrixF to_dense(const Mpo& mpo) {
    const std::size_t m = mpo.rows / mpo.site;
    const std::size_t n = mpo.cols / mpo.site;
    MatrixF blocks(mpo.site * mpo.site, m * n);
    multiply(mpo.a, Turn::Yes, mpo.b, Turn::No, blocks);
    MatrixF out(mpo.rows, mpo.cols);
    for (std::size_t i = 0; i < mpo.rows; ++i) {
        for (std::size_t block = 0; block < mpo.site; ++block) {
            std::copy_n(blocks.row(i / m * mpo.site + block).data() + i % m * n, n, out.row(i).data() + block * n);
        }
    }
    return out;
}

Result<MpoCurve> plan_mpo(const MatrixF& weights, const MatrixD& c, const MatrixD& g, const MpoSettings& settings) {
    const auto problem = pose(weights, c, g, settings);
    if (!problem) return tl::unexpected(problem.error());
    const std::vector<double>& values = problem->eigen.values;
    MpoCurve out;
    out.tail.assign(values.size() + 1, 0.0);
    for (std::size_t r = values.size(); r-- > 0;) out.tail[r] = out.tail[r + 1] + 0.5 * std::max(values[r], 0.0);
    return out;
}

Result<MpoFit> fit_mpo(const MatrixF& weights, const MatrixD& c, const MatrixD& g, std::size_t bond,
                       const MpoSettings& settings) {
    const auto problem = pose(weights, c, g, settings);
    if (!problem) return tl::unexpected(problem.error());
    const MpoShape& shape = problem->shape;
    if (bond == 0 || bond > shape.site * shape.site) {
        return fail(ErrorKind::Invalid, fmt::format("A site of {} has no bond of {}.", shape.site, bond),
                    fmt::format("Ask for a bond of 1 to {}.", shape.site * shape.site));
    }
    MpoCores cores = closed_form(*problem, bond);
    transform(cores.a, shape.site, shape.site, problem->gradient.small, {});
    transform(cores.b, shape.m, shape.n, problem->gradient.large, {});
    MpoFit out;
    out.loss = sweep_mpo(shape, outputs_in_metric(*problem), problem->c, settings.sweeps, cores);
    untransform(cores.a, shape.site, shape.site, problem->gradient.small, {});
    untransform(cores.b, shape.m, shape.n, problem->gradient.large, {});
    out.mpo = {shape.site, weights.rows(), weights.cols(), to_single(cores.a), to_single(cores.b)};
    return out;
}

}  // namespace landauer
