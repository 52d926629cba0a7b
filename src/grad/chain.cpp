#include "grad/chain.h"

#include <algorithm>

#include "tensor/products.h"

namespace landauer {

void multiply_out(const MatrixF& r, const MatrixF& t, std::span<const std::int32_t> rows, std::size_t first,
                  std::size_t n, MatrixF& out) {
    const std::size_t rank = r.rows();
    const std::size_t last = first + n;
    const auto put = [&](std::size_t i, std::span<const float> row) {
        std::ranges::copy(row, out.row(static_cast<std::size_t>(rows[i])).begin());
    };
    for (std::size_t i = first; i < std::min(last, rank); ++i) put(i, r.row(i));
    if (last <= rank) return;
    const std::size_t from = std::max(first, rank);
    MatrixF others(last - from, r.cols());
    multiply(MatrixView<const float>(t).part(from - rank, 0, last - from, rank), Turn::No, r, Turn::No, others);
    for (std::size_t i = from; i < last; ++i) put(i, others.row(i - from));
}

Result<void> read_multiplied_out(const WeightFile& file, const FactorMatrix& matrix, MatrixF& out) {
    MatrixF r(matrix.rank, matrix.cols);
    MatrixF t(matrix.rows - matrix.rank, matrix.rank);
    if (auto read = file.read(matrix.r.name, 0, r.values()); !read) return read;
    if (auto read = file.read(matrix.t.name, 0, t.values()); !read) return read;
    const auto rows = factor_rows(file, matrix);
    if (!rows) return tl::unexpected(rows.error());
    out = MatrixF(matrix.rows, matrix.cols);
    multiply_out(r, t, *rows, 0, matrix.rows, out);
    return {};
}

}  // namespace landauer
