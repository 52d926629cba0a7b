// Image ladders with planted costs, and the arithmetic of a clamp on a grid of patches.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <vector>

#include "analysis/laws/law2.h"
#include "analysis/laws/segmented.h"
#include "traces.h"

namespace landauer::test {

// Sanitizers slow the simulations tenfold; coverage is then watched on fewer seeds.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr int kSeedShare = 10;
#else
inline constexpr int kSeedShare = 1;
#endif

// Geometric from knee / 16 to knee * 4.
inline std::vector<double> sizes_round(double knee, int n = 20) {
    std::vector<double> out;
    for (int i = 0; i < n; ++i) {
        out.push_back(knee / 16 * std::pow(64.0, static_cast<double>(i) / (n - 1)));
    }
    return out;
}

enum class Noise : std::uint8_t { relative, additive };

inline std::vector<SegmentedCase> planted(const std::vector<double>& sizes, int repetitions,
                                          const std::function<double(double)>& truth, double noise, std::uint64_t seed,
                                          Noise kind = Noise::relative) {
    std::mt19937_64 random(seed);
    std::vector<SegmentedCase> out;
    for (const double x : sizes) {
        for (int r = 0; r < repetitions; ++r) {
            const double y = truth(x);
            out.push_back({x, y + noise * (kind == Noise::relative ? y : 1.0) * normal(random)});
        }
    }
    return out;
}

// Tokens of an image of one aspect on a grid of 28 pixels under a clamp.
inline double grid_tokens(double pixels, double aspect, double max_tokens) {
    const double cell = 28;
    const double width = std::sqrt(pixels * aspect);
    const double height = std::sqrt(pixels / aspect);
    const double columns = std::max(1.0, std::round(width / cell));
    const double rows = std::max(1.0, std::round(height / cell));
    if (columns * rows <= max_tokens) {
        return columns * rows;
    }
    const double shrink = std::sqrt(pixels / (max_tokens * cell * cell));
    return std::floor(width / shrink / cell) * std::floor(height / shrink / cell);
}

// A ladder under a clamp, its cost a function of tokens.
inline std::vector<ImageCase> clamped(double max_tokens, int repetitions, const std::function<double(double)>& truth,
                                      double noise, std::uint64_t seed, double aspect = 16.0 / 9) {
    std::mt19937_64 random(seed);
    std::vector<ImageCase> out;
    for (const double pixels : sizes_round(max_tokens * 28 * 28)) {
        for (int r = 0; r < repetitions; ++r) {
            ImageCase c;
            c.nominal_px = pixels;
            c.image_tokens = grid_tokens(pixels, aspect, max_tokens);
            c.effective_px = c.image_tokens * 28 * 28;
            c.n_text = 12;
            c.n_out = 16;
            c.y = truth(c.image_tokens) * (1 + noise * normal(random));
            out.push_back(c);
        }
    }
    return out;
}

}  // namespace landauer::test
