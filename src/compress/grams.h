// Second moments summed up on several threads, the same to the bit on any number of them.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "gguf/writer.h"
#include "tensor/matrix.h"

namespace landauer {

// sum += x^T x of each of the windows, in their order; its lower triangle alone.
struct GramInput {
    MatrixD* sum = nullptr;
    std::vector<const MatrixF*> windows;
};
void add_grams(std::size_t n_threads, std::span<const GramInput> inputs);

// Writes sum / n_tokens as a packed triangle. Invalid: a value that is not a number or beyond f32.
[[nodiscard]] Result<void> write_moment(GgufWriter& writer, const std::string& tensor, const MatrixD& sum,
                                        std::size_t n_tokens);

}  // namespace landauer
