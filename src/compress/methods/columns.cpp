#include "compress/methods/columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "compress/methods/metric.h"
#include "tensor/decompose.h"
#include "tensor/products.h"

// With H the inputs' moment, Hi its inverse and D = Lg^T W, taking the columns S away and correcting the others costs
// 1/2 tr(D_S (Hi_SS)^-1 D_S^T) and leaves Hi - Hi_:S (Hi_SS)^-1 Hi_S: and D - D_S (Hi_SS)^-1 Hi_S:, which is a step of
// a Cholesky factorisation with pivots of Hi. As there, the steps of a round are kept as narrow factors, and the wide
// matrices change once a round, by products of full speed.

namespace landauer {
namespace {

constexpr std::size_t kRoundColumns = 64;  // taken between two changes of the wide matrices
constexpr std::size_t kPool = 4;           // groups that a round looks at, for each that it takes
constexpr std::size_t kPanel = 256;
constexpr const char* kInputs = "moments of the inputs";
constexpr const char* kGradients = "moments of the gradients";

// What is left of the matrix: `alive` groups, whose columns fill the front of the inverse and of the rows of d.
struct Rest {
    std::vector<std::size_t> alive;  // groups of the caller's
    MatrixD inverse;                 // lower triangle
    MatrixD d;                       // a row for each column of W
    std::size_t group = 1;
    [[nodiscard]] std::size_t columns() const { return alive.size() * group; }
};

// Some groups of the rest, with what decides between them up to date.
struct Pool {
    std::vector<std::size_t> places;  // in Rest::alive
    std::vector<bool> gone;
    MatrixD d;
    MatrixD blocks;  // of the inverse's diagonal, one group under the other
};

// The round's steps: Hi = inverse - factor^T factor, and D^T = d - factor^T of_d.
struct Steps {
    MatrixD factor;  // a row a column taken
    MatrixD of_d;
    std::size_t rows = 0;
    std::vector<std::size_t> taken;  // places in Rest::alive, in their order
};

// Row `i` of the inverse, of which the lower triangle is known.
void copy_row(const Rest& rest, std::size_t i, std::span<double> into) {
    for (std::size_t j = 0; j <= i; ++j) into[j] = rest.inverse(i, j);
    for (std::size_t j = i + 1; j < rest.columns(); ++j) into[j] = rest.inverse(j, i);
}

// Four sums side by side, which the compiler may not make of one.
double squared(std::span<const double> values) {
    std::array<double, 4> sums{};
    std::size_t i = 0;
    for (; i + 4 <= values.size(); i += 4) {
        for (std::size_t lane = 0; lane < 4; ++lane) sums[lane] += values[i + lane] * values[i + lane];
    }
    for (; i < values.size(); ++i) sums[0] += values[i] * values[i];
    return sums[0] + sums[1] + sums[2] + sums[3];
}

MatrixD copy_of(MatrixView<const double> view) {
    MatrixD out(view.rows, view.cols);
    for (std::size_t i = 0; i < view.rows; ++i) std::copy_n(view.data + i * view.stride, view.cols, out.row(i).data());
    return out;
}

// Twice what taking one group away costs: tr(D_S block^-1 D_S^T).
Result<double> score(MatrixView<const double> d, MatrixView<const double> block) {
    if (block.rows == 1) {
        const double pivot = block(0, 0);
        if (!(pivot > 0.0)) return std::numeric_limits<double>::infinity();
        return squared({d.data, d.cols}) / pivot;
    }
    const auto root = cholesky(copy_of(block));
    if (!root) return tl::unexpected(root.error());
    MatrixD x = copy_of(d);
    solve_triangular(*root, Triangle::Lower, x);
    return squared_sum(x);
}

MatrixView<const double> group_of(const MatrixD& matrix, std::size_t index, std::size_t group) {
    return MatrixView<const double>(matrix).part(index * group, 0, group, matrix.cols());
}

MatrixD diagonal_blocks(const Rest& rest, const std::vector<std::size_t>& places) {
    MatrixD out(places.size() * rest.group, rest.group);
    for (std::size_t p = 0; p < places.size(); ++p) {
        const std::size_t first = places[p] * rest.group;
        for (std::size_t i = 0; i < rest.group; ++i) {
            for (std::size_t j = 0; j < rest.group; ++j) {
                out(p * rest.group + i, j) = rest.inverse(first + std::max(i, j), first + std::min(i, j));
            }
        }
    }
    return out;
}

// The `n` with the lowest scores, the lowest first.
Result<std::vector<std::size_t>> lowest(const MatrixD& d, const MatrixD& blocks, std::size_t group,
                                        const std::vector<std::size_t>& among, std::size_t n) {
    std::vector<std::pair<double, std::size_t>> scores;
    for (const std::size_t index : among) {
        const auto one = score(group_of(d, index, group), group_of(blocks, index, group));
        if (!one) return tl::unexpected(one.error());
        scores.emplace_back(*one, index);
    }
    n = std::min(n, scores.size());
    std::partial_sort(scores.begin(), scores.begin() + static_cast<std::ptrdiff_t>(n), scores.end());
    std::vector<std::size_t> out(n);
    std::transform(scores.begin(), scores.begin() + static_cast<std::ptrdiff_t>(n), out.begin(),
                   [](const auto& one) { return one.second; });
    return out;
}

Result<Pool> make_pool(const Rest& rest, std::size_t n) {
    std::vector<std::size_t> all(rest.alive.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    Pool pool;
    pool.places = all;
    if (n < all.size()) {
        const auto best = lowest(rest.d, diagonal_blocks(rest, all), rest.group, all, n);
        if (!best) return tl::unexpected(best.error());
        pool.places = *best;
        std::sort(pool.places.begin(), pool.places.end());
    }
    pool.gone.assign(pool.places.size(), false);
    pool.blocks = diagonal_blocks(rest, pool.places);
    pool.d = MatrixD(pool.places.size() * rest.group, rest.d.cols());
    for (std::size_t p = 0; p < pool.places.size(); ++p) {
        for (std::size_t i = 0; i < rest.group; ++i) {
            const auto row = rest.d.row(pool.places[p] * rest.group + i);
            std::copy(row.begin(), row.end(), pool.d.row(p * rest.group + i).begin());
        }
    }
    return pool;
}

// The rows of the inverse that belong to the picked groups of the pool, as they are after the round's steps so far.
MatrixD current_rows(const Rest& rest, const Pool& pool, const Steps& steps, const std::vector<std::size_t>& picked) {
    const std::size_t width = rest.columns();
    MatrixD out(picked.size() * rest.group, width);
    MatrixD before(steps.rows, out.rows());
    for (std::size_t p = 0; p < picked.size(); ++p) {
        for (std::size_t i = 0; i < rest.group; ++i) {
            const std::size_t column = pool.places[picked[p]] * rest.group + i;
            const std::size_t row = p * rest.group + i;
            copy_row(rest, column, out.row(row));
            for (std::size_t k = 0; k < steps.rows; ++k) before(k, row) = steps.factor(k, column);
        }
    }
    if (steps.rows > 0) {
        multiply(before, Turn::Yes, MatrixView<const double>(steps.factor).part(0, 0, steps.rows, width), Turn::No, out,
                 -1.0, 1.0);
    }
    return out;
}

// The columns of the pool's groups, one beside the other.
MatrixD pool_columns(const MatrixD& rows, const Pool& pool, std::size_t group) {
    MatrixD out(rows.rows(), pool.places.size() * group);
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        for (std::size_t p = 0; p < pool.places.size(); ++p) {
            std::copy_n(rows.row(i).data() + pool.places[p] * group, group, out.row(i).data() + p * group);
        }
    }
    return out;
}

void update_pool(Pool& pool, const MatrixD& factor, const MatrixD& of_d, std::size_t group) {
    const MatrixD narrow = pool_columns(factor, pool, group);
    multiply(narrow, Turn::Yes, of_d, Turn::No, pool.d, -1.0, 1.0);
    for (std::size_t k = 0; k < narrow.rows(); ++k) {
        const auto row = narrow.row(k);
        for (std::size_t c = 0; c < row.size(); ++c) {
            const std::size_t first = c / group * group;
            for (std::size_t j = 0; j < group; ++j) pool.blocks(c, j) -= row[c] * row[first + j];
        }
    }
}

void append(Steps& steps, const MatrixD& factor, const MatrixD& of_d) {
    for (std::size_t i = 0; i < factor.rows(); ++i, ++steps.rows) {
        std::copy(factor.row(i).begin(), factor.row(i).end(), steps.factor.row(steps.rows).begin());
        std::copy(of_d.row(i).begin(), of_d.row(i).end(), steps.of_d.row(steps.rows).begin());
    }
}

// Takes the picked groups, and says in `out` what each of them cost.
Result<void> take(const Rest& rest, Pool& pool, Steps& steps, const std::vector<std::size_t>& picked,
                  ColumnRemoval& out) {
    MatrixD factor = current_rows(rest, pool, steps, picked);
    MatrixD of_d(factor.rows(), pool.d.cols());
    MatrixD corner(factor.rows(), factor.rows());
    for (std::size_t p = 0; p < picked.size(); ++p) {
        const std::size_t column = pool.places[picked[p]] * rest.group;
        for (std::size_t i = 0; i < rest.group; ++i) {
            const auto from = pool.d.row(picked[p] * rest.group + i);
            std::copy(from.begin(), from.end(), of_d.row(p * rest.group + i).begin());
            for (std::size_t k = 0; k < corner.rows(); ++k) corner(k, p * rest.group + i) = factor(k, column + i);
        }
    }
    const auto root = cholesky(std::move(corner));
    if (!root) return tl::unexpected(root.error());
    solve_triangular(*root, Triangle::Lower, factor);
    solve_triangular(*root, Triangle::Lower, of_d);
    for (std::size_t p = 0; p < picked.size(); ++p) {
        double cost = 0.0;
        for (std::size_t i = 0; i < rest.group; ++i) cost += 0.5 * squared(of_d.row(p * rest.group + i));
        out.order.push_back(rest.alive[pool.places[picked[p]]]);
        out.loss.push_back(out.loss.back() + cost);
        steps.taken.push_back(pool.places[picked[p]]);
        pool.gone[picked[p]] = true;
    }
    append(steps, factor, of_d);
    update_pool(pool, factor, of_d, rest.group);
    return {};
}

// Moves what stays to the front; `stay` are places in Rest::alive, rising.
void compact(Rest& rest, Steps& steps, const std::vector<std::size_t>& stay) {
    const std::size_t group = rest.group;
    const auto move_columns = [&](std::span<double> row, std::size_t n_groups) {
        for (std::size_t p = 0; p < n_groups; ++p) {
            std::copy_n(row.data() + stay[p] * group, group, row.data() + p * group);
        }
    };
    for (std::size_t p = 0; p < stay.size(); ++p) {
        for (std::size_t i = 0; i < group; ++i) {
            const auto from = rest.inverse.row(stay[p] * group + i);
            const auto to = rest.inverse.row(p * group + i);
            if (stay[p] != p) {
                std::copy(from.begin(), from.begin() + static_cast<std::ptrdiff_t>((stay[p] + 1) * group), to.begin());
                const auto d = rest.d.row(stay[p] * group + i);
                std::copy(d.begin(), d.end(), rest.d.row(p * group + i).begin());
            }
            move_columns(to, p + 1);
        }
        rest.alive[p] = rest.alive[stay[p]];
    }
    for (std::size_t k = 0; k < steps.rows; ++k) move_columns(steps.factor.row(k), stay.size());
    rest.alive.resize(stay.size());
}

void apply(Rest& rest, Steps& steps) {
    compact(rest, steps, others(steps.taken, rest.alive.size()));
    const std::size_t width = rest.columns();
    const MatrixView<const double> factor = MatrixView<const double>(steps.factor).part(0, 0, steps.rows, width);
    for (std::size_t first = 0; first < width; first += kPanel) {
        const std::size_t n = std::min(kPanel, width - first);
        multiply(factor.part(0, first, steps.rows, n), Turn::Yes, factor.part(0, 0, steps.rows, first + n), Turn::No,
                 MatrixView<double>(rest.inverse).part(first, 0, n, first + n), -1.0, 1.0);
    }
    multiply(factor, Turn::Yes, MatrixView<const double>(steps.of_d).part(0, 0, steps.rows, steps.of_d.cols()),
             Turn::No, MatrixView<double>(rest.d).part(0, 0, width, rest.d.cols()), -1.0, 1.0);
}

// Takes `n` groups, `at_once` between two looks at what the others cost.
Result<void> run_round(Rest& rest, std::size_t n, std::size_t at_once, ColumnRemoval& out) {
    auto pool = make_pool(rest, kPool * n);
    if (!pool) return tl::unexpected(pool.error());
    Steps steps{MatrixD(n * rest.group, rest.columns()), MatrixD(n * rest.group, rest.d.cols()), 0, {}};
    while (steps.taken.size() < n) {
        std::vector<std::size_t> among;
        for (std::size_t p = 0; p < pool->places.size(); ++p) {
            if (!pool->gone[p]) among.push_back(p);
        }
        const auto picked = lowest(pool->d, pool->blocks, rest.group, among, std::min(at_once, n - steps.taken.size()));
        if (!picked) return tl::unexpected(picked.error());
        if (const auto done = take(rest, *pool, steps, *picked, out); !done) return done;
    }
    apply(rest, steps);
    return {};
}

Result<Rest> start(const MatrixF& weights, const MatrixD& c, const MatrixD& g, const ColumnSettings& settings) {
    const auto w = exact_weights(weights);
    if (!w) return tl::unexpected(w.error());
    const std::size_t n = weights.cols();
    if (settings.group == 0 || n % settings.group != 0 || settings.at_once == 0) {
        return fail(ErrorKind::Invalid,
                    fmt::format("{} columns cannot go in groups of {}, {} groups at once.", n, settings.group,
                                settings.at_once),
                    "Take a group that divides the columns, and at least one group at once.");
    }
    const auto h = with_ridge(c, n, settings.ridge_input, kInputs);
    if (!h) return tl::unexpected(h.error());
    auto inverse = invert_positive(*h);
    if (!inverse) return tl::unexpected(inverse.error());
    Rest rest{std::vector<std::size_t>(n / settings.group), std::move(*inverse), MatrixD(), settings.group};
    std::iota(rest.alive.begin(), rest.alive.end(), std::size_t{0});
    if (g.empty()) {
        rest.d = transposed(*w);
        return rest;
    }
    const auto root = metric_root(g, weights.rows(), settings.ridge_gradient, kGradients);
    if (!root) return tl::unexpected(root.error());
    rest.d = product(*w, Turn::Yes, *root, Turn::No);
    return rest;
}

}  // namespace

Result<ColumnRemoval> plan_columns(const MatrixF& weights, const MatrixD& c, const MatrixD& g,
                                   const ColumnSettings& settings) {
    auto rest = start(weights, c, g, settings);
    if (!rest) return tl::unexpected(rest.error());
    ColumnRemoval out;
    out.loss.push_back(0.0);
    // A round of whole batches, so that where it ends does not show.
    const std::size_t batches = std::max<std::size_t>(1, kRoundColumns / (settings.at_once * settings.group));
    while (rest->alive.size() > settings.keep_at_least) {
        const std::size_t n = std::min(batches * settings.at_once, rest->alive.size() - settings.keep_at_least);
        if (const auto done = run_round(*rest, n, settings.at_once, out); !done) return tl::unexpected(done.error());
    }
    return out;
}

Result<MatrixF> keep_columns(const MatrixF& weights, const MatrixD& c, const std::vector<std::size_t>& kept,
                             double ridge_input) {
    const auto w = exact_weights(weights);
    if (!w) return tl::unexpected(w.error());
    const std::size_t n = weights.cols();
    const bool rising = std::adjacent_find(kept.begin(), kept.end(), std::greater_equal<>()) == kept.end();
    if (!rising || (!kept.empty() && kept.back() >= n)) {
        return fail(ErrorKind::Invalid,
                    fmt::format("The columns to keep of {} do not rise, or there are not so many.", n),
                    "Name each column once, in rising order.");
    }
    const auto h = with_ridge(c, n, ridge_input, kInputs);
    if (!h) return tl::unexpected(h.error());
    const std::vector<std::size_t> gone = others(kept, n);
    MatrixD inner(kept.size(), kept.size());
    MatrixD cross(kept.size(), gone.size());
    MatrixD out(weights.rows(), kept.size());
    MatrixD lost(weights.rows(), gone.size());
    for (std::size_t i = 0; i < kept.size(); ++i) {
        for (std::size_t j = 0; j < kept.size(); ++j) inner(i, j) = (*h)(kept[i], kept[j]);
        for (std::size_t j = 0; j < gone.size(); ++j) cross(i, j) = (*h)(kept[i], gone[j]);
    }
    for (std::size_t i = 0; i < weights.rows(); ++i) {
        for (std::size_t j = 0; j < kept.size(); ++j) out(i, j) = (*w)(i, kept[j]);
        for (std::size_t j = 0; j < gone.size(); ++j) lost(i, j) = (*w)(i, gone[j]);
    }
    if (kept.empty() || gone.empty()) return to_single(out);
    const auto correction = solve_positive(inner, product(cross, Turn::No, lost, Turn::Yes));
    if (!correction) return tl::unexpected(correction.error());
    for (std::size_t i = 0; i < out.rows(); ++i) {
        for (std::size_t j = 0; j < out.cols(); ++j) out(i, j) += (*correction)(j, i);
    }
    return to_single(out);
}

}  // namespace landauer
