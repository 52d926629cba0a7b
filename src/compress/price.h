// What a matrix costs where an allocation pays for it: parameters, bytes, seconds, joules.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "compress/factor_form.h"

namespace landauer {

// Of a matrix of that type (ggml's name) with so many rows and columns, 0 for an empty one. Of one type it must not
// fall with either.
using MatrixPrice = std::function<double(const std::string& type, std::size_t rows, std::size_t cols)>;

// Of a matrix of rows x cols stored as factors of that form.
using FactorPrice = std::function<double(const FactorForm& form, std::size_t rows, std::size_t cols)>;

[[nodiscard]] MatrixPrice parameter_price();
// Blocks of the type are not broken: columns that end within one count as the whole block.
[[nodiscard]] MatrixPrice byte_price();

// Both factors, and `each_pivot` for each of their pivots.
[[nodiscard]] FactorPrice sum_price(MatrixPrice price, double each_pivot);
[[nodiscard]] FactorPrice parameter_price_of_factors();
[[nodiscard]] FactorPrice byte_price_of_factors();

}  // namespace landauer
