// Alternating least squares over the two cores of a product operator.
#pragma once

#include <cstddef>
#include <vector>

#include "tensor/matrix.h"

namespace landauer {

struct MpoShape {
    std::size_t site = 2;
    std::size_t m = 0;  // the second site's rows and columns
    std::size_t n = 0;
};

struct MpoCores {
    MatrixD a;  // bond x (site x site)
    MatrixD b;  // bond x (m x n)
};

// Lowers 1/2 tr(E C E^T), E = W - sum_a A_a (x) B_a, by solving for one core and then for the other. The losses before
// the first sweep and after each; a sweep that no longer lowers it, or has no unique answer, is undone and the last.
[[nodiscard]] std::vector<double> sweep_mpo(const MpoShape& shape, const MatrixD& w, const MatrixD& c,
                                            std::size_t sweeps, MpoCores& cores);

}  // namespace landauer
