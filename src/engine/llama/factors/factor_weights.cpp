#ifdef LANDAUER_FACTOR_DEVICE
#include "engine/llama/factors/factor_weights.h"

#include <fmt/format.h>

#include <utility>

#include "engine/llama/handles.h"
#include "ggml-backend.h"
#include "ggml-cpu.h"
#include "platform/mapped_file.h"

namespace landauer {
namespace {

using GgmlContextPtr = std::unique_ptr<ggml_context, FreeWith<ggml_free>>;
using BufferPtr = std::unique_ptr<ggml_backend_buffer, FreeWith<ggml_backend_buffer_free>>;

GgmlContextPtr make_context(std::size_t n_tensors) {
    return GgmlContextPtr(ggml_init({ggml_tensor_overhead() * n_tensors, nullptr, true}));
}

ggml_type type_of(const std::string& name) {
    for (int i = 0; i < GGML_TYPE_COUNT; ++i) {
        const auto type = static_cast<ggml_type>(i);
        if (ggml_type_name(type) != nullptr && name == ggml_type_name(type)) return type;
    }
    return GGML_TYPE_COUNT;
}

ggml_backend_dev_t cpu_device() { return ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU); }

bool multiplies(ggml_tensor* weights, ggml_backend_buffer_type_t buffers) {
    // The CPU says that it multiplies by integers, and has no kernel for them.
    if (ggml_get_type_traits_cpu(weights->type)->vec_dot == nullptr) return false;
    const auto scratch = make_context(4);
    ggml_tensor* x = ggml_new_tensor_2d(scratch.get(), GGML_TYPE_F32, weights->ne[0], 512);
    ggml_tensor* y = ggml_mul_mat(scratch.get(), weights, x);
    const BufferPtr none(ggml_backend_buft_alloc_buffer(buffers, 0));
    weights->buffer = none.get();
    const bool can = ggml_backend_dev_supports_op(cpu_device(), y);
    weights->buffer = nullptr;
    return can;
}

// The first of the CPU's own layouts that this matrix can be multiplied in; nullptr: as it lies in the file.
ggml_backend_buffer_type_t own_layout(ggml_tensor* weights) {
    ggml_backend_reg_t registry = ggml_backend_dev_backend_reg(cpu_device());
    // The registry hands functions out as void*, so that this is the only way to call them.
    const auto layouts = reinterpret_cast<ggml_backend_dev_get_extra_bufts_t>(
        ggml_backend_reg_get_proc_address(registry, "ggml_backend_dev_get_extra_bufts"));
    if (layouts == nullptr) return nullptr;
    for (auto* layout = layouts(cpu_device()); layout != nullptr && *layout != nullptr; ++layout) {
        if (multiplies(weights, *layout)) return *layout;
    }
    return nullptr;
}

}  // namespace

struct FactorWeights::State {
    std::unique_ptr<MappedFile> file;
    GgmlContextPtr tensors;
    std::vector<BufferPtr> buffers;  // the first one is the mapping
};

FactorWeights::FactorWeights() : state_(std::make_unique<State>()) {}
FactorWeights::~FactorWeights() = default;

const FactorPair* FactorWeights::find(const std::string& matrix) const {
    const auto found = pairs_.find(matrix);
    return found == pairs_.end() ? nullptr : &found->second;
}

Result<ggml_tensor*> FactorWeights::add(const GgufTensor& tensor, bool repack) {
    const ggml_type type = type_of(tensor.type);
    if (type == GGML_TYPE_COUNT) {
        return fail(ErrorKind::Invalid, fmt::format("{} is of type {}, which is not known.", tensor.name, tensor.type),
                    "Make the file again with this landauer.");
    }
    ggml_tensor* made = ggml_new_tensor_2d(state_->tensors.get(), type, tensor.shape[0], tensor.shape[1]);
    ggml_set_name(made, tensor.name.c_str());
    std::byte* bytes = state_->file->data() + tensor.offset;
    ggml_backend_buffer_type_t layout = repack ? own_layout(made) : nullptr;
    if (layout == nullptr) {
        if (!multiplies(made, ggml_backend_cpu_buffer_type())) {
            return fail(ErrorKind::Invalid,
                        fmt::format("{} is of type {}, which this CPU cannot multiply with.", tensor.name, tensor.type),
                        "Make the file with another type.");
        }
        ggml_backend_tensor_alloc(state_->buffers.front().get(), made, bytes);
        return made;
    }
    BufferPtr buffer(ggml_backend_buft_alloc_buffer(layout, ggml_backend_buft_get_alloc_size(layout, made)));
    if (!buffer) {
        return fail(ErrorKind::Failed, fmt::format("There is no memory for {}.", tensor.name),
                    "Free some memory, or load without repacking (--no-repack).");
    }
    ggml_backend_buffer_set_usage(buffer.get(), GGML_BACKEND_BUFFER_USAGE_WEIGHTS);
    ggml_backend_tensor_alloc(buffer.get(), made, ggml_backend_buffer_get_base(buffer.get()));
    ggml_backend_tensor_set(made, bytes, 0, tensor.bytes);
    state_->buffers.push_back(std::move(buffer));
    state_->file->forget(tensor.offset, tensor.bytes);
    return made;
}

Result<std::shared_ptr<FactorWeights>> FactorWeights::open(const GgufSummary& file,
                                                           const std::vector<FactorMatrix>& matrices, bool repack) {
    std::shared_ptr<FactorWeights> weights(new FactorWeights());
    State& state = *weights->state_;
    auto mapped = MappedFile::open(file.path);
    if (!mapped) return tl::unexpected(mapped.error());
    state.file = std::make_unique<MappedFile>(std::move(*mapped));
    state.buffers.emplace_back(ggml_backend_cpu_buffer_from_ptr(state.file->data(), state.file->size()));
    auto source = WeightFile::open(file.path);
    if (!source) return tl::unexpected(source.error());
    state.tensors = make_context(2 * matrices.size() + 1);
    for (const FactorMatrix& matrix : matrices) {
        auto rows = factor_rows(*source, matrix);
        if (!rows) return tl::unexpected(rows.error());
        FactorPair pair;
        pair.rows = std::move(*rows);
        for (auto [into, tensor] : {std::pair(&pair.r, &matrix.r), std::pair(&pair.t, &matrix.t)}) {
            auto added = weights->add(*tensor, repack);
            if (!added) return tl::unexpected(added.error());
            *into = *added;
        }
        weights->pairs_.emplace(matrix.name, std::move(pair));
    }
    return weights;
}

}  // namespace landauer
#endif
