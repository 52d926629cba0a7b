#include "gguf/synth/block_recipes.h"

#include <algorithm>
#include <array>

namespace landauer {
namespace {

// Part scales lie in the upper half of their range: no part of a block is nearly empty.
constexpr unsigned kHalf6 = 32;  // of 6 bits
constexpr unsigned kHalf4 = 8;   // of 4 bits

unsigned bits(std::byte byte) { return std::to_integer<unsigned>(byte); }

// Levels are symmetric without -128.
void settle_q8_0(std::byte* block) {
    constexpr std::size_t kQuants = 2;
    std::replace(block + kQuants, block + kQuants + 32, std::byte{0x80}, std::byte{0x81});
}

// A part's scale and offset, 4 bits each, are equal, so that its mean is 0.
void settle_q2_k(std::byte* block) {
    for (std::size_t i = 0; i < 16; ++i) {
        const unsigned scale = kHalf4 + bits(block[i]) % kHalf4;
        block[i] = static_cast<std::byte>(scale | (scale << 4U));
    }
}

// Eight scales and eight offsets of 6 bits in twelve bytes: the low ones whole with the high ones' upper bits,
// then the high ones' lower nibbles side by side. A part's scale and offset are equal.
void settle_q4_k(std::byte* block) {
    constexpr std::size_t kScales = 4;
    std::byte* packed = block + kScales;
    for (std::size_t i = 0; i < 4; ++i) {
        const unsigned low = kHalf6 + bits(packed[i]) % kHalf6;
        const unsigned high = kHalf6 + bits(packed[i + 4]) % kHalf6;
        packed[i] = static_cast<std::byte>(low | ((high >> 4U) << 6U));
        packed[i + 4] = packed[i];
        packed[i + 8] = static_cast<std::byte>((high & 0xFU) | ((high & 0xFU) << 4U));
    }
}

// Sixteen signed bytes.
void settle_q6_k(std::byte* block) {
    constexpr std::size_t kScales = 192;
    for (std::size_t i = kScales; i < kScales + 16; ++i) {
        const unsigned random = bits(block[i]);
        const unsigned scale = kHalf6 + random % kHalf6;
        block[i] = static_cast<std::byte>((random & 0x80U) != 0 ? 0x100U - scale : scale);
    }
}

// Deviations: the root of the mean square over all levels, times that over all part scales.
constexpr std::array<BlockRecipe, 10> kRecipes = {{
    {"q4_0", 18, 0, 0, 4.6368, 0.0, nullptr},
    {"q4_1", 20, 0, 2, 4.6098, -7.5, nullptr},
    {"q5_0", 22, 0, 0, 9.2466, 0.0, nullptr},
    {"q5_1", 24, 0, 2, 9.2331, -15.5, nullptr},
    {"q8_0", 34, 0, 0, 73.90, 0.0, settle_q8_0},
    {"q2_K", 84, 80, 82, 13.110, 1.5, settle_q2_k},
    {"q3_K", 110, 108, 0, 43.339, 0.0, nullptr},
    {"q4_K", 144, 0, 2, 223.07, 7.5, settle_q4_k},
    {"q5_K", 176, 0, 2, 446.78, 15.5, settle_q4_k},
    {"q6_K", 210, 208, 0, 894.22, 0.0, settle_q6_k},
}};

}  // namespace

const BlockRecipe* find_recipe(std::string_view type) {
    const auto* const found = std::find_if(kRecipes.begin(), kRecipes.end(),
                                           [type](const BlockRecipe& recipe) { return recipe.type == type; });
    return found == kRecipes.end() ? nullptr : &*found;
}

}  // namespace landauer
