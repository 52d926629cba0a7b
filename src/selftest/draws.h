// Random numbers that are the same with every compiler and standard library.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>

namespace landauer {

class Draws {
   public:
    explicit Draws(std::uint64_t seed) : random_(seed) {}

    // In [low, high).
    double uniform(double low = 0.0, double high = 1.0) {
        constexpr double kUnit = 1.0 / 9007199254740992.0;  // 2^-53
        return low + (high - low) * (static_cast<double>(random_() >> 11U) * kUnit);
    }
    // As likely in each decade: for quantities whose order of size is not known.
    double log_uniform(double low, double high) { return low * std::pow(high / low, uniform()); }
    bool chance(double probability) { return uniform() < probability; }
    // Of a standard normal law, by Marsaglia's polar method.
    double normal() {
        if (has_spare_) {
            has_spare_ = false;
            return spare_;
        }
        double a = 0.0;
        double b = 0.0;
        double square = 0.0;
        do {
            a = uniform(-1.0, 1.0);
            b = uniform(-1.0, 1.0);
            square = a * a + b * b;
        } while (square >= 1.0 || square == 0.0);
        const double factor = std::sqrt(-2.0 * std::log(square) / square);
        spare_ = b * factor;
        has_spare_ = true;
        return a * factor;
    }

   private:
    std::mt19937_64 random_;
    double spare_ = 0.0;
    bool has_spare_ = false;
};

// One of [-1, 1) for each pair of numbers, always the same one.
[[nodiscard]] inline double scatter(std::uint64_t seed, std::uint64_t number) {
    std::uint64_t x = seed ^ (number * 0x9E3779B97F4A7C15U);
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
    x ^= x >> 31U;
    constexpr double kUnit = 1.0 / 4503599627370496.0;  // 2^-52
    return static_cast<double>(x >> 11U) * kUnit - 1.0;
}

}  // namespace landauer
