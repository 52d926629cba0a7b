// Two factors as bytes: each in a type of its own, the second one fitted to what the first one became.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "compress/factor_form.h"
#include "compress/methods/error_feedback.h"
#include "compress/methods/low_rank.h"
#include "tensor/matrix.h"

namespace landauer {

struct EncodedFactors {
    std::vector<std::byte> r;
    std::vector<std::byte> t;
    std::vector<std::int32_t> pivots;
};

// c: in x in, the second moments of what goes in. R by error feedback under C; T makes up for what R lost by it, and is
// fed back under R C R^T. Errors as encode_matrix().
[[nodiscard]] Result<EncodedFactors> encode_factors(const PivotedFactors& factors, const MatrixD& c,
                                                    const FactorForm& form, const FeedbackSettings& settings);

// The factors of the matrix whose row i is row rows[i] of this one's; `rows` has each once.
[[nodiscard]] PivotedFactors reordered(const PivotedFactors& factors, const std::vector<std::size_t>& rows);

}  // namespace landauer
