#include "compress/heal/trained_tensor.h"

#include <algorithm>
#include <string>
#include <utility>

#include "gguf/half.h"
#include "tensor/products.h"

namespace landauer {
namespace {

bool is_float(const std::string& type) { return type == "f32" || type == "f16" || type == "bf16"; }

Result<void> round_to_type(const std::string& type, MatrixF& values) {
    std::vector<std::byte> bytes(values.rows() * row_bytes(type, values.cols()));
    if (auto done = encode_rows(type, values.values(), values.cols(), {}, bytes); !done) return done;
    return decode_rows(type, bytes, values.cols(), values.values());
}

std::size_t add(std::vector<Parameter>& parameters, Parameter parameter) {
    parameters.push_back(std::move(parameter));
    return parameters.size() - 1;
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

void add_products(std::span<const SeenProduct> products, MatrixF& d_weights) {
    for (const SeenProduct& seen : products) {
        multiply(*seen.d_output, Turn::Yes, *seen.input, Turn::No, d_weights, 1.0F, 1.0F);
    }
}

}  // namespace

Result<TrainedTensor> TrainedTensor::open(const WeightFile& file, const GgufTensor& tensor, Trained how,
                                          std::vector<Parameter>& parameters) {
    TrainedTensor opened;
    opened.tensor_ = &tensor;
    const bool floats = (how == Trained::Weights || how == Trained::LowRank) && is_float(tensor.type);
    const auto done = floats ? opened.open_floats(file, how, parameters) : opened.open_scales(file, how, parameters);
    if (!done) return tl::unexpected(done.error());
    return opened;
}

Result<void> TrainedTensor::open_scales(const WeightFile& file, Trained how, std::vector<Parameter>& parameters) {
    auto matrix = ScaledMatrix::open(file, *tensor_);
    if (!matrix && matrix.error().kind == ErrorKind::Absent) return {};
    if (!matrix) return tl::unexpected(matrix.error());
    matrix_ = std::move(*matrix);
    const StoredScales& stored = matrix_->stored();
    if (how == Trained::Channels) {
        MatrixF ones(1, matrix_->rows());
        std::ranges::fill(ones.values(), 1.0F);
        channels_ = add(parameters, {tensor_->name, ParameterKind::Channel, false, std::move(ones)});
        return {};
    }
    scales_ = add(parameters, {tensor_->name, ParameterKind::Scale, false, stored.scales});
    if (matrix_->place().offset_at) {
        offsets_ = add(parameters, {tensor_->name, ParameterKind::Offset, false, stored.offsets});
    }
    return {};
}

Result<void> TrainedTensor::open_floats(const WeightFile& file, Trained how, std::vector<Parameter>& parameters) {
    auto values = stored(file);
    if (!values) return tl::unexpected(values.error());
    if (how == Trained::LowRank) {
        Update update = empty_update(tensor_->name, *values, parameters.size());
        update_a_ = add(parameters, std::move(update.a));
        update_b_ = add(parameters, std::move(update.b));
        return {};
    }
    values_ = add(parameters, {tensor_->name, ParameterKind::Weight, false, std::move(*values)});
    return {};
}

Result<MatrixF> TrainedTensor::stored(const WeightFile& file) const {
    const auto columns = static_cast<std::size_t>(tensor_->shape.front());
    MatrixF values(tensor_->elements / columns, columns);
    if (auto read = file.read(tensor_->name, 0, values.values()); !read) return tl::unexpected(read.error());
    return values;
}

// Nothing: they are not trained, or by their scales alone.
Result<std::optional<MatrixF>> TrainedTensor::floats(const WeightFile& file,
                                                     const std::vector<Parameter>& parameters) const {
    if (values_ != kNone) return std::optional(parameters[values_].values);
    if (update_a_ == kNone) return std::optional<MatrixF>{};
    auto values = stored(file);
    if (!values) return tl::unexpected(values.error());
    multiply(parameters[update_b_].values, Turn::No, parameters[update_a_].values, Turn::No, *values, 1.0F, 1.0F);
    if (!settled_) return std::optional(std::move(*values));
    if (auto rounded = round_to_type(tensor_->type, *values); !rounded) return tl::unexpected(rounded.error());
    return std::optional(std::move(*values));
}

// What the blocks have now, channels taken in.
StoredScales TrainedTensor::scales(const ScaledMatrix& matrix, const std::vector<Parameter>& parameters) const {
    StoredScales now = matrix.stored();
    if (scales_ != kNone) now.scales = parameters[scales_].values;
    if (offsets_ != kNone) now.offsets = parameters[offsets_].values;
    if (channels_ == kNone) return now;
    const MatrixF& factors = parameters[channels_].values;
    for (std::size_t row = 0; row < now.scales.rows(); ++row) {
        const float factor = factors(0, row);
        for (float& scale : now.scales.row(row)) scale *= factor;
        if (now.offsets.empty()) continue;
        for (float& offset : now.offsets.row(row)) offset *= factor;
    }
    return now;
}

Result<void> TrainedTensor::read(const WeightFile& file, const std::vector<Parameter>& parameters,
                                 std::size_t n_threads, UnitWeights& units, MatrixF& out) const {
    if (matrix_) {
        if (auto decoded = matrix_->units(file, n_threads, units); !decoded) return decoded;
        scaled_weights(matrix_->place(), units, scales(*matrix_, parameters), n_threads, out);
        return {};
    }
    auto now = floats(file, parameters);
    if (!now) return tl::unexpected(now.error());
    if (std::optional<MatrixF>& values = *now; values) {
        out = std::move(*values);
        return {};
    }
    auto as_it_was = stored(file);
    if (!as_it_was) return tl::unexpected(as_it_was.error());
    out = std::move(*as_it_was);
    return {};
}

// Of y = (W + B A) x: dB = dy (A x)^T and dA = B^T dy x^T, without the gradient of the whole matrix.
void TrainedTensor::add_update_gradients(const std::vector<Parameter>& parameters,
                                         std::span<const SeenProduct> products, Gradients& gradients) const {
    const MatrixF& a = parameters[update_a_].values;
    const MatrixF& b = parameters[update_b_].values;
    for (const SeenProduct& seen : products) {
        MatrixF inner(seen.input->rows(), a.rows());
        multiply(*seen.input, Turn::No, a, Turn::Yes, inner);
        multiply(*seen.d_output, Turn::Yes, inner, Turn::No, gradients[update_b_], 1.0F, 1.0F);
        multiply(*seen.d_output, Turn::No, b, Turn::No, inner);
        multiply(inner, Turn::Yes, *seen.input, Turn::No, gradients[update_a_], 1.0F, 1.0F);
    }
}

void TrainedTensor::add_gradients(const std::vector<Parameter>& parameters, const UnitWeights& units,
                                  std::span<const SeenProduct> products, Gradients& gradients) const {
    if (values_ != kNone) return add_products(products, gradients[values_]);
    if (update_a_ != kNone) return add_update_gradients(parameters, products, gradients);
    if (!matrix_) return;
    MatrixF d_weights(matrix_->rows(), matrix_->columns());
    add_products(products, d_weights);
    StoredScales d;
    scale_gradients(matrix_->place(), units, d_weights, d);
    if (channels_ != kNone) {
        gradients[channels_] = channel_gradients(matrix_->stored(), d);
        return;
    }
    gradients[scales_] = std::move(d.scales);
    if (offsets_ != kNone) gradients[offsets_] = std::move(d.offsets);
}

Result<void> TrainedTensor::settle(std::vector<Parameter>& parameters) {
    settled_ = true;
    if (values_ != kNone) return round_to_type(tensor_->type, parameters[values_].values);
    if (matrix_) settle_scales(*matrix_, parameters);
    return {};
}

void TrainedTensor::settle_scales(ScaledMatrix& matrix, std::vector<Parameter>& parameters) const {
    StoredScales now = scales(matrix, parameters);
    for (float& scale : now.scales.values()) scale = rounded_to_half(scale);
    for (float& offset : now.offsets.values()) offset = rounded_to_half(offset);
    if (channels_ != kNone) {
        std::ranges::fill(parameters[channels_].values.values(), 1.0F);
        matrix.store(std::move(now));
        return;
    }
    parameters[scales_].values = std::move(now.scales);
    if (offsets_ != kNone) parameters[offsets_].values = std::move(now.offsets);
}

Result<std::optional<std::vector<std::byte>>> TrainedTensor::bytes(const WeightFile& file,
                                                                   const std::vector<Parameter>& parameters) const {
    using Bytes = std::optional<std::vector<std::byte>>;
    if (matrix_) {
        auto changed = matrix_->with(file, scales(*matrix_, parameters));
        return changed ? Result<Bytes>(std::move(*changed)) : tl::unexpected(changed.error());
    }
    const auto now = floats(file, parameters);
    if (!now) return tl::unexpected(now.error());
    const std::optional<MatrixF>& values = *now;
    if (!values) return Bytes{};
    std::vector<std::byte> encoded(tensor_->bytes);
    auto done = encode_rows(tensor_->type, values->values(), values->cols(), {}, encoded);
    return done ? Result<Bytes>(std::move(encoded)) : tl::unexpected(done.error());
}

}  // namespace landauer
