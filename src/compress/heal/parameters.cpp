#include "compress/heal/parameters.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

namespace landauer {
namespace {

// Swept on SmolLM2 (docs/results.md): weights learn as much at half and twice this; scales at twice this, and gains at
// ten times, only add noise.
constexpr double kChannelRate = 3e-3;
constexpr double kGainRate = 3e-4;
constexpr double kHeadNormRate = 1e-4;
constexpr double kScaleRate = 5e-4;   // of the mean size
constexpr double kWeightRate = 1e-3;  // of the mean size
constexpr double kUpdateARate = 0.024;
constexpr double kUpdateBRate = 2.4e-3;

double mean_size(const MatrixF& values) {
    double sum = 0.0;
    for (const float value : values.values()) sum += static_cast<double>(std::fabs(value));
    return values.empty() ? 0.0 : sum / static_cast<double>(values.values().size());
}

double rate_alone(const Parameter& parameter) {
    switch (parameter.kind) {
        case ParameterKind::Gain:
            return parameter.of_head ? kHeadNormRate : kGainRate;
        case ParameterKind::Channel:
            return kChannelRate;
        case ParameterKind::Weight:
            return kWeightRate * mean_size(parameter.values);
        case ParameterKind::UpdateA:
            return kUpdateARate * parameter.size;
        case ParameterKind::UpdateB:
            return kUpdateBRate * parameter.size;
        case ParameterKind::Scale:
        case ParameterKind::Offset:
            break;
    }
    return kScaleRate * mean_size(parameter.values);
}

}  // namespace

// A passes on what comes in at its size, and a step of B moves the matrix by kUpdateBRate of its own.
Update empty_update(const std::string& tensor, const MatrixF& weights, std::uint64_t seed) {
    const std::size_t rank = std::min({kUpdateRank, weights.rows(), weights.cols()});
    const double deviation = 1.0 / std::sqrt(static_cast<double>(weights.cols()));
    const double gain = std::sqrt(static_cast<double>(weights.cols()) / static_cast<double>(rank));
    Update update;
    update.a = {tensor, ParameterKind::UpdateA, false, MatrixF(rank, weights.cols()), deviation};
    update.b = {tensor, ParameterKind::UpdateB, false, MatrixF(weights.rows(), rank), mean_size(weights) * gain};
    std::mt19937_64 random(seed);
    for (float& value : update.a.values.values()) {  // even, of that deviation
        const double share = static_cast<double>(random() >> 11U) * 0x1.0p-52 - 1.0;
        value = static_cast<float>(share * deviation * std::numbers::sqrt3);
    }
    return update;
}

float rate_of(const Parameter& parameter) { return static_cast<float>(rate_alone(parameter) / parameter.leverage); }

}  // namespace landauer
