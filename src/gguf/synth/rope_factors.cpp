#include "gguf/synth/rope_factors.h"

#include <cmath>
#include <numbers>

namespace landauer {
namespace {

constexpr double kOriginalContext = 8192.0;
constexpr double kLowFrequency = 1.0;   // turns within the original context below which a wave counts as long
constexpr double kHighFrequency = 4.0;  // and above which it counts as short

}  // namespace

std::vector<float> rope_factors(std::int64_t n_dims, double base, double factor) {
    std::vector<float> factors;
    for (std::int64_t dim = 0; dim < n_dims; dim += 2) {
        const double frequency = std::pow(base, -static_cast<double>(dim) / static_cast<double>(n_dims));
        const double turns = kOriginalContext * frequency / (2.0 * std::numbers::pi);
        const double blend = (turns - kLowFrequency) / (kHighFrequency - kLowFrequency);
        if (turns > kHighFrequency) {
            factors.push_back(1.0F);
        } else if (turns < kLowFrequency) {
            factors.push_back(static_cast<float>(factor));
        } else {
            factors.push_back(static_cast<float>(1.0 / ((1.0 - blend) / factor + blend)));
        }
    }
    return factors;
}

}  // namespace landauer
