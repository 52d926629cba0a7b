// A matrix as a matrix product operator of two sites, W ~ sum_a A_a (x) B_a, the first of them small: b x b, b = 2
// .. 4.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <vector>

#include "tensor/matrix.h"

namespace landauer {

// Row i of W is (i / n, i % n) with n = rows / site, and so are its columns.
struct Mpo {
    std::size_t site = 2;
    std::size_t rows = 0;  // of W
    std::size_t cols = 0;
    MatrixF a;  // bond x (site x site)
    MatrixF b;  // bond x (rows / site x cols / site)
    [[nodiscard]] std::size_t bond() const { return a.rows(); }
    [[nodiscard]] std::size_t stored_values() const { return a.values().size() + b.values().size(); }
};
[[nodiscard]] MatrixF to_dense(const Mpo& mpo);

struct MpoSettings {
    std::size_t site = 2;
    std::size_t sweeps = 3;     // of alternating least squares after the closed form
    double ridge_input = 1e-4;  // of the mean diagonal
    double ridge_gradient = 1e-2;
};

// tail[bond], bond = 0 .. site^2: what the closed form loses where C and G are taken for the nearest C1 (x) C2 and
// G1 (x) G2, in nats a token, or in squared output errors for an empty g. tail[site^2] is 0.
struct MpoCurve {
    std::vector<double> tail;
};
[[nodiscard]] Result<MpoCurve> plan_mpo(const MatrixF& weights, const MatrixD& c, const MatrixD& g,
                                        const MpoSettings& settings);

// loss: of the closed form and after each sweep, never rising; in the true C with its ridge and the nearest G1 (x) G2,
// which for an empty g is the true metric.
struct MpoFit {
    Mpo mpo;
    std::vector<double> loss;
};

// Invalid: a site that does not divide rows and columns or is no 2 .. 4, a bond beyond 1 .. site^2, shapes, values that
// are not numbers.
[[nodiscard]] Result<MpoFit> fit_mpo(const MatrixF& weights, const MatrixD& c, const MatrixD& g, std::size_t bond,
                                     const MpoSettings& settings);

}  // namespace landauer
