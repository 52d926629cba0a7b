// Files that the benches of factors make: random factors in the place of a dense model's matrices, and that model cut
// down to a size.
#pragma once

#include <fmt/format.h>
#include <landauer/error.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include "gguf/weights.h"

namespace landauer::bench {

[[noreturn]] inline void give_up(const std::string& sentence) {
    fmt::print(stderr, "{}\n", sentence);
    std::exit(1);
}

template <class T>
T must(Result<T> result) {
    if (!result) give_up(result.error().sentence);
    return std::move(*result);
}
inline void must(const Result<void>& result) {
    if (!result) give_up(result.error().sentence);
}

struct Cost {
    double bytes = 0.0;     // read for a token
    double products = 0.0;  // multiply-adds of a token
};

struct Written {
    Cost dense;
    Cost small;
};

// Every matrix of the blocks as factors of `type` that take that share of its bytes.
Written write_factors(const WeightFile& source, const std::string& type, double share,
                      const std::filesystem::path& out);

// So many of the first layers that the file has no more than `bytes`; returns how many, 0 where not one fits.
std::size_t write_first_layers(const WeightFile& source, std::uint64_t bytes, const std::filesystem::path& out);

}  // namespace landauer::bench
