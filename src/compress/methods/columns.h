// Taking inputs away from a matrix (FFN neurons from down, attention head groups from o) and correcting what stays.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <vector>

#include "tensor/matrix.h"

namespace landauer {

// Optimal brain surgeon by groups of columns in the metric 1/2 tr(G dW C dW^T), nats a token, C and G with their
// ridges.
struct ColumnRemoval {
    std::vector<std::size_t> order;  // groups, in the order in which they should go
    std::vector<double> loss;        // loss[k]: after the first k groups went and the rest was corrected; loss[0] == 0
};

struct ColumnSettings {
    std::size_t group = 1;      // neighbouring columns that go together: 1 neuron, or a head group's columns
    std::size_t at_once = 8;    // groups chosen between two updates
    double ridge_input = 1e-3;  // of the mean of C's diagonal
    double ridge_gradient = 1e-2;
    std::size_t keep_at_least = 1;  // groups
};

// weights: out x in; c: in x in; g: out x out, or empty for the identity. Invalid: shapes, values that are not numbers.
// Of very many groups each round looks at those that cost least when it begins: the order is a greedy one but for that.
[[nodiscard]] Result<ColumnRemoval> plan_columns(const MatrixF& weights, const MatrixD& c, const MatrixD& g,
                                                 const ColumnSettings& settings);

// The matrix with only the `kept` columns (ascending), by ridge least squares toward its own kept columns:
// W_S + W_R C_RS (C_SS + ridge)^-1.
[[nodiscard]] Result<MatrixF> keep_columns(const MatrixF& weights, const MatrixD& c,
                                           const std::vector<std::size_t>& kept, double ridge_input);

}  // namespace landauer
