#include "engine/llama/weight_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <span>
#include <vector>

#include "gguf/weights.h"

namespace landauer {
namespace {

constexpr std::int64_t kGroupRows = 64;  // every kernel's group of rows divides it
constexpr std::int64_t kBatch = 512;     // tokens that the loader asks about

std::vector<ggml_backend_buffer_type_t> buffer_types(bool repack) {
    std::vector<ggml_backend_buffer_type_t> types;
    auto* cpu = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
    // The registry hands functions out as void*, so that this is the only way to call them.
    const auto extra_types = reinterpret_cast<ggml_backend_dev_get_extra_bufts_t>(
        ggml_backend_reg_get_proc_address(ggml_backend_dev_backend_reg(cpu), "ggml_backend_dev_get_extra_bufts"));
    if (repack && extra_types != nullptr) {
        for (auto* type = extra_types(cpu); type != nullptr && *type != nullptr; ++type) types.push_back(*type);
    }
    types.push_back(ggml_backend_dev_buffer_type(cpu));
    return types;
}

// Rows of noise, encoded.
Result<std::vector<std::byte>> noise_rows(ggml_type type, std::int64_t cols) {
    std::mt19937 random(1);
    std::normal_distribution<float> normal(0.0F, 0.02F);
    std::vector<float> values(static_cast<std::size_t>(kGroupRows * cols));
    std::generate(values.begin(), values.end(), [&] { return normal(random); });
    const std::vector<float> even(static_cast<std::size_t>(cols), 1.0F);
    std::vector<std::byte> bytes(ggml_row_size(type, cols) * static_cast<std::size_t>(kGroupRows));
    if (auto done = encode_rows(ggml_type_name(type), values, static_cast<std::uint64_t>(cols), even, bytes); !done) {
        return tl::unexpected(done.error());
    }
    return bytes;
}

std::uint64_t round_up(std::uint64_t value, std::uint64_t step) { return (value + step - 1) / step * step; }

}  // namespace

TensorsPtr make_tensors(std::size_t n) { return TensorsPtr(ggml_init({n * ggml_tensor_overhead(), nullptr, true})); }

ggml_backend_buffer_type_t weight_buffer(ggml_type type, std::int64_t rows, std::int64_t cols, bool repack) {
    const TensorsPtr tensors = make_tensors(4);
    auto* weights = ggml_new_tensor_2d(tensors.get(), type, cols, rows);
    auto* product =
        ggml_mul_mat(tensors.get(), weights, ggml_new_tensor_2d(tensors.get(), GGML_TYPE_F32, cols, kBatch));
    const auto types = buffer_types(repack);
    for (auto* buffer_type : types) {
        const BufferPtr empty(ggml_backend_buft_alloc_buffer(buffer_type, 0));
        weights->buffer = empty.get();
        const bool fits = ggml_backend_dev_supports_op(ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU), product);
        weights->buffer = nullptr;
        if (fits) return buffer_type;
    }
    return types.back();
}

Result<WeightPool> WeightPool::create(ggml_type type, ggml_backend_buffer_type_t buffer, std::int64_t cols,
                                      std::uint64_t bytes) {
    const auto noise = noise_rows(type, cols);
    if (!noise) return tl::unexpected(noise.error());
    WeightPool pool;
    pool.tensors_ = make_tensors(1);
    const auto rows = static_cast<std::int64_t>(round_up(bytes / ggml_row_size(type, cols) + 1, kGroupRows));
    auto* all = ggml_new_tensor_2d(pool.tensors_.get(), type, cols, rows);
    pool.buffer_.reset(ggml_backend_buft_alloc_buffer(buffer, ggml_backend_buft_get_alloc_size(buffer, all)));
    if (!pool.buffer_ ||
        ggml_backend_tensor_alloc(pool.buffer_.get(), all, ggml_backend_buffer_get_base(pool.buffer_.get())) !=
            GGML_STATUS_SUCCESS) {
        return fail(ErrorKind::Failed, fmt::format("There is no memory for {} bytes of weights to time.", bytes),
                    "Free some memory and try again.");
    }
    std::vector<std::byte> image;
    image.reserve(ggml_nbytes(all));
    while (image.size() < ggml_nbytes(all)) image.insert(image.end(), noise->begin(), noise->end());
    ggml_backend_tensor_set(all, image.data(), 0, image.size());
    return pool;
}

std::uint64_t WeightPool::stride(const ggml_tensor* tensor) const {
    auto* type = ggml_backend_buffer_get_type(buffer_.get());
    return round_up(ggml_backend_buft_get_alloc_size(type, tensor), ggml_backend_buft_get_alignment(type));
}

bool WeightPool::place(ggml_tensor* tensor, std::uint64_t offset) const {
    auto* base = static_cast<std::byte*>(ggml_backend_buffer_get_base(buffer_.get()));
    return ggml_backend_tensor_alloc(buffer_.get(), tensor, base + offset) == GGML_STATUS_SUCCESS;
}

}  // namespace landauer
