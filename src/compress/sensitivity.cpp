#include "compress/sensitivity.h"

#include <algorithm>
#include <cmath>

namespace landauer {
namespace {

std::optional<double> loss_after(const ColumnRemoval& curve, std::size_t gone) {
    if (gone == 0 || gone >= curve.loss.size()) return std::nullopt;
    return curve.loss[gone];
}

}  // namespace

MatrixSize matrix_size(const DecoderShape& shape, std::size_t layer, std::size_t part) {
    const std::size_t wide = shape.n_embd;
    const std::size_t q = shape.n_head[layer] * shape.head_dim;
    const std::size_t kv = shape.n_head_kv[layer] * shape.head_dim;
    const std::size_t ff = shape.n_ff[layer];
    const std::array<MatrixSize, kFactorParts.size()> sizes = {
        MatrixSize{q, wide},  MatrixSize{kv, wide}, MatrixSize{kv, wide}, MatrixSize{wide, q},
        MatrixSize{ff, wide}, MatrixSize{ff, wide}, MatrixSize{wide, ff}};
    const MatrixSize& size = sizes[part];
    return size.full_rank() == 0 ? MatrixSize{} : size;
}

std::size_t rank_within(const MatrixSize& size, double share) {
    const double most = share * static_cast<double>(size.rows * size.cols);
    std::size_t rank = 1;
    while (rank < size.full_rank() && static_cast<double>(pivoted_values(size.rows, size.cols, rank + 1)) <= most) {
        ++rank;
    }
    return rank;
}

std::vector<LayerSensitivity> sensitivity_of(const Profile& profile) {
    const DecoderShape& shape = profile.shape.decoder;
    std::vector<LayerSensitivity> layers(profile.curves.size());
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        LayerSensitivity& own = layers[layer];
        for (std::size_t part = 0; part < kFactorParts.size() && !profile.ranks.empty(); ++part) {
            const std::vector<double>& tail = profile.ranks[layer][part].tail;
            if (!tail.empty()) own.matrices[part] = tail[rank_within(matrix_size(shape, layer, part), kProbedShare)];
        }
        const auto quarter = [](std::size_t n) { return (1.0 - kProbedShare) * static_cast<double>(n); };
        own.n_groups_gone = static_cast<std::size_t>(std::ceil(quarter(shape.n_head_kv[layer])));
        own.neurons = loss_after(profile.curves[layer].neurons,
                                 static_cast<std::size_t>(std::lround(quarter(shape.n_ff[layer]))));
        own.groups = loss_after(profile.curves[layer].groups, own.n_groups_gone);
    }
    return layers;
}

}  // namespace landauer
