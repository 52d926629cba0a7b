// Causal attention of grouped heads over one window; rows are positions.
#pragma once

#include <cstddef>

#include "tensor/matrix.h"

namespace landauer {

struct HeadLayout {
    std::size_t n_head = 0;
    std::size_t n_head_kv = 0;
    std::size_t head_dim = 0;
};

// probs: (head x position) x position, of which what lies behind a row's position is 0 or never looked at.
void attend(const HeadLayout& layout, const MatrixF& q, const MatrixF& k, const MatrixF& v, MatrixF& probs,
            MatrixF& out);

// d_out: the gradient at attend()'s `out`. d_q, d_k and d_v become those at its inputs.
void attend_backward(const HeadLayout& layout, const MatrixF& q, const MatrixF& k, const MatrixF& v,
                     const MatrixF& probs, const MatrixF& d_out, MatrixF& d_q, MatrixF& d_k, MatrixF& d_v);

}  // namespace landauer
