#include "compress/methods/error_feedback.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "compress/methods/block_search.h"
#include "compress/methods/metric.h"
#include "compress/parallel.h"
#include "tensor/decompose.h"
#include "tensor/products.h"

namespace landauer {
namespace {

Result<void> check(const std::string& type, const MatrixF& weights) {
    if (block_format(type) == nullptr) {
        return fail(ErrorKind::Invalid, fmt::format("Errors cannot be fed back into weights of the type {}.", type),
                    "Use q4_0, q4_1, q5_0, q5_1, q8_0 or iq4_nl.");
    }
    if (weights.cols() % kBlockColumns != 0) {
        return fail(ErrorKind::Invalid,
                    fmt::format("Rows of {} values do not fit the blocks of {}.", weights.cols(), type),
                    fmt::format("Use rows of a multiple of {} values.", kBlockColumns));
    }
    if (weights.empty()) {
        return fail(ErrorKind::Invalid, "A matrix without values was to be quantised.",
                    "Give a matrix with at least one row and one column.");
    }
    const auto values = weights.values();
    const auto bad = std::find_if(values.begin(), values.end(), [](float value) { return !std::isfinite(value); });
    if (bad == values.end()) return {};
    const auto place = static_cast<std::size_t>(bad - values.begin());
    return fail(ErrorKind::Invalid,
                fmt::format("The weight in row {} and column {} is not a finite number.", place / weights.cols(),
                            place % weights.cols()),
                "Take another copy of the model.");
}

// Upper triangular U with U^T U = C^-1, C with its ridge and shrunk.
Result<MatrixF> feedback_of(const MatrixD& c, std::size_t size, const FeedbackSettings& settings) {
    auto metric = with_ridge(c, size, settings.ridge, "input moments");
    if (!metric) return tl::unexpected(metric.error());
    for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t j = 0; j < size; ++j) {
            if (i != j) (*metric)(i, j) *= 1.0 - settings.shrinkage;
        }
    }
    auto inverse = invert_positive(*metric);
    if (!inverse) return tl::unexpected(inverse.error());
    const auto lower = cholesky(std::move(*inverse));
    if (!lower) return tl::unexpected(lower.error());
    return to_single(transposed(*lower));
}

std::vector<BlockFeedback> blocks_of(const MatrixF& upper) {
    std::vector<BlockFeedback> blocks(upper.rows() / kBlockColumns);
    for (std::size_t block = 0; block < blocks.size(); ++block) {
        const std::size_t first = block * kBlockColumns;
        for (std::size_t k = 0; k < kBlockColumns; ++k) {
            for (std::size_t j = 0; j < kBlockColumns; ++j) {
                blocks[block].into[k][j] = j < k ? upper(first + j, first + k) : 0.0F;
            }
            blocks[block].inverse_diagonal[k] = 1.0F / upper(first + k, first + k);
        }
    }
    return blocks;
}

// BLAS does no threading of its own while rows are shared between threads: results do not hang on how it splits.
class OwnProducts {
   public:
    explicit OwnProducts(std::size_t n_threads) : n_threads_(n_threads) { set_product_threads(1); }
    OwnProducts(const OwnProducts&) = delete;
    OwnProducts& operator=(const OwnProducts&) = delete;
    OwnProducts(OwnProducts&&) = delete;
    OwnProducts& operator=(OwnProducts&&) = delete;
    ~OwnProducts() { set_product_threads(static_cast<int>(n_threads_)); }

   private:
    std::size_t n_threads_;
};

// Some rows, lying side by side: columns of the matrix are rows here.
class RowsAtOnce {
   public:
    RowsAtOnce(const MatrixF& weights, const MatrixF& upper, std::size_t first_row)
        : upper_(upper),
          first_row_(first_row),
          n_(std::min(kLanes, weights.rows() - first_row)),
          values_(weights.cols(), kLanes),
          errors_(weights.cols(), kLanes) {
        for (std::size_t lane = 0; lane < n_; ++lane) {
            const auto row = weights.row(first_row + lane);
            for (std::size_t column = 0; column < row.size(); ++column) values_(column, lane) = row[column];
        }
    }

    void quantise(const std::vector<BlockFeedback>& feedback, BlockCodes& out) {
        for (std::size_t block = 0; block < feedback.size(); ++block) {
            take_errors(block * kBlockColumns);
            search_block(*out.format, current_, feedback[block], coded_);
            keep(block, out);
        }
    }
    [[nodiscard]] double loss() const { return loss_; }

   private:
    // What the errors of all columns before the block make of it.
    void take_errors(std::size_t first) {
        const MatrixView<float> values = values_;
        if (first > 0) {
            const MatrixView<const float> upper = upper_;
            const MatrixView<const float> errors = errors_;
            multiply(upper.part(0, first, first, kBlockColumns), Turn::Yes, errors.part(0, 0, first, kLanes), Turn::No,
                     values.part(first, 0, kBlockColumns, kLanes), -1.0F, 1.0F);
        }
        for (std::size_t k = 0; k < kBlockColumns; ++k) {
            std::copy_n(values_.row(first + k).data(), kLanes, current_[k].data());
        }
    }
    void keep(std::size_t block, BlockCodes& out) {
        const std::size_t first = block * kBlockColumns;
        for (std::size_t k = 0; k < kBlockColumns; ++k) {
            std::copy(coded_.errors[k].begin(), coded_.errors[k].end(), errors_.row(first + k).begin());
            for (std::size_t lane = 0; lane < n_; ++lane) {
                out.codes(first_row_ + lane, first + k) = coded_.codes[k][lane];
            }
        }
        for (std::size_t lane = 0; lane < n_; ++lane) {
            out.scales(first_row_ + lane, block) = coded_.scales[lane];
            if (out.format->has_offset) out.offsets(first_row_ + lane, block) = coded_.offsets[lane];
            loss_ += static_cast<double>(coded_.loss[lane]);
        }
    }

    const MatrixF& upper_;
    std::size_t first_row_;
    std::size_t n_;
    MatrixF values_;
    MatrixF errors_;
    LaneBlock current_{};
    CodedBlock coded_{};
    double loss_ = 0.0;
};

}  // namespace

bool feeds_back(const std::string& type, std::size_t columns) {
    return block_format(type) != nullptr && columns % kBlockColumns == 0;
}

Result<FedBack> quantise_fed_back(const std::string& type, const MatrixF& weights, const MatrixD& c,
                                  const FeedbackSettings& settings) {
    if (auto good = check(type, weights); !good) return tl::unexpected(good.error());
    const auto upper = feedback_of(c, weights.cols(), settings);
    if (!upper) return tl::unexpected(upper.error());
    const std::vector<BlockFeedback> feedback = blocks_of(*upper);
    FedBack out{empty_codes(*block_format(type), weights.rows(), weights.cols()), 0.0};
    const OwnProducts own(settings.n_threads);
    std::vector<double> losses((weights.rows() + kLanes - 1) / kLanes);
    in_parallel(settings.n_threads, losses.size(), [&](std::size_t i) {
        const auto rows = std::make_unique<RowsAtOnce>(weights, *upper, i * kLanes);
        rows->quantise(feedback, out.matrix);
        losses[i] = rows->loss();
    });
    for (const double loss : losses) out.loss += loss;
    if (std::isfinite(out.loss)) return out;
    return fail(ErrorKind::Invalid, fmt::format("A weight is too large for the scales of {}.", type),
                "Use f16 or bf16 for this matrix.");
}

}  // namespace landauer
