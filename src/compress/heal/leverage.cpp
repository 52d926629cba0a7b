#include "compress/heal/leverage.h"

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "tensor/products.h"

namespace landauer {
namespace {

double square_sum(std::span<const float> values) {
    double sum = 0.0;
    for (const float value : values) sum += static_cast<double>(value) * static_cast<double>(value);
    return sum;
}

}  // namespace

// A change of row i of R comes to W at its pivot and, by column i of T, everywhere else; one of T's value (j, i) brings
// row i of R.
Leverages leverages_of(const MatrixF& r, const MatrixF& t) {
    MatrixF others(t.rows(), r.cols());
    multiply(t, Turn::No, r, Turn::No, others);
    std::vector<double> column(t.cols(), 0.0);
    for (std::size_t j = 0; j < t.rows(); ++j) {
        for (std::size_t i = 0; i < t.cols(); ++i) column[i] += square_sum(t.row(j).subspan(i, 1));
    }
    double pivots = 0.0;
    double elsewhere = 0.0;
    for (std::size_t i = 0; i < r.rows(); ++i) {
        const double row = square_sum(r.row(i));
        pivots += row;
        elsewhere += row * column[i];
    }
    const double whole = pivots + square_sum(others.values());
    if (!(whole > 0.0) || !(elsewhere > 0.0)) return {};
    return {std::sqrt((pivots + elsewhere) / whole), std::sqrt(elsewhere / whole)};
}

}  // namespace landauer
