// Random words that are the same on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace landauer {

// splitmix64 (Steele, Lea, Flood 2014): a few instructions for eight random bytes.
class RandomWords {
   public:
    explicit RandomWords(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t word = (state_ += 0x9E3779B97F4A7C15U);
        word = (word ^ (word >> 30U)) * 0xBF58476D1CE4E5B9U;
        word = (word ^ (word >> 27U)) * 0x94D049BB133111EBU;
        return word ^ (word >> 31U);
    }

    void fill(std::span<std::byte> bytes) {
        std::size_t at = 0;
        for (; at + sizeof(std::uint64_t) <= bytes.size(); at += sizeof(std::uint64_t)) {
            const std::uint64_t word = next();
            std::memcpy(bytes.data() + at, &word, sizeof(word));
        }
        const std::uint64_t word = next();
        if (at < bytes.size()) std::memcpy(bytes.data() + at, &word, bytes.size() - at);
    }

   private:
    std::uint64_t state_;
};

// One seed out of a number and a name (FNV-1a).
[[nodiscard]] inline std::uint64_t mixed_seed(std::uint64_t seed, std::string_view name) {
    std::uint64_t hash = 0xCBF29CE484222325U;
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
    return RandomWords(seed).next() ^ hash;
}

}  // namespace landauer
