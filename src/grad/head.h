// The two ends of the decoder: tokens to the first stream, and the last stream to losses over the vocabulary.
// Logits exist for a few positions at a time only. Rows of a stream are positions.
#pragma once

#include <landauer/error.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "grad/decoder.h"
#include "tensor/matrix.h"

namespace landauer {

// The embeddings of these tokens, of which only their rows are read. Invalid: a token beyond the vocabulary.
[[nodiscard]] Result<MatrixF> read_embeddings(const WeightFile& file, const DecoderShape& shape,
                                              std::span<const std::int32_t> tokens);

struct HeadWeights {
    std::vector<float> norm;
    MatrixF matrix;  // vocabulary x n_embd
    double rms_eps = 0.0;
};
[[nodiscard]] Result<HeadWeights> read_head(const WeightFile& file, const DecoderShape& shape);

// Sum over the positions of -ln p(label), in nats. d_stream, unless nullptr, becomes its gradient at the stream before
// the final norm.
double cross_entropy(const HeadWeights& head, const MatrixF& stream, std::span<const std::int32_t> labels,
                     MatrixF* d_stream);

// The same with a label drawn for each position from the model's own softmax. Draws depend on the seed, the window's
// number and the position alone.
struct LabelDraw {
    std::uint64_t seed = 0;
    std::uint64_t window = 0;
};
double own_cross_entropy(const HeadWeights& head, const MatrixF& stream, const LabelDraw& draw, MatrixF* d_stream,
                         std::vector<std::int32_t>& labels);

// Sum over the positions of KL(teacher || student), in nats; the teacher as its own last stream. d_norm, unless nullptr
// (and d_stream is not), becomes the gradient at the head's norm gains.
double kl_divergence(const HeadWeights& teacher, const MatrixF& teacher_stream, const HeadWeights& head,
                     const MatrixF& stream, MatrixF* d_stream, std::vector<double>* d_norm = nullptr);

// ln p of every token of the vocabulary: positions x vocabulary.
[[nodiscard]] MatrixF log_probabilities(const HeadWeights& head, const MatrixF& stream);

// Floats that one of these calls takes beside its arguments.
[[nodiscard]] std::size_t head_scratch(std::size_t n_vocab, std::size_t n_embd);

}  // namespace landauer
