// Matrices of a GGUF file that are stored as two factors (docs/format.md): W ~ P [R ; T R].
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "gguf/summary.h"
#include "gguf/weights.h"

namespace landauer {

inline constexpr const char* kFactorsKey = "landauer.factors.version";
inline constexpr std::uint32_t kFactorsVersion = 1;
inline constexpr const char* kFactorsCountKey = "landauer.factors.count";

// Names of the three tensors that stand for "blk.3.ffn_up.weight": blk.3.ffn_up.factor_r and so on.
struct FactorNames {
    std::string r;
    std::string t;
    std::string pivots;
};
[[nodiscard]] FactorNames factor_names(const std::string& matrix);

struct FactorMatrix {
    std::string name;  // of the matrix that they stand for
    std::size_t rows = 0;
    std::size_t cols = 0;
    std::size_t rank = 0;  // its bond dimension
    GgufTensor r;          // rank x cols
    GgufTensor t;          // (rows - rank) x rank
    GgufTensor pivots;  // rank numbers of rows, as i32: row i of R is row pivots[i] of W; T makes the others, ascending
};

[[nodiscard]] bool has_factors(const GgufSummary& file);

// In the order of the file. Invalid, naming the tensor: a version from the future, a missing partner, shapes that do
// not belong together, no rank or one above full, more or fewer matrices than the file says.
[[nodiscard]] Result<std::vector<FactorMatrix>> factor_matrices(const GgufSummary& file);

// For each row of [R x ; T R x] its row of W. Invalid: a pivot that is no row, or there twice. Errors as
// WeightFile::read_rows().
[[nodiscard]] Result<std::vector<std::int32_t>> factor_rows(const WeightFile& file, const FactorMatrix& matrix);

}  // namespace landauer
