#include "grad/attention.h"

#include <algorithm>
#include <cmath>

#include "grad/fit.h"
#include "grad/loops.h"
#include "tensor/products.h"

namespace landauer {
namespace {

constexpr std::size_t kRows = 128;  // queries at once: what lies behind them all is left out

float score_scale(const HeadLayout& layout) { return 1.0F / std::sqrt(static_cast<float>(layout.head_dim)); }

// Rows first.. of one head's queries, and the keys up to the last of them.
struct Tile {
    std::size_t head = 0;
    std::size_t group = 0;
    std::size_t first = 0;
    std::size_t rows = 0;
    std::size_t keys = 0;
};

template <class Use>
void for_tiles(const HeadLayout& layout, std::size_t n_positions, const Use& use) {
    for (std::size_t head = 0; head < layout.n_head; ++head) {
        const std::size_t group = head / (layout.n_head / layout.n_head_kv);
        for (std::size_t first = 0; first < n_positions; first += kRows) {
            const std::size_t rows = std::min(kRows, n_positions - first);
            use(Tile{head, group, first, rows, first + rows});
        }
    }
}

template <class T>
MatrixView<T> queries(MatrixView<T> all, const HeadLayout& layout, const Tile& tile) {
    return all.part(tile.first, tile.head * layout.head_dim, tile.rows, layout.head_dim);
}

template <class T>
MatrixView<T> keys(MatrixView<T> all, const HeadLayout& layout, const Tile& tile) {
    return all.part(0, tile.group * layout.head_dim, tile.keys, layout.head_dim);
}

// Each row over the keys up to its own position.
void causal_softmax(MatrixView<float> scores, std::size_t first) {
    for (std::size_t i = 0; i < scores.rows; ++i) {
        float* row = &scores(i, 0);
        const std::size_t seen = first + i + 1;
        const float sum = exp_row(row, seen, largest(row, seen));
        scale_row(row, seen, 1.0F / sum);
        std::fill(row + seen, row + scores.cols, 0.0F);
    }
}

void softmax_backward(MatrixView<const float> probs, MatrixView<float> d_probs) {
    for (std::size_t i = 0; i < probs.rows; ++i) {
        softmax_backward_row(&probs(i, 0), &d_probs(i, 0), probs.cols);
    }
}

}  // namespace

void attend(const HeadLayout& layout, const MatrixF& q, const MatrixF& k, const MatrixF& v, MatrixF& probs,
            MatrixF& out) {
    const std::size_t n = q.rows();
    fit(probs, layout.n_head * n, n);
    fit(out, n, q.cols());
    const MatrixView<const float> all_q = q;
    const MatrixView<const float> all_k = k;
    const MatrixView<const float> all_v = v;
    const MatrixView<float> all_probs = probs;
    const MatrixView<float> all_out = out;
    for_tiles(layout, n, [&](const Tile& tile) {
        const auto scores = all_probs.part(tile.head * n + tile.first, 0, tile.rows, tile.keys);
        multiply(queries(all_q, layout, tile), Turn::No, keys(all_k, layout, tile), Turn::Yes, scores,
                 score_scale(layout));
        causal_softmax(scores, tile.first);
        multiply(scores, Turn::No, keys(all_v, layout, tile), Turn::No, queries(all_out, layout, tile));
    });
}

void attend_backward(const HeadLayout& layout, const MatrixF& q, const MatrixF& k, const MatrixF& v,
                     const MatrixF& probs, const MatrixF& d_out, MatrixF& d_q, MatrixF& d_k, MatrixF& d_v) {
    const std::size_t n = q.rows();
    fit(d_q, n, q.cols());
    fit(d_k, n, k.cols());
    fit(d_v, n, v.cols());
    std::ranges::fill(d_k.values(), 0.0F);
    std::ranges::fill(d_v.values(), 0.0F);
    MatrixF room(std::min(kRows, n), n);
    const MatrixView<const float> all_q = q;
    const MatrixView<const float> all_k = k;
    const MatrixView<const float> all_v = v;
    const MatrixView<const float> all_probs = probs;
    const MatrixView<const float> all_d_out = d_out;
    const MatrixView<float> all_d_q = d_q;
    const MatrixView<float> all_d_k = d_k;
    const MatrixView<float> all_d_v = d_v;
    const float scale = score_scale(layout);
    for_tiles(layout, n, [&](const Tile& tile) {
        const auto p = all_probs.part(tile.head * n + tile.first, 0, tile.rows, tile.keys);
        const auto d_tile = queries(all_d_out, layout, tile);
        const auto d = MatrixView<float>(room).part(0, 0, tile.rows, tile.keys);
        multiply(p, Turn::Yes, d_tile, Turn::No, keys(all_d_v, layout, tile), 1.0F, 1.0F);
        multiply(d_tile, Turn::No, keys(all_v, layout, tile), Turn::Yes, d);
        softmax_backward(p, d);
        multiply(d, Turn::No, keys(all_k, layout, tile), Turn::No, queries(all_d_q, layout, tile), scale);
        multiply(d, Turn::Yes, queries(all_q, layout, tile), Turn::No, keys(all_d_k, layout, tile), scale, 1.0F);
    });
}

}  // namespace landauer
