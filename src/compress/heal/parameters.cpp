#include "compress/heal/parameters.h"

#include <cmath>

namespace landauer {
namespace {

// Five to ten times these destroyed the model in our measurements.
constexpr double kFactorRate = 3e-3;
constexpr double kHeadNormRate = 1e-4;
constexpr double kScaleRate = 3e-4;   // of the mean size
constexpr double kWeightRate = 5e-4;  // of the mean size

double mean_size(const MatrixF& values) {
    double sum = 0.0;
    for (const float value : values.values()) sum += static_cast<double>(std::fabs(value));
    return values.empty() ? 0.0 : sum / static_cast<double>(values.values().size());
}

}  // namespace

float rate_of(const Parameter& parameter) {
    switch (parameter.kind) {
        case ParameterKind::Gain:
            return static_cast<float>(parameter.of_head ? kHeadNormRate : kFactorRate);
        case ParameterKind::Channel:
            return static_cast<float>(kFactorRate);
        case ParameterKind::Weight:
            return static_cast<float>(kWeightRate * mean_size(parameter.values));
        case ParameterKind::Scale:
        case ParameterKind::Offset:
            break;
    }
    return static_cast<float>(kScaleRate * mean_size(parameter.values));
}

}  // namespace landauer
