// Collects a model's statistics over windows of tokens, a layer in memory at a time.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "compress/statistics.h"

namespace landauer {

struct CollectSettings {
    std::int32_t n_threads = 1;
    std::uint64_t seed = 0;                // of the labels
    bool all_gradients = true;             // false: what stock shapes need (the widest moments are then left out)
    std::int64_t n_gradient_windows = -1;  // the first so many of the windows; -1: all
    std::int64_t n_text_tokens = 0;        // for the record
    std::string model_sha256;
};

struct CollectProgress {
    std::string stage;  // "forward", "head", "backward"
    double fraction = 0.0;
};

// windows: token ids of a text each, all at least two tokens long. Writes `out` whole or not at all.
// Invalid: an architecture that is not supported (names it, and those that are), a mixture of experts, ids beyond
// the vocabulary, weights that are not numbers. Interrupted: `abort`.
[[nodiscard]] Result<StatisticsInfo> collect_statistics(const std::filesystem::path& model,
                                                        const std::vector<std::vector<std::int32_t>>& windows,
                                                        const CollectSettings& settings,
                                                        const std::filesystem::path& out,
                                                        const std::function<bool()>& abort,
                                                        const std::function<void(const CollectProgress&)>& progress);

// Bytes of memory that collecting would take, from the header alone, and bytes of the file it writes.
struct CollectNeeds {
    std::uint64_t memory_bytes = 0;
    std::uint64_t file_bytes = 0;
    double flops = 0.0;
};
[[nodiscard]] Result<CollectNeeds> collect_needs(const std::filesystem::path& model, std::int64_t n_windows,
                                                 std::int64_t window_tokens, const CollectSettings& settings);

}  // namespace landauer
