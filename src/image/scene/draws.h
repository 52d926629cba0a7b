// Chances that fall the same way with every compiler and standard library.
#pragma once

#include <cstddef>
#include <cstdint>

namespace landauer::scene {

// Never draw twice among the arguments of one call or the operands of one operator: compilers choose their order.
class Draws {
   public:
    // Streams of neighbouring seeds must not be one another's, shifted: the seed is scrambled first.
    explicit Draws(std::uint64_t seed) : state_(seed) { state_ = next() ^ 0x5DEECE66D0000000U; }

    // SplitMix64.
    std::uint64_t next() {
        state_ += 0x9E3779B97F4A7C15U;
        std::uint64_t x = state_;
        x = (x ^ x >> 30U) * 0xBF58476D1CE4E5B9U;
        x = (x ^ x >> 27U) * 0x94D049BB133111EBU;
        return x ^ x >> 31U;
    }
    // In [low, high).
    double uniform(double low = 0.0, double high = 1.0) {
        constexpr double kUnit = 1.0 / 9007199254740992.0;  // 2^-53
        return low + (high - low) * (static_cast<double>(next() >> 11U) * kUnit);
    }
    // Of 0 to count - 1.
    std::size_t below(std::size_t count) { return static_cast<std::size_t>(next() % count); }
    bool chance(double probability) { return uniform() < probability; }
    template <class List>
    const auto& one_of(const List& list) {
        return list[below(list.size())];
    }

   private:
    std::uint64_t state_;
};

}  // namespace landauer::scene
