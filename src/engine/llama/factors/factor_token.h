// A product with factors for one token, as two operations of a graph instead of three: the second one puts its rows
// where they belong, and both share rows out among the threads in small lots, because a factor has few of them.
#pragma once

#include <atomic>
#include <cstddef>

#include "engine/llama/factors/factor_weights.h"
#include "ggml.h"

namespace landauer {

struct TokenProduct {
    const FactorPair* factors = nullptr;
    std::atomic<std::size_t> next_inner = 0;  // row of R that nobody has taken yet
    std::atomic<std::size_t> next_other = 0;  // of T
};

// One column, lying in one piece, and factors that lie as they do in the file.
[[nodiscard]] bool is_token_product(const ggml_tensor* product, const FactorPair& factors);

// Of ggml_custom_4d(), with the product's TokenProduct. dst: R x, from src[0], which is x.
void inner_of_token(ggml_tensor* dst, int worker, int n_workers, void* product);
// dst: W x, from src[0], which is R x.
void whole_of_token(ggml_tensor* dst, int worker, int n_workers, void* product);

}  // namespace landauer
