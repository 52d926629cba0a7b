// Rotary positions: pairs of a head's dimensions turned by an angle that grows with the position.
#pragma once

#include "grad/decoder.h"

namespace landauer {

// Cosines and sines of all positions' angles: positions x rope_dims, a cosine and a sine for each pair.
[[nodiscard]] MatrixF rotation_table(const DecoderShape& shape, std::size_t n_positions);

enum class Rotation { Forward, Back };  // back is its inverse and its derivative's transpose

// Turns every head of `rows` (positions x heads * head_dim).
void rotate(const DecoderShape& shape, const MatrixF& table, Rotation direction, MatrixView<float> rows);

}  // namespace landauer
