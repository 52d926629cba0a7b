// How much each part of each layer is worth, on one scale: nats a token lost by taking away a quarter of it.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "compress/pipeline.h"

namespace landauer {

// Of a matrix's values, what its factors may take; the rest of neurons and head groups.
inline constexpr double kProbedShare = 0.75;

struct MatrixSize {
    std::size_t rows = 0;
    std::size_t cols = 0;
    [[nodiscard]] std::size_t full_rank() const { return rows < cols ? rows : cols; }
};
// 0 x 0 where the layer has no such matrix.
[[nodiscard]] MatrixSize matrix_size(const DecoderShape& shape, std::size_t layer, std::size_t part);

// The highest rank, at least 1, whose factors take no more than that share of the matrix's values.
[[nodiscard]] std::size_t rank_within(const MatrixSize& size, double share);

// What is not known, or cannot go, is absent.
struct LayerSensitivity {
    std::array<std::optional<double>, kFactorParts.size()> matrices;  // two-sided SVD within kProbedShare
    std::optional<double> neurons;
    std::optional<double> groups;
    std::size_t n_groups_gone = 0;  // a quarter of them, rounded up
};
[[nodiscard]] std::vector<LayerSensitivity> sensitivity_of(const Profile& profile);

}  // namespace landauer
