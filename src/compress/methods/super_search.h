// The codes of one block of 256 columns, many rows side by side, each column's rounding error fed into the block's
// later columns.
#pragma once

#include <landauer/error.h>

#include <array>
#include <cstddef>
#include <vector>

#include "compress/methods/levels.h"
#include "compress/methods/super_codes.h"
#include "tensor/matrix.h"

namespace landauer {

// U^T U = C^-1 as in BlockFeedback, of 256 columns.
struct SuperFeedback {
    MatrixF into;                                         // (k, j): U_jk, j < k
    std::array<float, kSuperColumns> inverse_diagonal{};  // 1 / U_jj
    std::array<float, kSuperColumns> importance{};        // 1 / U_jj^2: what an error that nothing makes up for costs
};

struct SuperBlock {
    std::vector<Lanes> errors;     // by column
    std::vector<std::byte> bytes;  // of each lane's block, one after the other
    Lanes loss{};                  // sum of e^2
};

// Scales are ggml's own under the importance, found anew for what the columns have become, as long as that helps.
// values: by column. Errors as encode_rows().
[[nodiscard]] Result<void> search_super(const SuperFormat& format, const std::vector<Lanes>& values,
                                        const SuperFeedback& feedback, SuperBlock& out);

}  // namespace landauer
