#include "compress/heal/adam.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "compress/parallel.h"

namespace landauer {
namespace {

constexpr double kFirst = 0.9;
constexpr double kSecond = 0.98;
constexpr double kTiny = 1e-12;  // gradients of scales are small: what is added to their root must be smaller
constexpr double kLast = 0.3;    // 0.05 and 1 leave more of the divergence

}  // namespace

std::vector<float> rates_of(const std::vector<Parameter>& parameters) {
    std::vector<float> rates(parameters.size());
    std::ranges::transform(parameters, rates.begin(), rate_of);
    return rates;
}

AdamState empty_adam(const std::vector<Parameter>& parameters) {
    AdamState state;
    for (const Parameter& parameter : parameters) {
        state.first.emplace_back(parameter.values.rows(), parameter.values.cols());
        state.second.emplace_back(parameter.values.rows(), parameter.values.cols());
    }
    return state;
}

void adam_step(const Gradients& gradients, const std::vector<float>& rates, double factor, std::int64_t step,
               AdamState& state, std::vector<Parameter>& parameters, std::size_t n_threads) {
    const auto n = static_cast<double>(step + 1);
    const double first_left = 1.0 - std::pow(kFirst, n);
    const double second_left = 1.0 - std::pow(kSecond, n);
    in_parallel(n_threads, parameters.size(), [&](std::size_t p) {
        const double rate = static_cast<double>(rates[p]) * factor;
        const auto d = gradients[p].values();
        const auto first = state.first[p].values();
        const auto second = state.second[p].values();
        const auto values = parameters[p].values.values();
        for (std::size_t i = 0; i < values.size(); ++i) {
            const auto g = static_cast<double>(d[i]);
            const double mean = kFirst * static_cast<double>(first[i]) + (1.0 - kFirst) * g;
            const double square = kSecond * static_cast<double>(second[i]) + (1.0 - kSecond) * g * g;
            first[i] = static_cast<float>(mean);
            second[i] = static_cast<float>(square);
            const double by = (mean / first_left) / (std::sqrt(square / second_left) + kTiny);
            values[i] = static_cast<float>(static_cast<double>(values[i]) - rate * by);
        }
    });
}

std::int64_t warm_up_steps(std::int64_t n_steps) {
    return std::clamp<std::int64_t>(n_steps / 10, std::min<std::int64_t>(3, n_steps), 10);
}

double scheduled(std::int64_t step, std::int64_t n_steps) {
    const std::int64_t warm = warm_up_steps(n_steps);
    if (step < warm) return static_cast<double>(step + 1) / static_cast<double>(warm);
    const double way =
        static_cast<double>(step - warm) / static_cast<double>(std::max<std::int64_t>(1, n_steps - warm));
    return kLast + (1.0 - kLast) * 0.5 * (1.0 + std::cos(std::numbers::pi * way));
}

}  // namespace landauer
