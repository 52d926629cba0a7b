// The matrices of a block that may be made smaller.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace landauer {

// The matrices of a block, attention first.
inline constexpr std::array<std::string_view, 7> kFactorParts = {"attn_q",   "attn_k", "attn_v",  "attn_output",
                                                                 "ffn_gate", "ffn_up", "ffn_down"};
inline constexpr std::size_t kAttentionParts = 4;
using PartRanks = std::array<std::size_t, kFactorParts.size()>;  // 0: the matrix as it is

}  // namespace landauer
