// The differentiable decoder: a Llama-like model's forward pass and its backward pass over activations.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "gguf/factor_format.h"
#include "gguf/weights.h"
#include "tensor/matrix.h"

namespace landauer {

// A decoder's shape; the widths may differ by layer.
struct DecoderShape {
    std::string architecture;
    std::size_t n_layer = 0;
    std::size_t n_embd = 0;
    std::size_t n_vocab = 0;
    std::size_t head_dim = 0;
    std::size_t rope_dims = 0;
    std::vector<std::size_t> n_ff;
    std::vector<std::size_t> n_head;  // 0: no attention in this layer
    std::vector<std::size_t> n_head_kv;
    double rope_base = 10000.0;
    double rope_scale = 1.0;  // positions are multiplied by it
    double rms_eps = 1e-5;
    bool rope_halves = false;                     // pairs are (i, i + d/2) instead of (2i, 2i + 1)
    bool tied_head = false;                       // the head is the embedding
    std::vector<float> rope_factors;              // frequency divisors, empty: all 1
    std::map<std::string, FactorMatrix> factors;  // matrices that the file has as factors, by their names
};

// Invalid: an architecture without a decoder here (names it and those there are), a mixture of experts, a
// missing tensor or key, shapes that contradict each other. Errors as factor_matrices().
[[nodiscard]] Result<DecoderShape> decoder_shape(const WeightFile& file);
[[nodiscard]] const std::vector<std::string>& decoder_architectures();

// Matrices are out x in. Biases may be empty; q_norm and k_norm (a head's, Qwen3) too.
struct BlockWeights {
    std::vector<float> attn_norm;
    MatrixF q, k, v, o;
    std::vector<float> q_bias, k_bias, v_bias, o_bias;
    std::vector<float> q_norm, k_norm;
    std::vector<float> ffn_norm;
    MatrixF gate, up, down;
};
// Factors are multiplied out.
[[nodiscard]] Result<BlockWeights> read_block(const WeightFile& file, const DecoderShape& shape, std::size_t layer);

// What a block's forward pass leaves for its backward pass and for statistics. One window: rows are positions.
struct BlockTape {
    MatrixF attn_in;   // normed stream, input of q, k, v
    MatrixF q, k, v;   // after bias, norm and rotation
    MatrixF probs;     // attention weights, (head x position) x position
    MatrixF attn_out;  // input of o
    MatrixF stream;    // after the attention
    MatrixF ffn_in;
    MatrixF gate, up;
    MatrixF hidden;                        // silu(gate) * up, input of down
    std::vector<float> attn_rms, ffn_rms;  // 1 / rms of each row
    MatrixF q_raw, k_raw;                  // before q_norm, k_norm; empty without them
    std::vector<float> q_rms, k_rms;       // of q_raw and k_raw, (position x head)
};

// Gradients at the outputs of the matrices, rows are positions.
struct BlockGradients {
    MatrixF q, k, v;  // before the rotation: at W x + b
    MatrixF o;        // the stream's, after the attention
    MatrixF gate, up;
    MatrixF down;  // the stream's, after the block
    // At the inputs of the matrices: what norm gains and channel scales are trained by.
    MatrixF attn_in, attn_out, ffn_in, hidden;
};

// out = block(in). `in` and `out` may be the same.
void block_forward(const DecoderShape& shape, const BlockWeights& weights, std::size_t layer, const MatrixF& in,
                   BlockTape& tape, MatrixF& out);

// The same without what only the output needs: the forward pass again, before block_backward().
void block_tape(const DecoderShape& shape, const BlockWeights& weights, std::size_t layer, const MatrixF& in,
                BlockTape& tape);

// d_stream: on entry the gradient at the block's output, on return at its input.
void block_backward(const DecoderShape& shape, const BlockWeights& weights, std::size_t layer, const MatrixF& in,
                    const BlockTape& tape, MatrixF& d_stream, BlockGradients& gradients);

}  // namespace landauer
