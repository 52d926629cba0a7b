#include "compress/methods/metric.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tensor/decompose.h"

namespace landauer {

Result<MatrixD> with_ridge(const MatrixD& moment, std::size_t size, double ratio, const char* what) {
    if (moment.rows() != size || moment.cols() != size) {
        return fail(ErrorKind::Invalid,
                    fmt::format("The {} are {} x {}, but the matrix needs {} x {}.", what, moment.rows(), moment.cols(),
                                size, size),
                    "Collect the statistics of this very model.");
    }
    if (const auto values = moment.values();
        !std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); })) {
        return fail(ErrorKind::Invalid, fmt::format("The {} have a value that is not a finite number.", what),
                    "Collect the statistics again.");
    }
    double trace = 0.0;
    for (std::size_t i = 0; i < size; ++i) trace += moment(i, i);
    if (!(trace > 0.0)) {
        return fail(ErrorKind::Invalid, fmt::format("The {} are all zero.", what),
                    "Collect the statistics again, with text that reaches this layer.");
    }
    MatrixD out = moment;
    for (std::size_t i = 0; i < size; ++i) out(i, i) += ratio * trace / static_cast<double>(size);
    return out;
}

Result<MatrixD> metric_root(const MatrixD& moment, std::size_t size, double ratio, const char* what) {
    auto ridged = with_ridge(moment, size, ratio, what);
    if (!ridged) return ridged;
    auto root = cholesky(std::move(*ridged));
    if (!root) return fail(root.error().kind, fmt::format("{} ({})", root.error().sentence, what), root.error().remedy);
    return root;
}

Result<MatrixD> exact_weights(const MatrixF& weights) {
    if (weights.empty()) {
        return fail(ErrorKind::Invalid, "A matrix without values was to be made smaller.",
                    "Give a matrix with at least one row and one column.");
    }
    MatrixD out(weights.rows(), weights.cols());
    std::copy(weights.values().begin(), weights.values().end(), out.values().begin());
    const auto values = out.values();
    const auto bad = std::find_if(values.begin(), values.end(), [](double v) { return !std::isfinite(v); });
    if (bad == values.end()) return out;
    const auto place = static_cast<std::size_t>(bad - values.begin());
    return fail(ErrorKind::Invalid,
                fmt::format("The weight in row {} and column {} is not a finite number.", place / weights.cols(),
                            place % weights.cols()),
                "Take another copy of the model.");
}

MatrixF to_single(const MatrixD& matrix) {
    MatrixF out(matrix.rows(), matrix.cols());
    std::transform(matrix.values().begin(), matrix.values().end(), out.values().begin(),
                   [](double v) { return static_cast<float>(v); });
    return out;
}

MatrixD transposed(const MatrixD& matrix) {
    MatrixD out(matrix.cols(), matrix.rows());
    for (std::size_t i = 0; i < matrix.rows(); ++i) {
        for (std::size_t j = 0; j < matrix.cols(); ++j) out(j, i) = matrix(i, j);
    }
    return out;
}

MatrixD rows_of(const MatrixD& matrix, const std::vector<std::size_t>& picked) {
    MatrixD out(picked.size(), matrix.cols());
    for (std::size_t i = 0; i < picked.size(); ++i) {
        const auto row = matrix.row(picked[i]);
        std::copy(row.begin(), row.end(), out.row(i).begin());
    }
    return out;
}

MatrixD first_columns(const MatrixD& matrix, std::size_t n) {
    MatrixD out(matrix.rows(), n);
    for (std::size_t i = 0; i < matrix.rows(); ++i) std::copy_n(matrix.row(i).data(), n, out.row(i).data());
    return out;
}

std::vector<std::size_t> others(const std::vector<std::size_t>& picked, std::size_t n) {
    std::vector<bool> taken(n, false);
    for (const std::size_t i : picked) taken[i] = true;
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < n; ++i) {
        if (!taken[i]) out.push_back(i);
    }
    return out;
}

double squared_sum(const MatrixD& matrix) {
    double sum = 0.0;
    for (const double v : matrix.values()) sum += v * v;
    return sum;
}

}  // namespace landauer
