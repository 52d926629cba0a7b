// What healing trains: lists of values that the optimiser, the snapshots and the writer treat alike.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "grad/decoder.h"
#include "tensor/matrix.h"

namespace landauer {

// Scales: of each block of each quantised matrix, and the norms' gains. Channels: a factor for each output channel
// instead, which its blocks' scales take in at the end. Weights: scales, and every value of the matrices that are
// stored as floats. LowRank: scales, and an update B A of these matrices (LoRA, Hu et al. 2021), added to them at the
// end.
enum class Trained { Scales, Channels, Weights, LowRank };

enum class ParameterKind {
    Gain,     // factor on a norm's gain
    Channel,  // factor on a matrix's output channel
    Scale,    // of a block
    Offset,   // of a block
    Weight,   // a value of a matrix
    UpdateA,  // of an update: rank x columns
    UpdateB,  // rows x rank
};

struct Parameter {
    std::string tensor;
    ParameterKind kind = ParameterKind::Gain;
    bool of_head = false;   // the norm before the head
    MatrixF values;         // rows x blocks, or rows x columns; 1 x n of factors
    double size = 0.0;      // that the rate is relative to; 0: the values' mean size
    double leverage = 1.0;  // how many times the change of its matrix is its own: the rate is smaller by it
};

using Gradients = std::vector<MatrixF>;  // one for each parameter, of its shape

// Of an update B A of a matrix: what its halves begin with, and how fast they learn. `seed` decides A; B is 0.
inline constexpr std::size_t kUpdateRank = 32;
struct Update {
    Parameter a;
    Parameter b;
};
[[nodiscard]] Update empty_update(const std::string& tensor, const MatrixF& weights, std::uint64_t seed);

// A step of the optimiser, for each value of the parameter: absolute, from the mean size of the values in the file.
[[nodiscard]] float rate_of(const Parameter& parameter);

// A block's matrices, what goes into them and what comes out.
struct HealedPart {
    std::string_view part;
    MatrixF BlockWeights::* weights;
    MatrixF BlockTape::* input;
    MatrixF BlockGradients::* d_output;
};
// The largest first.
inline constexpr std::array<HealedPart, 7> kHealedParts = {{
    {"ffn_down", &BlockWeights::down, &BlockTape::hidden, &BlockGradients::down},
    {"ffn_gate", &BlockWeights::gate, &BlockTape::ffn_in, &BlockGradients::gate},
    {"ffn_up", &BlockWeights::up, &BlockTape::ffn_in, &BlockGradients::up},
    {"attn_output", &BlockWeights::o, &BlockTape::attn_out, &BlockGradients::o},
    {"attn_q", &BlockWeights::q, &BlockTape::attn_in, &BlockGradients::q},
    {"attn_k", &BlockWeights::k, &BlockTape::attn_in, &BlockGradients::k},
    {"attn_v", &BlockWeights::v, &BlockTape::attn_in, &BlockGradients::v},
}};

}  // namespace landauer
