#include "gguf/rope_factors.h"

#include <cmath>
#include <numbers>

namespace landauer {

std::vector<float> rope_factors(std::int64_t n_dims, double base, const RopeStretch& stretch) {
    std::vector<float> factors;
    for (std::int64_t dim = 0; dim < n_dims; dim += 2) {
        const double frequency = std::pow(base, -static_cast<double>(dim) / static_cast<double>(n_dims));
        const double turns = stretch.original_context * frequency / (2.0 * std::numbers::pi);
        const double blend = (turns - stretch.low_frequency) / (stretch.high_frequency - stretch.low_frequency);
        if (turns > stretch.high_frequency) {
            factors.push_back(1.0F);
        } else if (turns < stretch.low_frequency) {
            factors.push_back(static_cast<float>(stretch.factor));
        } else {
            factors.push_back(static_cast<float>(1.0 / ((1.0 - blend) / stretch.factor + blend)));
        }
    }
    return factors;
}

}  // namespace landauer
