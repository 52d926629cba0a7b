// Matrices kept between runs: the teacher's streams, and how far training is.
#pragma once

#include <landauer/error.h>

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tensor/matrix.h"

namespace landauer {

struct KeptMatrices {
    std::string text;  // whatever else is to be known of them
    std::vector<MatrixF> matrices;
};

// Whole or not at all. Failed: it cannot be written.
[[nodiscard]] Result<void> keep_matrices(const std::filesystem::path& file, const std::string& key,
                                         const std::string& text, std::span<const MatrixF* const> matrices);

// Nothing: no such file, another key, or a file that is damaged.
[[nodiscard]] std::optional<KeptMatrices> kept_matrices(const std::filesystem::path& file, const std::string& key);

}  // namespace landauer
