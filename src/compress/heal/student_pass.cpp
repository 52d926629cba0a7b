// The student's way there and back: its loss, and what that changes by with each parameter.
#include <algorithm>
#include <numeric>
#include <utility>

#include "compress/heal/student.h"
#include "compress/parallel.h"
#include "grad/fit.h"
#include "tensor/products.h"

namespace landauer {
namespace {

std::uint64_t tape_floats(const DecoderShape& shape, std::size_t layer, std::size_t n) {
    const std::size_t q = shape.n_head[layer] * shape.head_dim;
    const std::size_t kv = shape.n_head_kv[layer] * shape.head_dim;
    return n * (3 * shape.n_embd + 2 * q + 2 * kv + 3 * shape.n_ff[layer] + shape.n_head[layer] * n);
}

// Sum over the positions of d x normed / factor, where normed is what the norm gave.
void add_factor_gradient(const MatrixF& d, const MatrixF& normed, std::span<const float> factor, std::span<float> out) {
    std::vector<double> sums(d.cols(), 0.0);
    for (std::size_t t = 0; t < d.rows(); ++t) {
        for (std::size_t i = 0; i < d.cols(); ++i) sums[i] += static_cast<double>(d(t, i) * normed(t, i));
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (factor[i] != 0.0F) out[i] += static_cast<float>(sums[i] / static_cast<double>(factor[i]));
    }
}

// Some columns of a matrix, in that order.
MatrixF columns_of(const MatrixF& from, std::span<const std::int32_t> columns) {
    MatrixF out(from.rows(), columns.size());
    for (std::size_t t = 0; t < from.rows(); ++t) {
        for (std::size_t i = 0; i < columns.size(); ++i) out(t, i) = from(t, static_cast<std::size_t>(columns[i]));
    }
    return out;
}

}  // namespace

std::size_t Lesson::n_tokens() const {
    std::size_t n = 0;
    for (const TokenWindow* window : windows) n += window->size();
    return n;
}

// What goes through the model once. [layer][window]
struct Student::Pass {
    std::vector<std::vector<MatrixF>> inputs;
    std::vector<std::vector<BlockTape>> tapes;  // empty where layers run again on the way back
    std::vector<MatrixF> streams;
    std::vector<MatrixF> d_streams;
    std::vector<BlockTape> tape;  // of the layer that the way back is at
    std::vector<BlockGradients> gradients;
    bool comes_back = false;
    bool keeps_tapes = false;
};

Result<void> Student::forward(const Lesson& lesson, Pass& pass) const {
    const std::size_t n = lesson.windows.size();
    std::uint64_t floats = 0;
    for (const TokenWindow* window : lesson.windows) {
        auto stream = read_embeddings(*file_, shape_, *window);
        if (!stream) return tl::unexpected(stream.error());
        pass.streams.push_back(std::move(*stream));
        for (std::size_t layer = 0; layer < shape_.n_layer; ++layer)
            floats += tape_floats(shape_, layer, window->size());
    }
    pass.keeps_tapes = pass.comes_back && floats * sizeof(float) <= settings_.tape_bytes;
    if (pass.comes_back) pass.inputs.assign(shape_.n_layer, std::vector<MatrixF>(n));
    if (pass.keeps_tapes) pass.tapes.assign(shape_.n_layer, std::vector<BlockTape>(n));
    for (std::size_t layer = 0; layer < shape_.n_layer; ++layer) {
        const auto block = weights(layer, nullptr);
        if (!block) return tl::unexpected(block.error());
        in_parallel(settings_.n_threads, n, [&](std::size_t w) {
            BlockTape scratch;
            MatrixF out;
            BlockTape& tape = pass.keeps_tapes ? pass.tapes[layer][w] : scratch;
            block_forward(shape_, *block, layer, pass.streams[w], tape, out);
            std::swap(pass.streams[w], out);
            if (pass.comes_back) pass.inputs[layer][w] = std::move(out);
        });
    }
    return {};
}

Result<double> Student::loss(const Teacher& teacher, const Lesson& lesson, Gradients* gradients) const {
    Pass pass;
    pass.comes_back = gradients != nullptr;
    if (auto done = forward(lesson, pass); !done) return tl::unexpected(done.error());
    const std::size_t n = lesson.windows.size();
    HeadWeights head = head_;
    head.norm = head_norm();
    std::vector<double> losses(n, 0.0);
    std::vector<std::vector<double>> d_norms(n);
    pass.d_streams.resize(n);
    in_parallel(settings_.n_threads, n, [&](std::size_t w) {
        losses[w] = kl_divergence(teacher.head, *lesson.streams[w], head, pass.streams[w],
                                  gradients == nullptr ? nullptr : &pass.d_streams[w],
                                  gradients == nullptr ? nullptr : &d_norms[w]);
    });
    const auto n_tokens = static_cast<double>(lesson.n_tokens());
    const double sum = std::accumulate(losses.begin(), losses.end(), 0.0);
    if (gradients == nullptr) return sum / n_tokens;
    gradients->resize(parameters_.size());
    for (std::size_t p = 0; p < parameters_.size(); ++p) {
        fit((*gradients)[p], parameters_[p].values.rows(), parameters_[p].values.cols());
        std::ranges::fill((*gradients)[p].values(), 0.0F);
    }
    for (const auto& d_norm : d_norms) {
        for (std::size_t i = 0; i < d_norm.size(); ++i) {
            (*gradients)[head_gain_](0, i) += static_cast<float>(d_norm[i] * static_cast<double>(head_.norm[i]));
        }
    }
    if (auto done = backward(lesson, pass, *gradients); !done) return tl::unexpected(done.error());
    for (MatrixF& gradient : *gradients) {
        for (float& value : gradient.values()) value = static_cast<float>(static_cast<double>(value) / n_tokens);
    }
    return sum / n_tokens;
}

Result<void> Student::backward(const Lesson& lesson, Pass& pass, Gradients& gradients) const {
    const std::size_t n = lesson.windows.size();
    pass.gradients.resize(n);
    pass.tape.resize(n);
    LayerMade made;
    for (std::size_t layer = shape_.n_layer; layer-- > 0;) {
        const auto block = weights(layer, &made);
        if (!block) return tl::unexpected(block.error());
        in_parallel(settings_.n_threads, n, [&](std::size_t w) {
            const MatrixF& in = pass.inputs[layer][w];
            if (pass.keeps_tapes) {
                pass.tape[w] = std::move(pass.tapes[layer][w]);
            } else {
                block_tape(shape_, *block, layer, in, pass.tape[w]);
            }
            block_backward(shape_, *block, layer, in, pass.tape[w], pass.d_streams[w], pass.gradients[w]);
        });
        norm_gradients(layers_[layer], pass, gradients);
        matrix_gradients(layers_[layer], made, pass, gradients);
        pass.inputs[layer].clear();
    }
    return {};
}

void Student::norm_gradients(const Layer& layer, const Pass& pass, Gradients& gradients) const {
    for (std::size_t w = 0; w < pass.gradients.size(); ++w) {
        const BlockTape& tape = pass.tape[w];
        if (layer.attn_norm != kNone) {
            add_factor_gradient(pass.gradients[w].attn_in, tape.attn_in, parameters_[layer.attn_norm].values.values(),
                                gradients[layer.attn_norm].values());
        }
        if (layer.ffn_norm != kNone) {
            add_factor_gradient(pass.gradients[w].ffn_in, tape.ffn_in, parameters_[layer.ffn_norm].values.values(),
                                gradients[layer.ffn_norm].values());
        }
    }
}

// Of y = P [R x ; T R x]: T sees R x and its own rows of dy; R sees x, and what dy's pivots and T hand back.
void Student::factor_gradients(const Matrix& matrix, const Made& made, std::span<const SeenProduct> products,
                               Gradients& gradients) const {
    const auto& [r, t] = made.factors;
    const std::span<const std::int32_t> rows(matrix.rows);
    std::vector<MatrixF> inner(products.size());
    std::vector<MatrixF> d_inner(products.size());
    std::vector<MatrixF> d_others(products.size());
    std::vector<SeenProduct> by_r;
    std::vector<SeenProduct> by_t;
    for (std::size_t w = 0; w < products.size(); ++w) {
        const MatrixF& input = *products[w].input;
        inner[w] = MatrixF(input.rows(), r.rows());
        multiply(input, Turn::No, r, Turn::Yes, inner[w]);
        d_inner[w] = columns_of(*products[w].d_output, rows.first(r.rows()));
        d_others[w] = columns_of(*products[w].d_output, rows.subspan(r.rows()));
        multiply(d_others[w], Turn::No, t, Turn::No, d_inner[w], 1.0F, 1.0F);
        by_r.push_back({&input, &d_inner[w]});
        by_t.push_back({&inner[w], &d_others[w]});
    }
    matrix.tensors[0].add_gradients(parameters_, made.units[0], by_r, gradients);
    matrix.tensors[1].add_gradients(parameters_, made.units[1], by_t, gradients);
}

void Student::matrix_gradients(const Layer& layer, const LayerMade& made, const Pass& pass,
                               Gradients& gradients) const {
    in_parallel(settings_.n_threads, kHealedParts.size(), [&](std::size_t part) {
        const Matrix& matrix = layer.matrices[part];
        if (std::ranges::none_of(matrix.tensors, &TrainedTensor::is_trained)) return;
        std::vector<SeenProduct> products;
        products.reserve(pass.gradients.size());
        for (std::size_t w = 0; w < pass.gradients.size(); ++w) {
            products.push_back(
                {&(pass.tape[w].*kHealedParts[part].input), &(pass.gradients[w].*kHealedParts[part].d_output)});
        }
        if (!matrix.rows.empty()) return factor_gradients(matrix, made[part], products, gradients);
        matrix.tensors.front().add_gradients(parameters_, made[part].units.front(), products, gradients);
    });
}

}  // namespace landauer
