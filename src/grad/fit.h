// Buffers that are used again and again.
#pragma once

#include "tensor/matrix.h"

namespace landauer {

// Makes the matrix so large; its values stay where it is already. One that was moved from is none.
inline void fit(MatrixF& matrix, std::size_t rows, std::size_t cols) {
    const bool fits = matrix.rows() == rows && matrix.cols() == cols && matrix.values().size() == rows * cols;
    if (!fits) matrix = MatrixF(rows, cols);
}

}  // namespace landauer
