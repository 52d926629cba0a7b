// Values and output projection made narrower together: attention passes values on unmixed within a head, so that what
// lies between v and o may be any basis.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <vector>

#include "tensor/matrix.h"

namespace landauer {

struct ValueOutputWeights {
    MatrixF v;                  // (n_head_kv x width) x n_embd
    std::vector<float> v_bias;  // may be empty
    MatrixF o;                  // n_embd x (n_head x width)
};

struct ValueOutputSettings {
    std::size_t n_head = 0;
    std::size_t n_head_kv = 0;
    double ridge_input = 1e-4;  // of the mean diagonal
    double ridge_gradient = 1e-2;
};

// tail[w]: nats a token at w values a head instead of the head's width, summed over the groups of heads that share
// their values; tail[full] is 0. In the metric with its ridges, but for what heads have in common, which is left out.
// The heads of a group are measured by the sum of their moments, which is never below their own: among strangers the
// tail is the loss for one head a group, and an upper bound of it for more.
struct ValueOutputCurve {
    std::vector<double> tail;
};

// c: of o's inputs; g: of o's outputs, or empty for the identity. Invalid: shapes, values that are not numbers.
[[nodiscard]] Result<ValueOutputCurve> plan_value_output(const ValueOutputWeights& weights, const MatrixD& c,
                                                         const MatrixD& g, const ValueOutputSettings& settings);

// The narrow pair: v is (n_head_kv x width) x n_embd, o is n_embd x (n_head x width).
[[nodiscard]] Result<ValueOutputWeights> narrow_value_output(const ValueOutputWeights& weights, const MatrixD& c,
                                                             const MatrixD& g, std::size_t width,
                                                             const ValueOutputSettings& settings);

// The same function in the shapes of before: every head's last values are zero. llama.cpp takes one value length for
// all layers and wants it to be the key length, so this is the form in which a stock runtime runs the pair; it saves
// nothing there.
[[nodiscard]] ValueOutputWeights widen_value_output(const ValueOutputWeights& narrow, std::size_t head_dim,
                                                    const ValueOutputSettings& settings);

}  // namespace landauer
