// Dense algebra: each of our factorisations in turns with LAPACK's own of the same matrix (wanted: within 2x), and what
// the methods of compression take on the shapes of SmolLM2-135M. One core.
#include <fmt/format.h>
#include <lapacke.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <random>
#include <vector>

#include "compress/methods/columns.h"
#include "compress/methods/low_rank.h"
#include "tensor/decompose.h"
#include "tensor/products.h"

namespace landauer {
namespace {

constexpr double kTarget = 2.0;
constexpr int kTurns = 7;
constexpr double kColumnsTarget_s = 0.5;

// CPU time: one thread does all of it, and a busy neighbour does not count.
double now_s() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

template <class T = double>
Matrix<T> random_matrix(std::size_t rows, std::size_t cols) {
    std::mt19937_64 random(rows * 31 + cols);
    std::normal_distribution<double> normal;
    Matrix<T> out(rows, cols);
    for (T& v : out.values()) v = static_cast<T>(normal(random));
    return out;
}

MatrixD random_moment(std::size_t n) {
    const MatrixD x = random_matrix(2 * n, n);
    MatrixD out = product(x, Turn::Yes, x, Turn::No);
    for (double& v : out.values()) v /= static_cast<double>(2 * n);
    return out;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

struct Row {
    const char* name = "";
    std::size_t rows = 0;
    std::size_t cols = 0;
    std::function<void()> ours;
    std::function<void()> lapack;
};

// The ratio of the medians, turns taken.
bool measure(const Row& row) {
    std::vector<double> ours;
    std::vector<double> lapack;
    for (int turn = -1; turn < kTurns; ++turn) {  // the first is a warm-up
        for (int arm = 0; arm < 2; ++arm) {
            const bool first = (arm + turn) % 2 == 0;
            const double begin = now_s();
            (first ? row.ours : row.lapack)();
            if (turn >= 0) (first ? ours : lapack).push_back(now_s() - begin);
        }
    }
    const double ratio = median(ours) / median(lapack);
    fmt::print("| {} | {} x {} | {:.4f} | {:.4f} | {:.2f} |\n", row.name, row.rows, row.cols, median(ours),
               median(lapack), ratio);
    return ratio < kTarget;
}

lapack_int as_int(std::size_t n) { return static_cast<lapack_int>(n); }

[[noreturn]] void give_up(const char* what) {
    fmt::print(stderr, "{} failed.\n", what);
    std::exit(EXIT_FAILURE);
}

template <class T>
void expect(const Result<T>& result) {
    if (!result) give_up(result.error().sentence.c_str());
}

void expect_zero(lapack_int info) {
    if (info != 0) give_up("LAPACK");
}

Row cholesky_row(std::size_t n) {
    const MatrixD a = random_moment(n);
    return {"Cholesky", n, n, [a] { expect(cholesky(a)); },
            [a, n] {
                MatrixD work = a;
                expect_zero(LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', as_int(n), work.values().data(), as_int(n)));
            }};
}

Row inverse_row(std::size_t n) {
    const MatrixD a = random_moment(n);
    return {"inverse", n, n, [a] { expect(invert_positive(a)); },
            [a, n] {
                MatrixD work = a;
                expect_zero(LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', as_int(n), work.values().data(), as_int(n)));
                expect_zero(LAPACKE_dpotri_work(LAPACK_COL_MAJOR, 'L', as_int(n), work.values().data(), as_int(n)));
            }};
}

Row eigen_row(std::size_t n) {
    const MatrixD a = random_moment(n);
    return {"symmetric eigenvectors", n, n, [a] { expect(eigen_symmetric(a)); },
            [a, n] {
                MatrixD work = a;
                std::vector<double> values(n);
                expect_zero(LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'L', as_int(n), work.values().data(), as_int(n),
                                           values.data()));
            }};
}

// `rows` and `cols` as LAPACK sees them: columns first.
Row singular_row(std::size_t rows, std::size_t cols) {
    const MatrixD a = random_matrix(rows, cols);
    return {"singular values and vectors", rows, cols, [a] { expect(singular_values(a)); },
            [a, rows, cols] {
                MatrixD work = a;
                const std::size_t k = std::min(rows, cols);
                MatrixD u(rows, k);
                MatrixD vt(k, cols);
                std::vector<double> values(k);
                expect_zero(LAPACKE_dgesdd(LAPACK_COL_MAJOR, 'S', as_int(rows), as_int(cols), work.values().data(),
                                           as_int(rows), values.data(), u.values().data(), as_int(rows),
                                           vt.values().data(), as_int(k)));
            }};
}

Row pivot_row(std::size_t rows, std::size_t cols) {
    const MatrixD a = random_matrix(rows, cols);
    return {"QR with column pivoting", rows, cols, [a, cols] { expect(pivot_rows(a, cols)); },
            [a, rows, cols] {
                MatrixD work = a;
                std::vector<lapack_int> order(rows, 0);
                std::vector<double> reflectors(cols);
                expect_zero(LAPACKE_dgeqp3(LAPACK_COL_MAJOR, as_int(cols), as_int(rows), work.values().data(),
                                           as_int(cols), order.data(), reflectors.data()));
            }};
}

double least_of_three(const std::function<void()>& work) {
    double out = HUGE_VAL;
    for (int i = 0; i < 3; ++i) {
        const double begin = now_s();
        work();
        out = std::min(out, now_s() - begin);
    }
    return out;
}

// One layer of SmolLM2-135M: 576 wide, 1536 hidden.
bool measure_methods() {
    const MatrixF down = random_matrix<float>(576, 1536);
    const MatrixF gate = random_matrix<float>(1536, 576);
    const MatrixD narrow = random_moment(576);
    const MatrixD wide = random_moment(1536);
    const double columns = least_of_three([&] { expect(plan_columns(down, wide, narrow, {})); });
    const double curve = least_of_three([&] { expect(plan_low_rank(gate, narrow, wide, {})); });
    const double factors = least_of_three([&] { expect(truncate(gate, narrow, wide, 400, {})); });
    fmt::print(
        "\nFFN neurons, all 1536 of a layer: {:.3f} s (wanted {:.1f}); two-sided spectrum of 1536 x 576: {:.3f} s; "
        "its factors at rank 400: {:.3f} s.\n",
        columns, kColumnsTarget_s, curve, factors);
    return columns < kColumnsTarget_s;
}

}  // namespace
}  // namespace landauer

int main() {
    using namespace landauer;
    set_product_threads(1);
    fmt::print("| factorisation | matrix | ours [CPU s] | LAPACK [CPU s] | ratio |\n|---|---|---:|---:|---:|\n");
    bool good = true;
    for (const auto& row : {cholesky_row(1536), inverse_row(1536), eigen_row(576), singular_row(1536, 576),
                            singular_row(576, 1536), pivot_row(1536, 400)}) {
        good = measure(row) && good;
    }
    good = measure_methods() && good;
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
