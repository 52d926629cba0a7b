// What any change of a matrix costs: rounding its weights, or taking it away (a change of -W).
#pragma once

#include <landauer/error.h>

#include "tensor/matrix.h"

namespace landauer {

// Nats a token, 1/2 tr(G dW C dW^T). change: out x in; c: in x in; g: out x out. Of a whole matrix that goes it is a
// rank among others rather than a loss: that is far from small. Invalid: shapes, values that are not numbers.
[[nodiscard]] Result<double> change_loss(const MatrixF& change, const MatrixD& c, const MatrixD& g);

}  // namespace landauer
