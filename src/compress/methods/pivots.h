// Taking columns away in an order that one factorisation gives: for matrices too wide for the brain surgeon.
#pragma once

#include <landauer/error.h>

#include "compress/methods/columns.h"

namespace landauer {

// As plan_columns() for groups of one column, with the same loss of what is taken, in another order: a Cholesky
// factorisation with pivots of the inputs' moment, each column weighed by its own length in the metric of the
// gradients, keeps those first of which the kept ones foretell least. n^3/3 multiply-adds where the surgeon needs over
// n^3. Errors as plan_columns().
[[nodiscard]] Result<ColumnRemoval> plan_pivots(const MatrixF& weights, const MatrixD& c, const MatrixD& g,
                                                const ColumnSettings& settings);

}  // namespace landauer
