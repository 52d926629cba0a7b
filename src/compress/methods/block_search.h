// The codes and the scale of one block, found with each column's rounding error fed into the block's later columns.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "compress/methods/block_codes.h"
#include "compress/methods/levels.h"

namespace landauer {

using LaneBlock = std::array<Lanes, kBlockColumns>;  // a block's columns of those rows

// U^T U = C^-1, U upper triangular: a column's error e = (w - w') / U_jj costs e^2, and w_k -= e U_jk makes up for it.
struct BlockFeedback {
    std::array<std::array<float, kBlockColumns>, kBlockColumns> into;  // into[k][j] = U_jk, j < k
    std::array<float, kBlockColumns> inverse_diagonal;                 // 1 / U_jj
};

struct CodedBlock {
    std::array<std::array<std::uint8_t, kLanes>, kBlockColumns> codes;
    LaneBlock errors;
    Lanes scales;   // halves
    Lanes offsets;  // halves; 0 where the format has none
    Lanes loss;     // sum of e^2; infinite: no half is large enough for the scale
};

// Looks through scales about those that would just hold the block's range. A block that lies on a grid of the format
// already is found again, whatever part of it is used.
void search_block(const BlockFormat& format, const LaneBlock& values, const BlockFeedback& feedback, CodedBlock& out);

}  // namespace landauer
