#include "compress/heal/student.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "compress/parallel.h"
#include "gguf/half.h"
#include "gguf/weights.h"
#include "grad/fit.h"
#include "tensor/products.h"

namespace landauer {
namespace {

std::string tensor_name(std::size_t layer, std::string_view part) {
    return fmt::format("blk.{}.{}.weight", layer, part);
}

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

bool is_float(const std::string& type) { return type == "f32" || type == "f16" || type == "bf16"; }

Result<void> round_to_type(const std::string& type, MatrixF& values) {
    std::vector<std::byte> bytes(values.rows() * row_bytes(type, values.cols()));
    if (auto done = encode_rows(type, values.values(), values.cols(), {}, bytes); !done) return done;
    return decode_rows(type, bytes, values.cols(), values.values());
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

Student::Student(WeightFile file, DecoderShape shape, const StudentSettings& settings)
    : file_(std::make_shared<const WeightFile>(std::move(file))), shape_(std::move(shape)), settings_(settings) {}

Result<Student> Student::open(const std::filesystem::path& model, const StudentSettings& settings) {
    auto file = WeightFile::open(model);
    if (!file) return tl::unexpected(file.error());
    auto shape = decoder_shape(*file);
    if (!shape) return tl::unexpected(shape.error());
    Student student(std::move(*file), std::move(*shape), settings);
    for (std::size_t layer = 0; layer < student.shape_.n_layer; ++layer) {
        if (auto opened = student.open_layer(layer); !opened) return tl::unexpected(opened.error());
    }
    auto head = read_head(*student.file_, student.shape_);
    if (!head) return tl::unexpected(head.error());
    student.head_ = std::move(*head);
    student.head_gain_ = student.add_factors("output_norm.weight", ParameterKind::Gain, student.shape_.n_embd);
    student.parameters_.back().of_head = true;
    return student;
}

Result<void> Student::open_layer(std::size_t layer) {
    auto block = read_block(*file_, shape_, layer);
    if (!block) return tl::unexpected(block.error());
    Layer& own = layers_.emplace_back();
    own.channels.fill(kNone);
    own.scales.fill(kNone);
    own.offsets.fill(kNone);
    own.values.fill(kNone);
    own.update_a.fill(kNone);
    own.update_b.fill(kNone);
    for (const HealedPart& part : kHealedParts) (*block).*part.weights = {};
    own.still = std::move(*block);
    for (std::size_t part = 0; part < kHealedParts.size(); ++part) {
        if (auto added = add_matrix(layer, part); !added) return added;
    }
    const auto trains = [&](std::string_view norm) {
        const GgufTensor* tensor = file_->find(tensor_name(layer, norm));
        return tensor != nullptr && tensor->type == "f32";
    };
    if (trains("attn_norm")) {
        own.attn_norm = add_factors(tensor_name(layer, "attn_norm"), ParameterKind::Gain, shape_.n_embd);
    }
    if (trains("ffn_norm")) {
        own.ffn_norm = add_factors(tensor_name(layer, "ffn_norm"), ParameterKind::Gain, shape_.n_embd);
    }
    return {};
}

Result<void> Student::add_matrix(std::size_t layer, std::size_t part) {
    const std::string name = tensor_name(layer, kHealedParts[part].part);
    const GgufTensor* tensor = file_->find(name);
    if (tensor == nullptr) return {};
    ++n_matrices_;
    const bool floats = settings_.trained == Trained::Weights || settings_.trained == Trained::LowRank;
    if (floats && is_float(tensor->type)) return add_floats(*tensor, layer, part);
    auto matrix = ScaledMatrix::open(*file_, *tensor);
    if (!matrix && matrix.error().kind == ErrorKind::Absent) return {};
    if (!matrix) return tl::unexpected(matrix.error());
    ++n_trained_;
    Layer& own = layers_[layer];
    if (settings_.trained == Trained::Channels) {
        own.channels[part] = add_factors(name, ParameterKind::Channel, matrix->rows());
    } else {
        own.scales[part] = add_parameter(name, ParameterKind::Scale, matrix->stored().scales);
        if (matrix->place().offset_at) {
            own.offsets[part] = add_parameter(name, ParameterKind::Offset, matrix->stored().offsets);
        }
    }
    own.matrices[part] = std::move(*matrix);
    return {};
}

Result<void> Student::add_floats(const GgufTensor& tensor, std::size_t layer, std::size_t part) {
    MatrixF values;
    if (auto read = read_matrix(tensor, values); !read) return read;
    ++n_trained_;
    if (settings_.trained == Trained::LowRank) {
        Update update = empty_update(tensor.name, values, parameters_.size());
        parameters_.push_back(std::move(update.a));
        layers_[layer].update_a[part] = parameters_.size() - 1;
        parameters_.push_back(std::move(update.b));
        layers_[layer].update_b[part] = parameters_.size() - 1;
        return {};
    }
    layers_[layer].values[part] = add_parameter(tensor.name, ParameterKind::Weight, std::move(values));
    return {};
}

Result<void> Student::read_matrix(const GgufTensor& tensor, MatrixF& into) const {
    const auto columns = static_cast<std::size_t>(tensor.shape.front());
    into = MatrixF(tensor.elements / columns, columns);
    return file_->read(tensor.name, 0, into.values());
}

std::size_t Student::add_parameter(std::string tensor, ParameterKind kind, MatrixF values) {
    parameters_.push_back({std::move(tensor), kind, false, std::move(values)});
    return parameters_.size() - 1;
}

std::size_t Student::add_factors(std::string tensor, ParameterKind kind, std::size_t n) {
    MatrixF ones(1, n);
    std::ranges::fill(ones.values(), 1.0F);
    return add_parameter(std::move(tensor), kind, std::move(ones));
}

std::optional<StoredScales> Student::scales_of(std::size_t layer, std::size_t part) const {
    const Layer& own = layers_[layer];
    const std::optional<ScaledMatrix>& matrix = own.matrices[part];
    if (!matrix) return std::nullopt;
    StoredScales scales = matrix->stored();
    if (own.scales[part] != kNone) scales.scales = parameters_[own.scales[part]].values;
    if (own.offsets[part] != kNone) scales.offsets = parameters_[own.offsets[part]].values;
    if (own.channels[part] == kNone) return scales;
    const MatrixF& factors = parameters_[own.channels[part]].values;
    for (std::size_t row = 0; row < scales.scales.rows(); ++row) {
        const float factor = factors(0, row);
        for (float& scale : scales.scales.row(row)) scale *= factor;
        if (scales.offsets.empty()) continue;
        for (float& offset : scales.offsets.row(row)) offset *= factor;
    }
    return scales;
}

Result<std::optional<MatrixF>> Student::values_of(std::size_t layer, std::size_t part) const {
    const Layer& own = layers_[layer];
    if (own.values[part] != kNone) return std::optional(parameters_[own.values[part]].values);
    if (own.update_a[part] == kNone) return std::optional<MatrixF>{};
    const GgufTensor& tensor = *file_->find(tensor_name(layer, kHealedParts[part].part));
    MatrixF values;
    if (auto read = read_matrix(tensor, values); !read) return tl::unexpected(read.error());
    multiply(parameters_[own.update_b[part]].values, Turn::No, parameters_[own.update_a[part]].values, Turn::No, values,
             1.0F, 1.0F);
    if (!settled_) return std::optional(std::move(values));
    if (auto rounded = round_to_type(tensor.type, values); !rounded) return tl::unexpected(rounded.error());
    return std::optional(std::move(values));
}

Result<void> Student::settle() {
    for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
        for (std::size_t part = 0; part < kHealedParts.size(); ++part) settle_scales(layer, part);
    }
    for (Parameter& parameter : parameters_) {
        if (parameter.kind != ParameterKind::Weight) continue;
        if (auto rounded = round_to_type(file_->find(parameter.tensor)->type, parameter.values); !rounded) {
            return rounded;
        }
    }
    settled_ = true;
    return {};
}

void Student::settle_scales(std::size_t layer, std::size_t part) {
    Layer& own = layers_[layer];
    auto scales = scales_of(layer, part);
    std::optional<ScaledMatrix>& matrix = own.matrices[part];
    if (!scales || !matrix) return;
    for (float& scale : scales->scales.values()) scale = rounded_to_half(scale);
    for (float& offset : scales->offsets.values()) offset = rounded_to_half(offset);
    if (own.channels[part] != kNone) {
        std::ranges::fill(parameters_[own.channels[part]].values.values(), 1.0F);
        matrix->store(std::move(*scales));
        return;
    }
    parameters_[own.scales[part]].values = std::move(scales->scales);
    if (own.offsets[part] != kNone) parameters_[own.offsets[part]].values = std::move(scales->offsets);
}

std::vector<float> Student::gains(std::size_t parameter, const std::vector<float>& still) const {
    std::vector<float> now = still;
    if (parameter == kNone) return now;
    const auto factors = parameters_[parameter].values.values();
    for (std::size_t i = 0; i < now.size(); ++i) now[i] *= factors[i];
    return now;
}

std::vector<float> Student::attn_norm(std::size_t layer) const {
    return gains(layers_[layer].attn_norm, layers_[layer].still.attn_norm);
}
std::vector<float> Student::ffn_norm(std::size_t layer) const {
    return gains(layers_[layer].ffn_norm, layers_[layer].still.ffn_norm);
}
std::vector<float> Student::head_norm() const { return gains(head_gain_, head_.norm); }

Result<BlockWeights> Student::weights(std::size_t layer, LayerUnits* units) const {
    const Layer& own = layers_[layer];
    BlockWeights block = own.still;
    block.attn_norm = attn_norm(layer);
    block.ffn_norm = ffn_norm(layer);
    UnitWeights scratch;
    for (std::size_t part = 0; part < kHealedParts.size(); ++part) {
        MatrixF& into = block.*kHealedParts[part].weights;
        auto values = values_of(layer, part);
        if (!values) return tl::unexpected(values.error());
        if (std::optional<MatrixF>& now = *values; now) {
            into = std::move(*now);
            continue;
        }
        const std::optional<ScaledMatrix>& matrix = own.matrices[part];
        const auto scales = scales_of(layer, part);
        if (!matrix || !scales) {
            const GgufTensor* tensor = file_->find(tensor_name(layer, kHealedParts[part].part));
            if (tensor == nullptr) continue;
            if (auto read = read_matrix(*tensor, into); !read) return tl::unexpected(read.error());
            continue;
        }
        UnitWeights& unit = units == nullptr ? scratch : (*units)[part];
        if (auto read = matrix->units(*file_, settings_.n_threads, unit); !read) return tl::unexpected(read.error());
        scaled_weights(matrix->place(), unit, *scales, settings_.n_threads, into);
    }
    return block;
}

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
