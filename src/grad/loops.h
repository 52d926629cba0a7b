// Loops over rows of floats that compilers turn into vector instructions without being allowed to reorder sums.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace landauer {

constexpr std::size_t kLanes = 8;
using Lanes = std::array<float, kLanes>;

inline float sum_of(const Lanes& lanes) {
    return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

inline float dot(const float* a, const float* b, std::size_t n) {
    Lanes lanes{};
    std::size_t i = 0;
    for (; i + kLanes <= n; i += kLanes) {
        for (std::size_t j = 0; j < kLanes; ++j) lanes[j] += a[i + j] * b[i + j];
    }
    float sum = sum_of(lanes);
    for (; i < n; ++i) sum += a[i] * b[i];
    return sum;
}

inline float largest(const float* x, std::size_t n) {
    float most = x[0];
    std::size_t i = 0;
    if (n >= kLanes) {
        Lanes lanes{};
        std::copy(x, x + kLanes, lanes.begin());
        for (i = kLanes; i + kLanes <= n; i += kLanes) {
            for (std::size_t j = 0; j < kLanes; ++j) lanes[j] = lanes[j] > x[i + j] ? lanes[j] : x[i + j];
        }
        most = *std::max_element(lanes.begin(), lanes.end());
    }
    for (; i < n; ++i) most = std::max(most, x[i]);
    return most;
}

// e^x to 2e-7 of it, for x from -87 to 88; held to that range.
inline float fast_exp(float x) {
    constexpr float kLog2E = 1.44269504F;
    constexpr float kLn2High = 0.693359375F;  // few bits: times an integer it is exact
    constexpr float kLn2Low = -2.12194440e-4F;
    constexpr float kRound = 12582912.0F;  // 1.5 x 2^23: adding it leaves the integer in the lowest bits
    x = x < -87.0F ? -87.0F : x;
    x = x > 88.0F ? 88.0F : x;
    const float shifted = x * kLog2E + kRound;
    const float n = shifted - kRound;
    const float r = (x - n * kLn2High) - n * kLn2Low;
    float p = 1.0F / 5040.0F;  // the series, whose next term is below 6e-9 for |r| <= ln(2) / 2
    p = p * r + 1.0F / 720.0F;
    p = p * r + 1.0F / 120.0F;
    p = p * r + 1.0F / 24.0F;
    p = p * r + 1.0F / 6.0F;
    p = p * r + 0.5F;
    p = p * r + 1.0F;
    p = p * r + 1.0F;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(p) + (std::bit_cast<std::uint32_t>(shifted) << 23U));
}

// x := e^(x - shift); returns the sum.
inline float exp_row(float* x, std::size_t n, float shift) {
    Lanes lanes{};
    std::size_t i = 0;
    for (; i + kLanes <= n; i += kLanes) {
        for (std::size_t j = 0; j < kLanes; ++j) {
            x[i + j] = fast_exp(x[i + j] - shift);
            lanes[j] += x[i + j];
        }
    }
    float sum = sum_of(lanes);
    for (; i < n; ++i) {
        x[i] = fast_exp(x[i] - shift);
        sum += x[i];
    }
    return sum;
}

inline void scale_row(float* x, std::size_t n, float factor) {
    for (std::size_t i = 0; i < n; ++i) x[i] *= factor;
}

}  // namespace landauer
