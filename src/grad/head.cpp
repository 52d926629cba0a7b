#include "grad/head.h"

#include <algorithm>
#include <cmath>

#include "grad/loops.h"
#include "grad/norm.h"
#include "tensor/products.h"

namespace landauer {
namespace {

constexpr std::size_t kLogitsAtOnce = std::size_t{1} << 25U;
constexpr std::size_t kMostPositions = 256;
constexpr std::size_t kFewestPositions = 32;  // below, reading the head's matrix costs more than multiplying by it

std::size_t positions_at_once(std::size_t n_vocab) {
    return std::clamp(kLogitsAtOnce / n_vocab, kFewestPositions, kMostPositions);
}

// The logits of some neighbouring positions, and the way back from their gradients.
class Chunk {
   public:
    explicit Chunk(const HeadWeights& head) : head_(head) {}

    MatrixView<float> forward(const MatrixF& stream, std::size_t first, std::size_t n) {
        if (normed_.rows() != n) {
            normed_ = MatrixF(n, stream.cols());
            logits_ = MatrixF(n, head_.matrix.rows());
            inverse_rms_.resize(n);
        }
        in_ = MatrixView<const float>(stream).part(first, 0, n, stream.cols());
        rms_norm(in_, head_.norm, head_.rms_eps, inverse_rms_, normed_);
        multiply(normed_, Turn::No, head_.matrix, Turn::Yes, logits_);
        return logits_;
    }

    // The logits have become their gradients.
    void backward(MatrixView<float> d_in, std::vector<double>* d_norm) {
        multiply(logits_, Turn::No, head_.matrix, Turn::No, normed_);
        for (std::size_t t = 0; d_norm != nullptr && t < d_in.rows; ++t) {
            for (std::size_t i = 0; i < d_in.cols; ++i) {
                (*d_norm)[i] += static_cast<double>(normed_(t, i) * in_(t, i) * inverse_rms_[t]);
            }
        }
        for (std::size_t t = 0; t < d_in.rows; ++t) std::fill_n(&d_in(t, 0), d_in.cols, 0.0F);
        add_rms_norm_backward(in_, head_.norm, inverse_rms_, normed_, d_in);
    }

   private:
    const HeadWeights& head_;
    MatrixView<const float> in_;
    MatrixF normed_;
    MatrixF logits_;
    std::vector<float> inverse_rms_;
};

// SplitMix64 (Steele, Lea and Flood 2014): a well mixed word of any counter.
std::uint64_t mixed(std::uint64_t x) {
    x += 0x9E3779B97F4A7C15ULL;
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31U);
}

// Evenly in [0, 1).
double draw_of(const LabelDraw& draw, std::size_t position) {
    const std::uint64_t word = mixed(mixed(mixed(draw.seed) + draw.window) + position);
    return static_cast<double>(word >> 11U) * 0x1.0p-53;
}

// The first token at which the cumulative weight passes `share` of their sum.
std::size_t pick(const float* weights, std::size_t n, double sum, double share) {
    double left = share * sum;
    for (std::size_t i = 0; i < n; ++i) {
        left -= static_cast<double>(weights[i]);
        if (left < 0.0) return i;
    }
    return static_cast<std::size_t>(std::max_element(weights, weights + n) - weights);  // rounding at the very end
}

// Turns a row of logits into the softmax less the label's one; label_of(weights, sum) says the label, as late as that.
template <class LabelOf>
double row_loss(float* row, std::size_t n, bool gradient, const LabelOf& label_of) {
    const float top = largest(row, n);
    const float sum = exp_row(row, n, top);
    const std::size_t label = label_of(row, sum);
    const double loss = std::log(static_cast<double>(sum)) - std::log(static_cast<double>(row[label]));
    if (gradient) {
        scale_row(row, n, 1.0F / sum);
        row[label] -= 1.0F;
    }
    return loss;
}

template <class RowLoss>
double sum_losses(const HeadWeights& head, const MatrixF& stream, MatrixF* d_stream, const RowLoss& loss_of,
                  std::vector<double>* d_norm = nullptr) {
    if (d_stream != nullptr) *d_stream = MatrixF(stream.rows(), stream.cols());
    if (d_norm != nullptr) d_norm->assign(stream.cols(), 0.0);
    const std::size_t at_once = positions_at_once(head.matrix.rows());
    Chunk chunk(head);
    double loss = 0.0;
    for (std::size_t first = 0; first < stream.rows(); first += at_once) {
        const std::size_t n = std::min(at_once, stream.rows() - first);
        const auto logits = chunk.forward(stream, first, n);
        for (std::size_t t = 0; t < n; ++t) loss += loss_of(first + t, &logits(t, 0), logits.cols);
        if (d_stream != nullptr) chunk.backward(MatrixView<float>(*d_stream).part(first, 0, n, stream.cols()), d_norm);
    }
    return loss;
}

}  // namespace

double cross_entropy(const HeadWeights& head, const MatrixF& stream, std::span<const std::int32_t> labels,
                     MatrixF* d_stream) {
    return sum_losses(head, stream, d_stream, [&](std::size_t position, float* row, std::size_t n) {
        const auto label = static_cast<std::size_t>(labels[position]);
        return row_loss(row, n, d_stream != nullptr, [label](const float*, float) { return label; });
    });
}

double own_cross_entropy(const HeadWeights& head, const MatrixF& stream, const LabelDraw& draw, MatrixF* d_stream,
                         std::vector<std::int32_t>& labels) {
    labels.resize(stream.rows());
    return sum_losses(head, stream, d_stream, [&](std::size_t position, float* row, std::size_t n) {
        return row_loss(row, n, d_stream != nullptr, [&](const float* weights, float sum) {
            const std::size_t label = pick(weights, n, static_cast<double>(sum), draw_of(draw, position));
            labels[position] = static_cast<std::int32_t>(label);
            return label;
        });
    });
}

double kl_divergence(const HeadWeights& teacher, const MatrixF& teacher_stream, const HeadWeights& head,
                     const MatrixF& stream, MatrixF* d_stream, std::vector<double>* d_norm) {
    const std::size_t at_once = positions_at_once(head.matrix.rows());
    Chunk guide(teacher);
    MatrixView<float> wanted;
    const auto row_of = [&](std::size_t position, float* row, std::size_t n) {
        const std::size_t in_chunk = position % at_once;
        if (in_chunk == 0) {
            wanted = guide.forward(teacher_stream, position, std::min(at_once, stream.rows() - position));
        }
        return divergence_row(&wanted(in_chunk, 0), row, n);
    };
    return sum_losses(head, stream, d_stream, row_of, d_norm);
}

MatrixF log_probabilities(const HeadWeights& head, const MatrixF& stream) {
    MatrixF all(stream.rows(), head.matrix.rows());
    sum_losses(head, stream, nullptr, [&](std::size_t position, float* row, std::size_t n) {
        float* out = all.row(position).data();
        std::copy(row, row + n, out);
        const float top = largest(row, n);
        const float log_sum = top + std::log(exp_row(row, n, top));
        for (std::size_t i = 0; i < n; ++i) out[i] -= log_sum;
        return 0.0;
    });
    return all;
}

std::size_t head_scratch(std::size_t n_vocab, std::size_t n_embd) {
    return positions_at_once(n_vocab) * (n_vocab + n_embd);
}

}  // namespace landauer
