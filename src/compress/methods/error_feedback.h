// Quantising a matrix so that each column's rounding error is made up for by the columns after it, in the metric of its
// inputs.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <string>
#include <vector>

#include "tensor/matrix.h"

namespace landauer {

struct FeedbackSettings {
    double ridge = 1e-2;  // on C, of the mean of its diagonal
    // Taken from C's other values, of each. Without it an input that others foretell on most tokens counts for nothing,
    // also on the few where they do not (those that attention rests on).
    double shrinkage = 0.2;
    std::size_t n_threads = 1;
};

struct FedBack {
    std::vector<std::byte> bytes;  // rows one after the other, as ggml stores them
    double loss = 0.0;             // tr(dW C dW^T), C with its ridge and shrunk
};

// Whether rows of so many values can be written in that type (ggml's name).
[[nodiscard]] bool feeds_back(const std::string& type, std::size_t columns);

// weights: out x in; c: in x in, the second moments of what goes in. Invalid: a type or rows for which feeds_back()
// says no, shapes, values that are not numbers or too large for it. The same for any number of threads.
[[nodiscard]] Result<FedBack> quantise_fed_back(const std::string& type, const MatrixF& weights, const MatrixD& c,
                                                const FeedbackSettings& settings);

}  // namespace landauer
