// How a block of random bits becomes a block of sane quantised weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace landauer {

// ggml's block layouts, as far as scales are concerned. With random bits everywhere else, a block's weights are
// uniform over the type's levels: mean `offset * d` + what the levels' own mean is, deviation `deviation * d`.
struct BlockRecipe {
    std::string_view type;   // ggml's name
    std::size_t bytes = 0;   // of a block
    std::size_t d_at = 0;    // where the block's scale d (f16) stands
    std::size_t m_at = 0;    // where its offset m (f16) stands; 0: it has none
    double deviation = 1.0;  // of a weight at d = 1
    double offset = 0.0;     // m / d that makes the mean 0
    // Makes the scales of the block's parts sane; none where any bits will do.
    void (*settle)(std::byte* block) = nullptr;
};

// Nothing: a type without blocks, or one that is not made here.
[[nodiscard]] const BlockRecipe* find_recipe(std::string_view type);

}  // namespace landauer
