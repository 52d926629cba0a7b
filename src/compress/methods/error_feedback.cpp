#include "compress/methods/error_feedback.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <span>
#include <utility>

#include "compress/methods/block_codes.h"
#include "compress/methods/block_search.h"
#include "compress/methods/metric.h"
#include "compress/methods/super_codes.h"
#include "compress/methods/super_search.h"
#include "compress/own_products.h"
#include "compress/parallel.h"
#include "tensor/decompose.h"
#include "tensor/products.h"

namespace landauer {
namespace {

// Of a block; 0: errors cannot be fed back into that type.
std::size_t block_columns(const std::string& type) {
    if (super_format(type) != nullptr) return kSuperColumns;
    return block_format(type) != nullptr ? kBlockColumns : 0;
}

Result<void> check(const std::string& type, const MatrixF& weights) {
    const std::size_t block = block_columns(type);
    if (block == 0) {
        return fail(ErrorKind::Invalid, fmt::format("Errors cannot be fed back into weights of the type {}.", type),
                    "Use q4_0, q4_1, q5_0, q5_1, q8_0, iq4_nl, iq4_xs or q2_K to q6_K.");
    }
    if (weights.cols() % block != 0) {
        return fail(ErrorKind::Invalid,
                    fmt::format("Rows of {} values do not fit the blocks of {}.", weights.cols(), type),
                    fmt::format("Use rows of a multiple of {} values.", block));
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

std::vector<SuperFeedback> supers_of(const MatrixF& upper) {
    std::vector<SuperFeedback> blocks(upper.rows() / kSuperColumns);
    for (std::size_t block = 0; block < blocks.size(); ++block) {
        const std::size_t first = block * kSuperColumns;
        SuperFeedback& feedback = blocks[block];
        feedback.into = MatrixF(kSuperColumns, kSuperColumns);
        for (std::size_t k = 0; k < kSuperColumns; ++k) {
            for (std::size_t j = 0; j < k; ++j) feedback.into(k, j) = upper(first + j, first + k);
            const float weight = 1.0F / upper(first + k, first + k);
            feedback.inverse_diagonal[k] = weight;
            feedback.importance[k] = weight * weight;
        }
    }
    return blocks;
}

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
        LaneBlock current{};
        CodedBlock coded{};
        for (std::size_t block = 0; block < feedback.size(); ++block) {
            take_errors(block * kBlockColumns, current);
            search_block(*out.format, current, feedback[block], coded);
            keep(block, coded, out);
        }
    }

    // Into the rows' places in `bytes`.
    Result<void> quantise(const SuperFormat& format, const std::vector<SuperFeedback>& feedback,
                          std::span<std::byte> bytes) {
        std::vector<Lanes> current(kSuperColumns);
        SuperBlock coded;
        for (std::size_t block = 0; block < feedback.size(); ++block) {
            take_errors(block * kSuperColumns, current);
            if (auto done = search_super(format, current, feedback[block], coded); !done) return done;
            add(block * kSuperColumns, coded.errors, coded.loss);
            for (std::size_t lane = 0; lane < n_; ++lane) {
                const std::size_t place = (first_row_ + lane) * feedback.size() + block;
                std::copy_n(coded.bytes.begin() + static_cast<std::ptrdiff_t>(lane * format.bytes), format.bytes,
                            bytes.begin() + static_cast<std::ptrdiff_t>(place * format.bytes));
            }
        }
        return {};
    }
    [[nodiscard]] double loss() const { return loss_; }

   private:
    // What the errors of all columns before the block make of it.
    void take_errors(std::size_t first, std::span<Lanes> current) {
        const MatrixView<float> values = values_;
        if (first > 0) {
            const MatrixView<const float> upper = upper_;
            const MatrixView<const float> errors = errors_;
            multiply(upper.part(0, first, first, current.size()), Turn::Yes, errors.part(0, 0, first, kLanes), Turn::No,
                     values.part(first, 0, current.size(), kLanes), -1.0F, 1.0F);
        }
        for (std::size_t k = 0; k < current.size(); ++k) {
            std::copy_n(values_.row(first + k).data(), kLanes, current[k].data());
        }
    }
    void add(std::size_t first, std::span<const Lanes> errors, const Lanes& loss) {
        for (std::size_t k = 0; k < errors.size(); ++k) {
            std::copy(errors[k].begin(), errors[k].end(), errors_.row(first + k).begin());
        }
        for (std::size_t lane = 0; lane < n_; ++lane) loss_ += static_cast<double>(loss[lane]);
    }
    void keep(std::size_t block, const CodedBlock& coded, BlockCodes& out) {
        const std::size_t first = block * kBlockColumns;
        add(first, coded.errors, coded.loss);
        for (std::size_t lane = 0; lane < n_; ++lane) {
            for (std::size_t k = 0; k < kBlockColumns; ++k) {
                out.codes(first_row_ + lane, first + k) = coded.codes[k][lane];
            }
            out.scales(first_row_ + lane, block) = coded.scales[lane];
            if (out.format->has_offset) out.offsets(first_row_ + lane, block) = coded.offsets[lane];
        }
    }

    const MatrixF& upper_;
    std::size_t first_row_;
    std::size_t n_;
    MatrixF values_;
    MatrixF errors_;
    double loss_ = 0.0;
};

// `each` for some rows after the other, on all threads; the sum of their losses.
Result<double> all_rows(const MatrixF& weights, const MatrixF& upper, std::size_t n_threads,
                        const std::function<Result<void>(RowsAtOnce&)>& each) {
    const OwnProducts own(n_threads);
    std::vector<Result<double>> losses((weights.rows() + kLanes - 1) / kLanes);
    in_parallel(n_threads, losses.size(), [&](std::size_t i) {
        const auto rows = std::make_unique<RowsAtOnce>(weights, upper, i * kLanes);
        const auto done = each(*rows);
        losses[i] = done ? Result<double>(rows->loss()) : tl::unexpected(done.error());
    });
    double sum = 0.0;
    for (const auto& loss : losses) {
        if (!loss) return loss;
        sum += *loss;
    }
    return sum;
}

Result<FedBack> in_blocks(const BlockFormat& format, const MatrixF& weights, const MatrixF& upper,
                          std::size_t n_threads) {
    const std::vector<BlockFeedback> feedback = blocks_of(upper);
    BlockCodes codes = empty_codes(format, weights.rows(), weights.cols());
    const auto loss = all_rows(weights, upper, n_threads, [&](RowsAtOnce& rows) -> Result<void> {
        rows.quantise(feedback, codes);
        return {};
    });
    if (!loss) return tl::unexpected(loss.error());
    return FedBack{packed(codes), *loss};
}

Result<FedBack> in_supers(const SuperFormat& format, const MatrixF& weights, const MatrixF& upper,
                          std::size_t n_threads) {
    const std::vector<SuperFeedback> feedback = supers_of(upper);
    std::vector<std::byte> bytes(weights.rows() * feedback.size() * format.bytes);
    const auto loss =
        all_rows(weights, upper, n_threads, [&](RowsAtOnce& rows) { return rows.quantise(format, feedback, bytes); });
    if (!loss) return tl::unexpected(loss.error());
    return FedBack{std::move(bytes), *loss};
}

}  // namespace

bool feeds_back(const std::string& type, std::size_t columns) {
    const std::size_t block = block_columns(type);
    return block > 0 && columns % block == 0;
}

Result<FedBack> quantise_fed_back(const std::string& type, const MatrixF& weights, const MatrixD& c,
                                  const FeedbackSettings& settings) {
    if (auto good = check(type, weights); !good) return tl::unexpected(good.error());
    const auto upper = feedback_of(c, weights.cols(), settings);
    if (!upper) return tl::unexpected(upper.error());
    auto out = super_format(type) != nullptr ? in_supers(*super_format(type), weights, *upper, settings.n_threads)
                                             : in_blocks(*block_format(type), weights, *upper, settings.n_threads);
    if (!out || std::isfinite(out->loss)) return out;
    return fail(ErrorKind::Invalid, fmt::format("A weight is too large for the scales of {}.", type),
                "Use f16 or bf16 for this matrix.");
}

}  // namespace landauer
