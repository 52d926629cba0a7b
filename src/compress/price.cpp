#include "compress/price.h"

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

}  // namespace landauer
