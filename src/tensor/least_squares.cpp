#include "tensor/least_squares.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace landauer {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

// Columns nearer to each other than this are one column: token counts carry no more digits.
constexpr double kRankTolerance = 1e-9;
constexpr double kFullLeverage = 1.0 - 1e-9;

bool all_finite(std::span<const double> values) {
    return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

Result<void> check(std::span<const std::vector<double>> columns, std::span<const double> y,
                   std::span<const double> weights) {
    const auto refuse = [](const char* sentence, const char* remedy) {
        return fail(ErrorKind::Invalid, sentence, remedy);
    };
    if (columns.empty() ||
        !std::all_of(columns.begin(), columns.end(), [&](const auto& c) { return c.size() == y.size(); }) ||
        (!weights.empty() && weights.size() != y.size())) {
        return refuse("A least-squares fit was given columns of different lengths.",
                      "Give one value of every variable for every case.");
    }
    if (!all_finite(y) || !all_finite(weights) ||
        !std::all_of(columns.begin(), columns.end(), [](const auto& c) { return all_finite(c); })) {
        return refuse("A least-squares fit was given a value that is not a finite number.",
                      "Leave out cases without a value.");
    }
    if (!std::all_of(weights.begin(), weights.end(), [](double w) { return w > 0.0; })) {
        return refuse("A least-squares fit was given a weight that is not positive.", "Leave out cases of no weight.");
    }
    if (y.size() < columns.size()) {
        return refuse("There are fewer cases than coefficients to fit.", "Measure more cases or fit a simpler form.");
    }
    return {};
}

// The columns divided by their largest magnitude, so that tokens and squared tokens weigh alike.
struct Design {
    Matrix x;
    Vector scale;
};

Design scaled_design(std::span<const std::vector<double>> columns) {
    const auto n = static_cast<Eigen::Index>(columns.front().size());
    const auto p = static_cast<Eigen::Index>(columns.size());
    Design design{Matrix(n, p), Vector(p)};
    for (Eigen::Index j = 0; j < p; ++j) {
        design.x.col(j) = Eigen::Map<const Vector>(columns[static_cast<std::size_t>(j)].data(), n);
        const double most = n > 0 ? design.x.col(j).cwiseAbs().maxCoeff() : 0.0;
        design.scale(j) = most > 0.0 ? most : 1.0;
        design.x.col(j) /= design.scale(j);
    }
    return design;
}

std::vector<double> to_vector(const Vector& v) { return {v.data(), v.data() + v.size()}; }

// Undoes the column scaling of a covariance.
std::vector<std::vector<double>> unscaled(const Matrix& covariance, const Vector& scale) {
    std::vector<std::vector<double>> out(static_cast<std::size_t>(scale.size()));
    for (Eigen::Index i = 0; i < scale.size(); ++i) {
        for (Eigen::Index j = 0; j < scale.size(); ++j) {
            out[static_cast<std::size_t>(i)].push_back(covariance(i, j) / (scale(i) * scale(j)));
        }
    }
    return out;
}

Vector root_weights(std::span<const double> weights, Eigen::Index n) {
    Vector root = Vector::Ones(n);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        root(static_cast<Eigen::Index>(i)) = std::sqrt(weights[i]);
    }
    return root;
}

double total_squares(const Vector& y, const Vector& root) {
    const Vector w = root.cwiseAbs2();
    const double centre = w.dot(y) / w.sum();
    return (w.array() * (y.array() - centre).square()).sum();
}

}  // namespace

double LeastSquares::residual_variance() const {
    return n > coefficients.size() ? rss / static_cast<double>(n - coefficients.size()) : 0.0;
}

std::size_t column_rank(std::span<const std::vector<double>> columns) {
    if (columns.empty() || columns.front().empty()) {
        return 0;
    }
    Eigen::ColPivHouseholderQR<Matrix> qr(scaled_design(columns).x);
    qr.setThreshold(kRankTolerance);
    return static_cast<std::size_t>(qr.rank());
}

Result<LeastSquares> least_squares(std::span<const std::vector<double>> columns, std::span<const double> y,
                                   std::span<const double> weights) {
    if (const auto good = check(columns, y, weights); !good) {
        return tl::unexpected(good.error());
    }
    const auto n = static_cast<Eigen::Index>(y.size());
    const Design design = scaled_design(columns);
    const auto p = design.x.cols();
    const Vector target = Eigen::Map<const Vector>(y.data(), n);
    const Vector root = root_weights(weights, n);
    const Matrix weighted = root.asDiagonal() * design.x;

    Eigen::ColPivHouseholderQR<Matrix> qr(weighted);
    qr.setThreshold(kRankTolerance);
    if (qr.rank() < p) {
        return fail(ErrorKind::Invalid,
                    "The variables of the fit depend on each other, so their coefficients cannot be told apart.",
                    "Vary them independently, or fit a simpler form.");
    }
    const Vector scaled_coefficients = qr.solve(root.cwiseProduct(target));
    const Vector residuals = target - design.x * scaled_coefficients;
    const Vector weighted_residuals = root.cwiseProduct(residuals);
    const Matrix q = qr.householderQ() * Matrix::Identity(n, p);
    const Vector hat = q.rowwise().squaredNorm().cwiseMin(1.0);
    // (X'X)^-1 X' = P R^-1 Q': one p x n matrix gives both covariances.
    const Matrix solve =
        qr.colsPermutation() *
        Matrix(qr.matrixR().topLeftCorner(p, p).template triangularView<Eigen::Upper>().solve(q.transpose()));

    LeastSquares fit;
    fit.n = y.size();
    fit.rank = static_cast<std::size_t>(p);
    fit.coefficients = to_vector(scaled_coefficients.cwiseQuotient(design.scale));
    fit.residuals = to_vector(residuals);
    fit.hat = to_vector(hat);
    fit.rss = weighted_residuals.squaredNorm();
    fit.tss = total_squares(target, root);
    fit.covariance = unscaled(fit.residual_variance() * (solve * solve.transpose()), design.scale);
    Vector spread(n);
    for (Eigen::Index i = 0; i < n; ++i) {
        const bool alone = hat(i) >= kFullLeverage;  // without this case the fit has no answer
        spread(i) = alone ? 0.0 : weighted_residuals(i) / (1.0 - hat(i));
        fit.loo_residuals.push_back(alone ? std::numeric_limits<double>::quiet_NaN() : residuals(i) / (1.0 - hat(i)));
    }
    const Matrix influence = solve * spread.asDiagonal();
    fit.robust_covariance = unscaled(influence * influence.transpose(), design.scale);
    return fit;
}

}  // namespace landauer
