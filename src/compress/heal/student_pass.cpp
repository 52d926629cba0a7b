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

// What the loss changes by with a factor on each row, from what it changes by with each of the row's scales.
MatrixF channel_gradients(const StoredScales& stored, const StoredScales& d) {
    MatrixF out(1, stored.scales.rows());
    for (std::size_t row = 0; row < stored.scales.rows(); ++row) {
        double sum = 0.0;
        for (std::size_t block = 0; block < stored.scales.cols(); ++block) {
            sum += static_cast<double>(d.scales(row, block) * stored.scales(row, block));
            if (!stored.offsets.empty()) sum += static_cast<double>(d.offsets(row, block) * stored.offsets(row, block));
        }
        out(0, row) = static_cast<float>(sum);
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
    LayerUnits units;
    for (std::size_t layer = shape_.n_layer; layer-- > 0;) {
        const auto block = weights(layer, &units);
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
        matrix_gradients(layers_[layer], units, pass, gradients);
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

// Of y = (W + B A) x: dB = dy (A x)^T and dA = B^T dy x^T, without the gradient of the whole matrix.
void Student::update_gradients(const Layer& layer, std::size_t part, const Pass& pass, Gradients& gradients) const {
    const MatrixF& a = parameters_[layer.update_a[part]].values;
    const MatrixF& b = parameters_[layer.update_b[part]].values;
    for (std::size_t w = 0; w < pass.gradients.size(); ++w) {
        const MatrixF& d_output = pass.gradients[w].*kHealedParts[part].d_output;
        const MatrixF& input = pass.tape[w].*kHealedParts[part].input;
        MatrixF inner(input.rows(), a.rows());
        multiply(input, Turn::No, a, Turn::Yes, inner);
        multiply(d_output, Turn::Yes, inner, Turn::No, gradients[layer.update_b[part]], 1.0F, 1.0F);
        multiply(d_output, Turn::No, b, Turn::No, inner);
        multiply(inner, Turn::Yes, input, Turn::No, gradients[layer.update_a[part]], 1.0F, 1.0F);
    }
}

void Student::matrix_gradients(const Layer& layer, const LayerUnits& units, const Pass& pass,
                               Gradients& gradients) const {
    in_parallel(settings_.n_threads, kHealedParts.size(), [&](std::size_t part) {
        const auto add_products = [&](MatrixF& d_weights) {
            for (std::size_t w = 0; w < pass.gradients.size(); ++w) {
                multiply(pass.gradients[w].*kHealedParts[part].d_output, Turn::Yes,
                         pass.tape[w].*kHealedParts[part].input, Turn::No, d_weights, 1.0F, 1.0F);
            }
        };
        if (layer.values[part] != kNone) return add_products(gradients[layer.values[part]]);
        if (layer.update_a[part] != kNone) return update_gradients(layer, part, pass, gradients);
        const std::optional<ScaledMatrix>& known = layer.matrices[part];
        if (!known) return;
        const ScaledMatrix& matrix = *known;
        MatrixF d_weights(matrix.rows(), matrix.columns());
        add_products(d_weights);
        StoredScales d;
        scale_gradients(matrix.place(), units[part], d_weights, d);
        if (layer.channels[part] != kNone) {
            gradients[layer.channels[part]] = channel_gradients(matrix.stored(), d);
            return;
        }
        gradients[layer.scales[part]] = std::move(d.scales);
        if (layer.offsets[part] != kNone) gradients[layer.offsets[part]] = std::move(d.offsets);
    });
}

}  // namespace landauer
