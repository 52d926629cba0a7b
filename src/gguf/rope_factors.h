// Llama 3's stretched context: by how much each rotary frequency is slowed down.
#pragma once

#include <cstdint>
#include <vector>

namespace landauer {

struct RopeStretch {
    double factor = 1.0;               // of the context
    double original_context = 8192.0;  // tokens
    double low_frequency = 1.0;        // turns within the original context below which a wave counts as long
    double high_frequency = 4.0;       // and above which it counts as short
};

// n_dims / 2 divisors: 1 for short waves, the factor for long ones, a blend between.
[[nodiscard]] std::vector<float> rope_factors(std::int64_t n_dims, double base, const RopeStretch& stretch);

}  // namespace landauer
