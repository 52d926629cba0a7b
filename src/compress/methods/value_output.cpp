#include "compress/methods/value_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compress/methods/metric.h"
#include "tensor/decompose.h"
#include "tensor/products.h"

// For one group with the heads j, of O_j each: z -> D E^T z, with D E^T of low rank, costs 1/2 sum_j
// tr(G O_j (I - D E^T) H_j (I - D E^T)^T O_j^T). With one H for all of them the best is the truncated SVD of
// [Lg^T O_1; ..; Lg^T O_n] L, where H = L L^T: D = L V, E = L^-T V.

namespace landauer {
namespace {

struct Group {
    MatrixD input_root;          // L
    std::vector<double> values;  // squared singular values, falling
    MatrixD basis;               // V
};

struct Shape {
    std::size_t head_dim = 0;
    std::size_t heads = 0;  // of one group
};

Result<Shape> shape_of(const ValueOutputWeights& weights, const ValueOutputSettings& settings) {
    const std::size_t kv = settings.n_head_kv;
    const bool heads_fit =
        kv > 0 && settings.n_head > 0 && settings.n_head % kv == 0 && !weights.v.empty() && weights.v.rows() % kv == 0;
    const std::size_t head_dim = heads_fit ? weights.v.rows() / kv : 0;
    if (!heads_fit || weights.o.cols() != settings.n_head * head_dim ||
        (!weights.v_bias.empty() && weights.v_bias.size() != weights.v.rows())) {
        return fail(
            ErrorKind::Invalid,
            fmt::format("Values of {} rows with a bias of {} and an output of {} columns do not fit {} heads that "
                        "share the values of {}.",
                        weights.v.rows(), weights.v_bias.size(), weights.o.cols(), settings.n_head, kv),
            "Give the two matrices of one layer, and its heads.");
    }
    return Shape{head_dim, settings.n_head / kv};
}

// H: the moments of the heads' own inputs, added up.
MatrixD group_moment(const MatrixD& c, std::size_t group, const Shape& shape) {
    MatrixD out(shape.head_dim, shape.head_dim);
    for (std::size_t head = group * shape.heads; head < (group + 1) * shape.heads; ++head) {
        const std::size_t first = head * shape.head_dim;
        for (std::size_t i = 0; i < shape.head_dim; ++i) {
            for (std::size_t j = 0; j < shape.head_dim; ++j) out(i, j) += c(first + i, first + j);
        }
    }
    return out;
}

// sum_j O_j^T G O_j of a group.
MatrixD output_moment(const MatrixD& o_in_metric, std::size_t group, const Shape& shape) {
    MatrixD out(shape.head_dim, shape.head_dim);
    for (std::size_t head = group * shape.heads; head < (group + 1) * shape.heads; ++head) {
        const auto part =
            MatrixView<const double>(o_in_metric).part(0, head * shape.head_dim, o_in_metric.rows(), shape.head_dim);
        multiply(part, Turn::Yes, part, Turn::No, out, 1.0, 1.0);
    }
    return out;
}

Result<std::vector<Group>> groups_of(const ValueOutputWeights& weights, const MatrixD& c, const MatrixD& g,
                                     const ValueOutputSettings& settings) {
    const auto shape = shape_of(weights, settings);
    if (!shape) return tl::unexpected(shape.error());
    const auto v = exact_weights(weights.v);
    if (!v) return tl::unexpected(v.error());
    auto o = exact_weights(weights.o);
    if (!o) return tl::unexpected(o.error());
    const auto ridged = with_ridge(c, weights.o.cols(), settings.ridge_input, "moments of the inputs");
    if (!ridged) return tl::unexpected(ridged.error());
    if (!g.empty()) {
        const auto root = metric_root(g, weights.o.rows(), settings.ridge_gradient, "moments of the gradients");
        if (!root) return tl::unexpected(root.error());
        *o = product(*root, Turn::Yes, *o, Turn::No);
    }
    std::vector<Group> out;
    for (std::size_t group = 0; group < settings.n_head_kv; ++group) {
        auto root = cholesky(group_moment(*ridged, group, *shape));
        if (!root) return tl::unexpected(root.error());
        const MatrixD half = product(output_moment(*o, group, *shape), Turn::No, *root, Turn::No);
        auto eigen = eigen_symmetric(product(*root, Turn::Yes, half, Turn::No));
        if (!eigen) return tl::unexpected(eigen.error());
        out.push_back({std::move(*root), std::move(eigen->values), std::move(eigen->vectors)});
    }
    return out;
}

// E^T of the group's values and of their bias, into their narrower rows.
void narrow_values(const ValueOutputWeights& weights, const MatrixD& e, std::size_t group, ValueOutputWeights& out) {
    const std::size_t width = e.cols();
    for (std::size_t k = 0; k < width; ++k) {
        for (std::size_t j = 0; j < weights.v.cols(); ++j) {
            double sum = 0.0;
            for (std::size_t i = 0; i < e.rows(); ++i) {
                sum += e(i, k) * static_cast<double>(weights.v(group * e.rows() + i, j));
            }
            out.v(group * width + k, j) = static_cast<float>(sum);
        }
        if (weights.v_bias.empty()) continue;
        double sum = 0.0;
        for (std::size_t i = 0; i < e.rows(); ++i) {
            sum += e(i, k) * static_cast<double>(weights.v_bias[group * e.rows() + i]);
        }
        out.v_bias[group * width + k] = static_cast<float>(sum);
    }
}

void narrow_head(const ValueOutputWeights& weights, const MatrixD& d, std::size_t head, ValueOutputWeights& out) {
    const std::size_t width = d.cols();
    for (std::size_t row = 0; row < weights.o.rows(); ++row) {
        for (std::size_t k = 0; k < width; ++k) {
            double sum = 0.0;
            for (std::size_t i = 0; i < d.rows(); ++i) {
                sum += static_cast<double>(weights.o(row, head * d.rows() + i)) * d(i, k);
            }
            out.o(row, head * width + k) = static_cast<float>(sum);
        }
    }
}

}  // namespace

Result<ValueOutputCurve> plan_value_output(const ValueOutputWeights& weights, const MatrixD& c, const MatrixD& g,
                                           const ValueOutputSettings& settings) {
    const auto groups = groups_of(weights, c, g, settings);
    if (!groups) return tl::unexpected(groups.error());
    const std::size_t head_dim = groups->front().values.size();
    ValueOutputCurve out;
    out.tail.assign(head_dim + 1, 0.0);
    for (std::size_t r = head_dim; r-- > 0;) {
        out.tail[r] = out.tail[r + 1];
        for (const Group& group : *groups) out.tail[r] += 0.5 * std::max(group.values[r], 0.0);
    }
    return out;
}

Result<ValueOutputWeights> narrow_value_output(const ValueOutputWeights& weights, const MatrixD& c, const MatrixD& g,
                                               std::size_t width, const ValueOutputSettings& settings) {
    const auto groups = groups_of(weights, c, g, settings);
    if (!groups) return tl::unexpected(groups.error());
    const std::size_t head_dim = groups->front().values.size();
    if (width == 0 || width > head_dim) {
        return fail(ErrorKind::Invalid, fmt::format("Heads of {} values cannot be brought to {}.", head_dim, width),
                    "Ask for at least one value a head and at most all of them.");
    }
    ValueOutputWeights out;
    out.v = MatrixF(settings.n_head_kv * width, weights.v.cols());
    out.v_bias.assign(weights.v_bias.empty() ? 0 : out.v.rows(), 0.0F);
    out.o = MatrixF(weights.o.rows(), settings.n_head * width);
    const std::size_t heads = settings.n_head / settings.n_head_kv;
    for (std::size_t group = 0; group < groups->size(); ++group) {
        const Group& one = (*groups)[group];
        MatrixD e = first_columns(one.basis, width);
        const MatrixD d = product(one.input_root, Turn::No, e, Turn::No);
        solve_triangular(one.input_root, Triangle::LowerTransposed, e);
        narrow_values(weights, e, group, out);
        for (std::size_t head = group * heads; head < (group + 1) * heads; ++head) narrow_head(weights, d, head, out);
    }
    return out;
}

ValueOutputWeights widen_value_output(const ValueOutputWeights& narrow, std::size_t head_dim,
                                      const ValueOutputSettings& settings) {
    const std::size_t width = narrow.v.rows() / settings.n_head_kv;
    ValueOutputWeights out;
    out.v = MatrixF(settings.n_head_kv * head_dim, narrow.v.cols());
    out.v_bias.assign(narrow.v_bias.empty() ? 0 : out.v.rows(), 0.0F);
    out.o = MatrixF(narrow.o.rows(), settings.n_head * head_dim);
    for (std::size_t row = 0; row < narrow.v.rows(); ++row) {
        const std::size_t to = row / width * head_dim + row % width;
        std::copy_n(narrow.v.row(row).data(), narrow.v.cols(), out.v.row(to).data());
        if (!narrow.v_bias.empty()) out.v_bias[to] = narrow.v_bias[row];
    }
    for (std::size_t row = 0; row < narrow.o.rows(); ++row) {
        for (std::size_t head = 0; head < settings.n_head; ++head) {
            std::copy_n(narrow.o.row(row).data() + head * width, width, out.o.row(row).data() + head * head_dim);
        }
    }
    return out;
}

}  // namespace landauer
