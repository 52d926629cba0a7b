// Ordinary and weighted least squares by QR, with what is needed to judge the fit.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <span>
#include <vector>

namespace landauer {

struct LeastSquares {
    std::vector<double> coefficients;             // one a column
    std::vector<std::vector<double>> covariance;  // residual variance x (X'WX)^-1; 0 when nothing is left to judge by
    std::vector<std::vector<double>>
        robust_covariance;              // heteroscedasticity-consistent (HC3, MacKinnon and White 1985)
    std::vector<double> residuals;      // y - X b, unweighted
    std::vector<double> hat;            // diagonal of the hat matrix, in [0, 1]
    std::vector<double> loo_residuals;  // y_i - prediction without case i; NaN where that has no answer
    double rss = 0.0;                   // weighted sum of squared residuals
    double tss = 0.0;                   // the same round the weighted mean of y
    std::size_t n = 0;
    std::size_t rank = 0;
    [[nodiscard]] double residual_variance() const;  // rss / (n - columns); 0 when n == columns
};

// columns: the design matrix by column, each of y's length; weights: empty, or positive.
// Invalid for wrong shapes, values that are not finite, fewer cases than columns, and
// columns that depend on each other (constant beside an intercept, collinear).
[[nodiscard]] Result<LeastSquares> least_squares(std::span<const std::vector<double>> columns,
                                                 std::span<const double> y, std::span<const double> weights = {});

// Rank of the columns after scaling each to its largest magnitude, at a relative
// tolerance: what least_squares() would accept.
[[nodiscard]] std::size_t column_rank(std::span<const std::vector<double>> columns);

}  // namespace landauer
