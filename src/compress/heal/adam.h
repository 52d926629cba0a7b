// Adam (Kingma and Ba 2015, algorithm 1) without weight decay, and the schedule of its rate.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "compress/heal/parameters.h"

namespace landauer {

// A rate for each parameter, as they are in the file: what has been trained already does not change it.
[[nodiscard]] std::vector<float> rates_of(const std::vector<Parameter>& parameters);

struct AdamState {
    std::vector<MatrixF> first;  // moments, by parameter
    std::vector<MatrixF> second;
};
[[nodiscard]] AdamState empty_adam(const std::vector<Parameter>& parameters);

// Step `step` (from 0) of the descent, at `factor` times the rates. The same for any number of threads.
void adam_step(const Gradients& gradients, const std::vector<float>& rates, double factor, std::int64_t step,
               AdamState& state, std::vector<Parameter>& parameters, std::size_t n_threads = 1);

// The share of the rate at a step: up over the first few, then a cosine down to 0.3.
[[nodiscard]] double scheduled(std::int64_t step, std::int64_t n_steps);
[[nodiscard]] std::int64_t warm_up_steps(std::int64_t n_steps);

}  // namespace landauer
