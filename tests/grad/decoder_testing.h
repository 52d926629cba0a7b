// Random blocks and streams, and changes to them.
#pragma once

#include <cmath>
#include <random>
#include <vector>

#include "grad/decoder.h"

namespace landauer::testing {

inline MatrixF random_matrix(std::size_t rows, std::size_t cols, double spread, std::mt19937& random) {
    MatrixF matrix(rows, cols);
    std::normal_distribution<float> draw(0.0F, static_cast<float>(spread));
    for (float& value : matrix.values()) value = draw(random);
    return matrix;
}

inline std::vector<float> random_vector(std::size_t n, double center, double spread, std::mt19937& random) {
    std::vector<float> values(n);
    std::normal_distribution<float> draw(static_cast<float>(center), static_cast<float>(spread));
    for (float& value : values) value = draw(random);
    return values;
}

inline double dot_of(const MatrixF& a, const MatrixF& b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.values().size(); ++i) {
        sum += static_cast<double>(a.values()[i]) * static_cast<double>(b.values()[i]);
    }
    return sum;
}

// values + factor * direction.
inline void move_along(std::span<float> values, std::span<const float> direction, double factor) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += static_cast<float>(factor) * direction[i];
}

// A block with everything that a block may have, or less.
struct BlockKind {
    std::size_t n_head = 4;
    std::size_t n_head_kv = 2;
    bool rope_halves = false;
    bool biases = false;
    bool head_norms = false;
    bool rope_factors = false;
};

inline DecoderShape shape_of(const BlockKind& kind) {
    DecoderShape shape;
    shape.n_layer = 1;
    shape.n_embd = 24;
    shape.n_vocab = 50;
    shape.head_dim = 8;
    shape.rope_dims = 8;
    shape.n_ff = {40};
    shape.n_head = {kind.n_head};
    shape.n_head_kv = {kind.n_head_kv};
    shape.rope_base = 100.0;
    shape.rope_halves = kind.rope_halves;
    if (kind.rope_factors) shape.rope_factors = {1.0F, 1.5F, 3.0F, 8.0F};
    return shape;
}

inline BlockWeights random_block(const DecoderShape& shape, const BlockKind& kind, std::mt19937& random) {
    BlockWeights block;
    const std::size_t wide = shape.n_embd;
    const std::size_t q = kind.n_head * shape.head_dim;
    const std::size_t kv = kind.n_head_kv * shape.head_dim;
    const auto matrix = [&](std::size_t out, std::size_t in) {
        return random_matrix(out, in, 1.2 / std::sqrt(static_cast<double>(in)), random);
    };
    if (q > 0) {
        block.attn_norm = random_vector(wide, 1.0, 0.3, random);
        block.q = matrix(q, wide);
        block.k = matrix(kv, wide);
        block.v = matrix(kv, wide);
        block.o = matrix(wide, q);
        if (kind.biases) {
            block.q_bias = random_vector(q, 0.0, 0.3, random);
            block.k_bias = random_vector(kv, 0.0, 0.3, random);
            block.v_bias = random_vector(kv, 0.0, 0.3, random);
            block.o_bias = random_vector(wide, 0.0, 0.3, random);
        }
        if (kind.head_norms) {
            block.q_norm = random_vector(shape.head_dim, 1.0, 0.3, random);
            block.k_norm = random_vector(shape.head_dim, 1.0, 0.3, random);
        }
    }
    block.ffn_norm = random_vector(wide, 1.0, 0.3, random);
    block.gate = matrix(shape.n_ff[0], wide);
    block.up = matrix(shape.n_ff[0], wide);
    block.down = matrix(wide, shape.n_ff[0]);
    return block;
}

inline std::vector<BlockKind> block_kinds() {
    return {{},
            {4, 4, false, false, false, true},
            {4, 1, true, true, false, false},
            {4, 2, true, false, true, false},
            {2, 2, true, true, true, true},
            {0, 0, false, false, false, false}};
}

}  // namespace landauer::testing
