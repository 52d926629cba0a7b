// Llama 3's stretched context: by how much each rotary frequency is slowed down.
#pragma once

#include <cstdint>
#include <vector>

namespace landauer {

// n_dims / 2 divisors for contexts `factor` times 8192: 1 for short waves, `factor` for long ones,
// a blend between (Llama 3.1's low and high frequency factors of 1 and 4).
[[nodiscard]] std::vector<float> rope_factors(std::int64_t n_dims, double base, double factor);

}  // namespace landauer
