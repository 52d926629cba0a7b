// What a matrix costs where an allocation pays for it: parameters, bytes, seconds, joules.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace landauer {

// Of a matrix of that type (ggml's name) with so many rows and columns, 0 for an empty one. Of one type it must not
// fall with either.
using MatrixPrice = std::function<double(const std::string& type, std::size_t rows, std::size_t cols)>;

[[nodiscard]] MatrixPrice parameter_price();
// Blocks of the type are not broken: columns that end within one count as the whole block.
[[nodiscard]] MatrixPrice byte_price();

}  // namespace landauer
