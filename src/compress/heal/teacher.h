// The model that healing goes by: its last stream at every position of some windows; its logits are made of them anew.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "engine/windows.h"
#include "grad/head.h"

namespace landauer {

struct Teacher {
    HeadWeights head;
    std::vector<MatrixF> streams;  // of each window: positions x n_embd, before the final norm
};

// `cache`, unless empty: kept there and taken from there when `key` (of model and windows) is the same. Errors as
// decoder_shape() and WeightFile; Interrupted: `abort`.
[[nodiscard]] Result<Teacher> teach(const WeightFile& base, const std::vector<TokenWindow>& windows,
                                    const std::string& key, const std::filesystem::path& cache, std::size_t n_threads,
                                    const std::function<bool()>& abort, const std::function<void(double)>& done);

}  // namespace landauer
