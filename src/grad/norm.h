// Division by the root mean square, with a gain a column.
#pragma once

#include <span>
#include <vector>

#include "tensor/matrix.h"

namespace landauer {

// out = in / rms(in) * gain, row by row; inverse_rms: 1 / rms of each row.
void rms_norm(MatrixView<const float> in, std::span<const float> gain, double eps, std::span<float> inverse_rms,
              MatrixView<float> out);

// d_in += the gradient at `in` where d_out is that at the norm's output.
void add_rms_norm_backward(MatrixView<const float> in, std::span<const float> gain, std::span<const float> inverse_rms,
                           MatrixView<const float> d_out, MatrixView<float> d_in);

}  // namespace landauer
