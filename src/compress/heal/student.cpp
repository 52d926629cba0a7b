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

bool is_float(const std::string& type) { return type == "f32" || type == "f16" || type == "bf16"; }

Result<void> round_to_type(const std::string& type, MatrixF& values) {
    std::vector<std::byte> bytes(values.rows() * row_bytes(type, values.cols()));
    if (auto done = encode_rows(type, values.values(), values.cols(), {}, bytes); !done) return done;
    return decode_rows(type, bytes, values.cols(), values.values());
}

}  // namespace

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

}  // namespace landauer
