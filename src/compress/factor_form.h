// How a matrix is stored as two factors.
#pragma once

#include <cstddef>
#include <string>

namespace landauer {

struct FactorForm {
    std::size_t rank = 0;  // 0: whole
    std::string r_type;    // ggml's names
    std::string t_type;
};

// The form at that rank: a type whose blocks do not fit the rows of a factor gives way to one of small blocks, else to
// f16.
[[nodiscard]] FactorForm factor_form(std::size_t rank, std::size_t columns, const std::string& type);

}  // namespace landauer
