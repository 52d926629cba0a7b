#include "compress/factor_form.h"

#include "compress/layer_types.h"
#include "gguf/weights.h"

namespace landauer {

FactorForm factor_form(std::size_t rank, std::size_t columns, const std::string& type) {
    const auto fitting = [&](std::size_t n) {
        const std::string near = type_for_rows(type, n);
        return row_bytes(near, n) > 0 ? near : std::string("f16");
    };
    return {rank, fitting(columns), fitting(rank)};
}

}  // namespace landauer
