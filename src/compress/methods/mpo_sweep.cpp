#include "compress/methods/mpo_sweep.h"

#include <algorithm>
#include <utility>

#include "tensor/decompose.h"
#include "tensor/products.h"

namespace landauer {
namespace {

struct Fit {
    const MpoShape& shape;
    const MatrixD& w;
    const MatrixD& c;
    MatrixD wc;  // W C
};

MatrixView<const double> block_of(const MatrixD& matrix, std::size_t row, std::size_t col, std::size_t rows,
                                  std::size_t cols) {
    return MatrixView<const double>(matrix).part(row * rows, col * cols, rows, cols);
}

double inner(const MatrixView<const double>& a, std::span<const double> b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.rows; ++i) {
        for (std::size_t j = 0; j < a.cols; ++j) sum += a(i, j) * b[i * a.cols + j];
    }
    return sum;
}

double loss(const Fit& fit, const MpoCores& cores) {
    const auto [site, m, n] = fit.shape;
    const MatrixD blocks = product(cores.a, Turn::Yes, cores.b, Turn::No);
    MatrixD error = fit.w;
    for (std::size_t i = 0; i < error.rows(); ++i) {
        for (std::size_t j = 0; j < error.cols(); ++j) {
            error(i, j) -= blocks(i / m * site + j / n, i % m * n + j % n);
        }
    }
    const MatrixD moved = product(error, Turn::No, fit.c, Turn::No);
    return 0.5 * inner(moved, error.values());
}

// With B fixed, the rows of the A_a with the same first index share one Gram matrix: of B_a placed in column block j.
bool solve_a(const Fit& fit, MpoCores& cores) {
    const auto [site, m, n] = fit.shape;
    const std::size_t bond = cores.a.rows();
    MatrixD gram(bond * site, bond * site);
    MatrixD moved(bond, m * n);
    const MatrixView<const double> stacked(cores.b.values().data(), bond * m, n, n);
    for (std::size_t j = 0; j < site; ++j) {
        for (std::size_t k = 0; k < site; ++k) {
            multiply(stacked, Turn::No, block_of(fit.c, j, k, n, n), Turn::No,
                     MatrixView<double>(moved.values().data(), bond * m, n, n));
            const MatrixD pairs = product(moved, Turn::No, cores.b, Turn::Yes);
            for (std::size_t a = 0; a < bond; ++a) {
                for (std::size_t b = 0; b < bond; ++b) gram(a * site + j, b * site + k) = pairs(a, b);
            }
        }
    }
    MatrixD right(bond * site, site);
    for (std::size_t a = 0; a < bond; ++a) {
        for (std::size_t j = 0; j < site; ++j) {
            for (std::size_t i = 0; i < site; ++i) {
                right(a * site + j, i) = inner(block_of(fit.wc, i, j, m, n), cores.b.row(a));
            }
        }
    }
    const auto found = solve_positive(gram, right);
    if (!found) return false;
    for (std::size_t a = 0; a < bond; ++a) {
        for (std::size_t i = 0; i < site; ++i) {
            for (std::size_t j = 0; j < site; ++j) cores.a(a, i * site + j) = (*found)(a * site + j, i);
        }
    }
    return true;
}

// (A_a^T A_b)(j, k)
double overlap(const MpoCores& cores, std::size_t site, std::size_t a, std::size_t b, std::size_t j, std::size_t k) {
    double sum = 0.0;
    for (std::size_t i = 0; i < site; ++i) sum += cores.a(a, i * site + j) * cores.a(b, i * site + k);
    return sum;
}

// With A fixed, all rows of the B_a share one: of the sums of C's blocks that the A_a weigh.
MatrixD gram_of_b(const Fit& fit, const MpoCores& cores) {
    const auto [site, m, n] = fit.shape;
    const std::size_t bond = cores.a.rows();
    MatrixD gram(bond * n, bond * n);
    for (std::size_t a = 0; a < bond; ++a) {
        for (std::size_t b = 0; b < bond; ++b) {
            for (std::size_t j = 0; j < site; ++j) {
                for (std::size_t k = 0; k < site; ++k) {
                    const double weight = overlap(cores, site, a, b, j, k);
                    const auto block = block_of(fit.c, j, k, n, n);
                    for (std::size_t p = 0; p < n; ++p) {
                        double* const to = &gram(a * n + p, b * n);
                        for (std::size_t q = 0; q < n; ++q) to[q] += weight * block(p, q);
                    }
                }
            }
        }
    }
    return gram;
}

bool solve_b(const Fit& fit, MpoCores& cores) {
    const auto [site, m, n] = fit.shape;
    const std::size_t bond = cores.a.rows();
    MatrixD right(bond * n, m);
    for (std::size_t a = 0; a < bond; ++a) {
        for (std::size_t i = 0; i < site; ++i) {
            for (std::size_t j = 0; j < site; ++j) {
                const double weight = cores.a(a, i * site + j);
                const auto block = block_of(fit.wc, i, j, m, n);
                for (std::size_t q = 0; q < n; ++q) {
                    for (std::size_t p = 0; p < m; ++p) right(a * n + q, p) += weight * block(p, q);
                }
            }
        }
    }
    const auto found = solve_positive(gram_of_b(fit, cores), right);
    if (!found) return false;
    for (std::size_t a = 0; a < bond; ++a) {
        for (std::size_t p = 0; p < m; ++p) {
            for (std::size_t q = 0; q < n; ++q) cores.b(a, p * n + q) = (*found)(a * n + q, p);
        }
    }
    return true;
}

}  // namespace

std::vector<double> sweep_mpo(const MpoShape& shape, const MatrixD& w, const MatrixD& c, std::size_t sweeps,
                              MpoCores& cores) {
    const Fit fit{shape, w, c, product(w, Turn::No, c, Turn::No)};
    std::vector<double> out = {loss(fit, cores)};
    for (std::size_t sweep = 0; sweep < sweeps; ++sweep) {
        MpoCores next = cores;
        if (!solve_a(fit, next) || !solve_b(fit, next)) break;
        const double now = loss(fit, next);
        if (!(now < out.back())) break;
        out.push_back(now);
        cores = std::move(next);
    }
    return out;
}

}  // namespace landauer
