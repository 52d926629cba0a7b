// Statistics of tiny models.
#pragma once

#include <cstdint>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "compress/collect.h"

namespace landauer::testing {

using Windows = std::vector<std::vector<std::int32_t>>;

inline Windows random_windows(const std::vector<std::size_t>& lengths, unsigned seed) {
    std::mt19937 random(seed);
    Windows windows;
    for (const std::size_t n : lengths) {
        windows.emplace_back(n);
        for (auto& token : windows.back()) token = static_cast<std::int32_t>(random() % 97);
    }
    return windows;
}

inline CollectSettings settings_with(std::int32_t n_threads, std::uint64_t seed = 7) {
    CollectSettings settings;
    settings.n_threads = n_threads;
    settings.seed = seed;
    settings.model_sha256 = "abc";
    return settings;
}

inline Result<StatisticsInfo> collect(const std::filesystem::path& model, const Windows& windows,
                                      const CollectSettings& settings, const std::filesystem::path& out) {
    return collect_statistics(model, windows, settings, out, {}, {});
}

inline std::string content_of(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace landauer::testing
