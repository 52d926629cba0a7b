#include "compress/heal/scaled_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "compress/parallel.h"
#include "grad/fit.h"

namespace landauer {
namespace {

constexpr std::size_t kRowsAtOnce = 64;

// work(first row, how many) for all rows.
template <class Work>
void by_rows(std::size_t n_rows, std::size_t n_threads, const Work& work) {
    in_parallel(n_threads, (n_rows + kRowsAtOnce - 1) / kRowsAtOnce, [&](std::size_t i) {
        const std::size_t first = i * kRowsAtOnce;
        work(first, std::min(kRowsAtOnce, n_rows - first));
    });
}

}  // namespace

Result<ScaledMatrix> ScaledMatrix::open(const WeightFile& file, const GgufTensor& tensor) {
    ScaledMatrix matrix;
    matrix.place_ = block_scales(tensor.type);
    if (matrix.place_ == nullptr) {
        return fail(ErrorKind::Absent, fmt::format("{} is of type {}, which has no scales.", tensor.name, tensor.type),
                    "Heal a quantised model.");
    }
    matrix.tensor_ = tensor.name;
    matrix.columns_ = static_cast<std::size_t>(tensor.shape.front());
    matrix.rows_ = tensor.elements / matrix.columns_;
    std::vector<std::byte> bytes(tensor.bytes);
    if (auto read = file.read_rows(tensor.name, 0, matrix.rows_, bytes); !read) return tl::unexpected(read.error());
    matrix.stored_ = read_scales(*matrix.place_, bytes, matrix.rows_, matrix.columns_);
    return matrix;
}

Result<void> ScaledMatrix::units(const WeightFile& file, std::size_t n_threads, UnitWeights& out) const {
    const std::size_t each = row_bytes(place_->type, columns_);
    std::vector<std::byte> bytes(rows_ * each);
    if (auto read = file.read_rows(tensor_, 0, rows_, bytes); !read) return read;
    fit(out.levels, rows_, columns_);
    if (place_->offset_at) fit(out.shifts, rows_, columns_ / place_->shift_columns);
    std::vector<Result<void>> decoded((rows_ + kRowsAtOnce - 1) / kRowsAtOnce);
    by_rows(rows_, n_threads, [&](std::size_t first, std::size_t n) {
        decoded[first / kRowsAtOnce] =
            decode_units(*place_, std::span(bytes).subspan(first * each, n * each), first, n, out);
    });
    const auto bad = std::ranges::find_if(decoded, [](const Result<void>& one) { return !one.has_value(); });
    return bad == decoded.end() ? Result<void>{} : *bad;
}

Result<std::vector<std::byte>> ScaledMatrix::with(const WeightFile& file, const StoredScales& scales) const {
    std::vector<std::byte> bytes(rows_ * row_bytes(place_->type, columns_));
    if (auto read = file.read_rows(tensor_, 0, rows_, bytes); !read) return tl::unexpected(read.error());
    auto written = write_scales(*place_, scales, bytes);
    if (written) return bytes;
    return fail(written.error().kind, fmt::format("{} ({})", written.error().sentence, tensor_),
                written.error().remedy);
}

void scaled_weights(const BlockScales& place, const UnitWeights& units, const StoredScales& scales,
                    std::size_t n_threads, MatrixF& out) {
    const std::size_t n_rows = units.levels.rows();
    const std::size_t n_blocks = scales.scales.cols();
    fit(out, n_rows, units.levels.cols());
    by_rows(n_rows, n_threads, [&](std::size_t first, std::size_t n) {
        for (std::size_t row = first; row < first + n; ++row) {
            for (std::size_t block = 0; block < n_blocks; ++block) {
                const float scale = scales.scales(row, block);
                const float* const level = &units.levels(row, block * place.columns);
                float* const weight = &out(row, block * place.columns);
                for (std::size_t i = 0; i < place.columns; ++i) weight[i] = scale * level[i];
                if (!place.offset_at) continue;
                const float offset = scales.offsets(row, block);
                const std::size_t n_shifts = place.columns / place.shift_columns;
                for (std::size_t s = 0; s < n_shifts; ++s) {
                    const float add = offset * units.shifts(row, block * n_shifts + s);
                    float* const group = weight + s * place.shift_columns;
                    for (std::size_t i = 0; i < place.shift_columns; ++i) group[i] += add;
                }
            }
        }
    });
}

void scale_gradients(const BlockScales& place, const UnitWeights& units, const MatrixF& d_weights, StoredScales& out) {
    const std::size_t n_rows = d_weights.rows();
    const std::size_t n_blocks = d_weights.cols() / place.columns;
    fit(out.scales, n_rows, n_blocks);
    if (place.offset_at) fit(out.offsets, n_rows, n_blocks);
    for (std::size_t row = 0; row < n_rows; ++row) {
        for (std::size_t block = 0; block < n_blocks; ++block) {
            const float* const d = &d_weights(row, block * place.columns);
            const float* const level = &units.levels(row, block * place.columns);
            float sum = 0.0F;
            for (std::size_t i = 0; i < place.columns; ++i) sum += d[i] * level[i];
            out.scales(row, block) = sum;
            if (!place.offset_at) continue;
            const std::size_t n_shifts = place.columns / place.shift_columns;
            float shifted = 0.0F;
            for (std::size_t s = 0; s < n_shifts; ++s) {
                float group = 0.0F;
                for (std::size_t i = 0; i < place.shift_columns; ++i) group += d[s * place.shift_columns + i];
                shifted += group * units.shifts(row, block * n_shifts + s);
            }
            out.offsets(row, block) = shifted;
        }
    }
}

}  // namespace landauer
