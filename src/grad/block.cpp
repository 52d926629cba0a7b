#include <algorithm>
#include <type_traits>
#include <utility>

#include "grad/attention.h"
#include "grad/decoder.h"
#include "grad/fit.h"
#include "grad/loops.h"
#include "grad/norm.h"
#include "grad/rotation.h"
#include "tensor/products.h"

namespace landauer {
namespace {

HeadLayout layout_of(const DecoderShape& shape, std::size_t layer) {
    return {shape.n_head[layer], shape.n_head_kv[layer], shape.head_dim};
}

// out = in W^T + bias.
void project(const MatrixF& in, const MatrixF& weights, const std::vector<float>& bias, MatrixF& out) {
    fit(out, in.rows(), weights.rows());
    multiply(in, Turn::No, weights, Turn::Yes, out);
    if (bias.empty()) return;
    for (std::size_t t = 0; t < out.rows(); ++t) {
        float* row = out.row(t).data();
        for (std::size_t i = 0; i < out.cols(); ++i) row[i] += bias[i];
    }
}

// d_in = d_out W, or added to it.
void project_backward(const MatrixF& d_out, const MatrixF& weights, bool add, MatrixF& d_in) {
    fit(d_in, d_out.rows(), weights.cols());
    multiply(d_out, Turn::No, weights, Turn::No, d_in, 1.0F, add ? 1.0F : 0.0F);
}

// One row for each head of each position.
template <class M>
auto by_head(M& matrix, std::size_t head_dim) {
    using Value = std::remove_pointer_t<decltype(matrix.values().data())>;
    return MatrixView<Value>(matrix.values().data(), matrix.values().size() / head_dim, head_dim, head_dim);
}

void norm_heads(const DecoderShape& shape, const std::vector<float>& gain, MatrixF& heads, MatrixF& raw,
                std::vector<float>& inverse_rms) {
    if (gain.empty()) return;
    raw = heads;
    const auto in = by_head(raw, shape.head_dim);
    inverse_rms.resize(in.rows);
    rms_norm(in, gain, shape.rms_eps, inverse_rms, by_head(heads, shape.head_dim));
}

void norm_heads_backward(const DecoderShape& shape, const std::vector<float>& gain, const MatrixF& raw,
                         const std::vector<float>& inverse_rms, MatrixF& d_heads) {
    if (gain.empty()) return;
    MatrixF d_raw(raw.rows(), raw.cols());
    add_rms_norm_backward(by_head(raw, shape.head_dim), gain, inverse_rms, by_head(d_heads, shape.head_dim),
                          by_head(d_raw, shape.head_dim));
    d_heads = std::move(d_raw);
}

void norm(const DecoderShape& shape, const MatrixF& in, const std::vector<float>& gain, std::vector<float>& inverse_rms,
          MatrixF& out) {
    fit(out, in.rows(), in.cols());
    inverse_rms.resize(in.rows());
    rms_norm(in, gain, shape.rms_eps, inverse_rms, out);
}

// tape.stream = in + attention(in).
void attention_forward(const DecoderShape& shape, const BlockWeights& weights, std::size_t layer, const MatrixF& in,
                       BlockTape& tape) {
    fit(tape.stream, in.rows(), in.cols());
    std::ranges::copy(in.values(), tape.stream.values().begin());
    if (shape.n_head[layer] == 0) return;
    norm(shape, in, weights.attn_norm, tape.attn_rms, tape.attn_in);
    project(tape.attn_in, weights.q, weights.q_bias, tape.q);
    project(tape.attn_in, weights.k, weights.k_bias, tape.k);
    project(tape.attn_in, weights.v, weights.v_bias, tape.v);
    norm_heads(shape, weights.q_norm, tape.q, tape.q_raw, tape.q_rms);
    norm_heads(shape, weights.k_norm, tape.k, tape.k_raw, tape.k_rms);
    const MatrixF angles = rotation_table(shape, in.rows());
    rotate(shape, angles, Rotation::Forward, tape.q);
    rotate(shape, angles, Rotation::Forward, tape.k);
    attend(layout_of(shape, layer), tape.q, tape.k, tape.v, tape.probs, tape.attn_out);
    multiply(tape.attn_out, Turn::No, weights.o, Turn::Yes, tape.stream, 1.0F, 1.0F);
    if (weights.o_bias.empty()) return;
    for (std::size_t t = 0; t < in.rows(); ++t) {
        for (std::size_t i = 0; i < in.cols(); ++i) tape.stream(t, i) += weights.o_bias[i];
    }
}

// tape.hidden from tape.stream.
void ffn_forward(const DecoderShape& shape, const BlockWeights& weights, BlockTape& tape) {
    norm(shape, tape.stream, weights.ffn_norm, tape.ffn_rms, tape.ffn_in);
    project(tape.ffn_in, weights.gate, {}, tape.gate);
    project(tape.ffn_in, weights.up, {}, tape.up);
    fit(tape.hidden, tape.gate.rows(), tape.gate.cols());
    gate_row(tape.gate.values().data(), tape.up.values().data(), tape.hidden.values().data(),
             tape.hidden.values().size());
}

// From gradients.hidden to gradients.gate and .up.
void gate_backward(const BlockTape& tape, BlockGradients& gradients) {
    fit(gradients.gate, tape.gate.rows(), tape.gate.cols());
    fit(gradients.up, tape.gate.rows(), tape.gate.cols());
    gate_backward_row(tape.gate.values().data(), tape.up.values().data(), gradients.hidden.values().data(),
                      gradients.gate.values().data(), gradients.up.values().data(), tape.gate.values().size());
}

void ffn_backward(const BlockWeights& weights, const BlockTape& tape, MatrixF& d_stream, BlockGradients& gradients) {
    gradients.down = d_stream;
    project_backward(d_stream, weights.down, false, gradients.hidden);
    gate_backward(tape, gradients);
    project_backward(gradients.gate, weights.gate, false, gradients.ffn_in);
    project_backward(gradients.up, weights.up, true, gradients.ffn_in);
    add_rms_norm_backward(tape.stream, weights.ffn_norm, tape.ffn_rms, gradients.ffn_in, d_stream);
}

void attention_backward(const DecoderShape& shape, const BlockWeights& weights, std::size_t layer, const MatrixF& in,
                        const BlockTape& tape, MatrixF& d_stream, BlockGradients& gradients) {
    if (shape.n_head[layer] == 0) return;
    gradients.o = d_stream;
    project_backward(d_stream, weights.o, false, gradients.attn_out);
    attend_backward(layout_of(shape, layer), tape.q, tape.k, tape.v, tape.probs, gradients.attn_out, gradients.q,
                    gradients.k, gradients.v);
    const MatrixF angles = rotation_table(shape, in.rows());
    rotate(shape, angles, Rotation::Back, gradients.q);
    rotate(shape, angles, Rotation::Back, gradients.k);
    norm_heads_backward(shape, weights.q_norm, tape.q_raw, tape.q_rms, gradients.q);
    norm_heads_backward(shape, weights.k_norm, tape.k_raw, tape.k_rms, gradients.k);
    project_backward(gradients.q, weights.q, false, gradients.attn_in);
    project_backward(gradients.k, weights.k, true, gradients.attn_in);
    project_backward(gradients.v, weights.v, true, gradients.attn_in);
    add_rms_norm_backward(in, weights.attn_norm, tape.attn_rms, gradients.attn_in, d_stream);
}

}  // namespace

void block_tape(const DecoderShape& shape, const BlockWeights& weights, std::size_t layer, const MatrixF& in,
                BlockTape& tape) {
    attention_forward(shape, weights, layer, in, tape);
    ffn_forward(shape, weights, tape);
}

void block_forward(const DecoderShape& shape, const BlockWeights& weights, std::size_t layer, const MatrixF& in,
                   BlockTape& tape, MatrixF& out) {
    block_tape(shape, weights, layer, in, tape);
    fit(out, tape.stream.rows(), tape.stream.cols());
    std::ranges::copy(tape.stream.values(), out.values().begin());
    multiply(tape.hidden, Turn::No, weights.down, Turn::Yes, out, 1.0F, 1.0F);
}

void block_backward(const DecoderShape& shape, const BlockWeights& weights, std::size_t layer, const MatrixF& in,
                    const BlockTape& tape, MatrixF& d_stream, BlockGradients& gradients) {
    ffn_backward(weights, tape, d_stream, gradients);
    attention_backward(shape, weights, layer, in, tape, d_stream, gradients);
}

}  // namespace landauer
