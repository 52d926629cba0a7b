// The loops over rows of floats in which the decoder spends what it does not spend in matrix products.
#pragma once

#include <cstddef>

namespace landauer {

[[nodiscard]] float dot(const float* a, const float* b, std::size_t n);
[[nodiscard]] float largest(const float* x, std::size_t n);  // n > 0

// x := e^(x - shift), to 2e-7 of it and not below e^-87; returns the sum.
float exp_row(float* x, std::size_t n, float shift);
void scale_row(float* x, std::size_t n, float factor);

// d := p (d - p.d), the way back through a softmax.
void softmax_backward_row(const float* p, float* d, std::size_t n);

// hidden = silu(gate) up, and the way back from d at `hidden`.
void gate_row(const float* gate, const float* up, float* hidden, std::size_t n);
void gate_backward_row(const float* gate, const float* up, const float* d, float* d_gate, float* d_up, std::size_t n);

// KL(teacher || student) of two rows of logits, in nats; student := its softmax less the teacher's, teacher is lost.
double divergence_row(float* teacher, float* student, std::size_t n);

}  // namespace landauer
