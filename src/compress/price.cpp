#include "compress/price.h"

#include <cstdint>
#include <utility>

#include "compress/stock_shape.h"
#include "gguf/weights.h"

namespace landauer {

MatrixPrice parameter_price() {
    return [](const std::string& /*type*/, std::size_t rows, std::size_t cols) {
        return static_cast<double>(rows) * static_cast<double>(cols);
    };
}

MatrixPrice byte_price() {
    return [](const std::string& type, std::size_t rows, std::size_t cols) {
        const std::size_t block = block_values(type);
        const std::size_t whole = (cols + block - 1) / block * block;
        return static_cast<double>(rows) * static_cast<double>(row_bytes(type, whole));
    };
}

FactorPrice sum_price(MatrixPrice price, double each_pivot) {
    return [price = std::move(price), each_pivot](const FactorForm& form, std::size_t rows, std::size_t cols) {
        return price(form.r_type, form.rank, cols) + price(form.t_type, rows - form.rank, form.rank) +
               each_pivot * static_cast<double>(form.rank);
    };
}

FactorPrice parameter_price_of_factors() { return sum_price(parameter_price(), 1.0); }
FactorPrice byte_price_of_factors() { return sum_price(byte_price(), sizeof(std::int32_t)); }

}  // namespace landauer
