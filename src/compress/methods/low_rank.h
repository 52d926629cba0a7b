// A matrix of lower rank in the two-sided metric, and its storage by pivot rows.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <vector>

#include "tensor/matrix.h"

namespace landauer {

// W ~ P [R ; T R]: R are `pivots` rows of the truncated matrix, T makes the other rows (ascending) of them.
struct PivotedFactors {
    std::vector<std::size_t> pivots;  // rows of W, rank() of them
    MatrixF r;                        // rank x in
    MatrixF t;                        // (out - rank) x rank
    [[nodiscard]] std::size_t rank() const { return pivots.size(); }
    [[nodiscard]] std::size_t stored_values() const { return r.values().size() + t.values().size() + pivots.size(); }
};
[[nodiscard]] MatrixF expand(const PivotedFactors& factors);

struct LowRankSettings {
    double ridge_input = 1e-4;  // of the mean diagonal
    double ridge_gradient = 1e-2;
};

// tail[r]: loss in nats a token, 1/2 of the sum of the squared singular values beyond the r largest of Lg^T W Lc;
// tail[full] is 0. An empty g is the identity (and the losses are then squared output errors). C and G are taken with
// their ridges, here and in truncate(): the tail is the loss in that metric, which is a little above loss_of()'s.
struct LowRankCurve {
    std::vector<double> tail;
};
[[nodiscard]] Result<LowRankCurve> plan_low_rank(const MatrixF& weights, const MatrixD& c, const MatrixD& g,
                                                 const LowRankSettings& settings);
// Invalid: a rank beyond 1 .. full, shapes, values that are not numbers. At a rank of all rows it is the matrix itself.
[[nodiscard]] Result<PivotedFactors> truncate(const MatrixF& weights, const MatrixD& c, const MatrixD& g,
                                              std::size_t rank, const LowRankSettings& settings);

// The same at several ranks, for little more than one.
[[nodiscard]] Result<std::vector<PivotedFactors>> truncate_all(const MatrixF& weights, const MatrixD& c,
                                                               const MatrixD& g, const std::vector<std::size_t>& ranks,
                                                               const LowRankSettings& settings);

// 1/2 tr(G dW C dW^T): what a change costs to second order, nats a token. An empty g is the identity.
[[nodiscard]] double loss_of(const MatrixF& weights, const MatrixF& changed, const MatrixD& c, const MatrixD& g);

}  // namespace landauer
