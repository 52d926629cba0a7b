#include "compress/heal/student.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "compress/heal/leverage.h"
#include "compress/parallel.h"
#include "gguf/factor_format.h"
#include "gguf/weights.h"
#include "grad/chain.h"

namespace landauer {
namespace {

constexpr std::size_t kRowsAtOnce = 256;  // of a matrix that is multiplied out
// The scales of two factors that step the same way at once overshoot: at 1 the divergence of a real model rises from
// the second step on, at 2.5 it falls (docs/results.md).
constexpr double kTogether = 2.5;

bool is_scale(const Parameter& parameter) {
    return parameter.kind == ParameterKind::Scale || parameter.kind == ParameterKind::Offset ||
           parameter.kind == ParameterKind::Channel;
}

std::string tensor_name(std::size_t layer, std::string_view part) {
    return fmt::format("blk.{}.{}.weight", layer, part);
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
    student.head_gain_ = student.add_gains("output_norm.weight");
    student.parameters_.back().of_head = true;
    return student;
}

Result<void> Student::open_layer(std::size_t layer) {
    auto block = read_block(*file_, shape_, layer);
    if (!block) return tl::unexpected(block.error());
    Layer& own = layers_.emplace_back();
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
        own.attn_norm = add_gains(tensor_name(layer, "attn_norm"));
    }
    if (trains("ffn_norm")) {
        own.ffn_norm = add_gains(tensor_name(layer, "ffn_norm"));
    }
    return {};
}

Result<void> Student::add_matrix(std::size_t layer, std::size_t part) {
    const std::string name = tensor_name(layer, kHealedParts[part].part);
    Matrix& matrix = layers_[layer].matrices[part];
    std::vector<std::string> tensors = {name};
    if (const auto found = shape_.factors.find(name); found != shape_.factors.end()) {
        auto rows = factor_rows(*file_, found->second);
        if (!rows) return tl::unexpected(rows.error());
        matrix.rows = std::move(*rows);
        tensors = {found->second.r.name, found->second.t.name};
    } else if (file_->find(name) == nullptr) {
        return {};
    }
    ++n_matrices_;
    std::vector<std::size_t> first;  // parameter of each
    for (const std::string& tensor : tensors) {
        first.push_back(parameters_.size());
        auto opened = TrainedTensor::open(*file_, *file_->find(tensor), settings_.trained, parameters_);
        if (!opened) return tl::unexpected(opened.error());
        matrix.tensors.push_back(std::move(*opened));
    }
    if (std::ranges::any_of(matrix.tensors, &TrainedTensor::is_trained)) ++n_trained_;
    return matrix.rows.empty() ? Result<void>{} : add_leverages(matrix, first.front(), first.back());
}

// From `first` on there are R's parameters, from `second` on T's.
Result<void> Student::add_leverages(const Matrix& matrix, std::size_t first, std::size_t second) {
    Made made;
    for (std::size_t i = 0; i < matrix.tensors.size(); ++i) {
        auto read = matrix.tensors[i].read(*file_, parameters_, settings_.n_threads, made.units[i], made.factors[i]);
        if (!read) return read;
    }
    const Leverages own = leverages_of(made.factors[0], made.factors[1]);
    for (std::size_t p = first; p < parameters_.size(); ++p) {
        parameters_[p].leverage = (is_scale(parameters_[p]) ? kTogether : 1.0) * (p < second ? own.r : own.t);
    }
    return {};
}

std::size_t Student::add_gains(std::string norm) {
    MatrixF ones(1, shape_.n_embd);
    std::ranges::fill(ones.values(), 1.0F);
    parameters_.push_back({std::move(norm), ParameterKind::Gain, false, std::move(ones)});
    return parameters_.size() - 1;
}

Result<std::optional<std::vector<std::byte>>> Student::bytes_of(const GgufTensor& tensor) const {
    for (const Layer& layer : layers_) {
        for (const Matrix& matrix : layer.matrices) {
            for (const TrainedTensor& own : matrix.tensors) {
                if (own.tensor().name == tensor.name) return own.bytes(*file_, parameters_);
            }
        }
    }
    return std::optional<std::vector<std::byte>>{};
}

Result<void> Student::settle() {
    for (Layer& layer : layers_) {
        for (Matrix& matrix : layer.matrices) {
            for (TrainedTensor& tensor : matrix.tensors) {
                if (auto settled = tensor.settle(parameters_); !settled) return settled;
            }
        }
    }
    return {};
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

Result<void> Student::read_matrix(const Matrix& matrix, Made& made, MatrixF& into) const {
    const bool whole = matrix.rows.empty();
    for (std::size_t i = 0; i < matrix.tensors.size(); ++i) {
        MatrixF& values = whole ? into : made.factors[i];
        auto read = matrix.tensors[i].read(*file_, parameters_, settings_.n_threads, made.units[i], values);
        if (!read) return read;
    }
    if (whole) return {};
    const MatrixF& r = made.factors[0];
    const MatrixF& t = made.factors[1];
    into = MatrixF(matrix.rows.size(), r.cols());
    in_parallel(settings_.n_threads, (matrix.rows.size() + kRowsAtOnce - 1) / kRowsAtOnce, [&](std::size_t piece) {
        const std::size_t first = piece * kRowsAtOnce;
        multiply_out(r, t, matrix.rows, first, std::min(kRowsAtOnce, matrix.rows.size() - first), into);
    });
    return {};
}

Result<BlockWeights> Student::weights(std::size_t layer, LayerMade* made) const {
    const Layer& own = layers_[layer];
    BlockWeights block = own.still;
    block.attn_norm = attn_norm(layer);
    block.ffn_norm = ffn_norm(layer);
    Made scratch;
    for (std::size_t part = 0; part < kHealedParts.size(); ++part) {
        Made& of_part = made == nullptr ? scratch : (*made)[part];
        auto read = read_matrix(own.matrices[part], of_part, block.*kHealedParts[part].weights);
        if (!read) return tl::unexpected(read.error());
    }
    return block;
}

}  // namespace landauer
