#ifdef LANDAUER_FACTOR_DEVICE
#include "engine/llama/factors/factor_device.h"

#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/llama/factors/factor_graph.h"
#include "engine/llama/handles.h"
#include "ggml-backend-impl.h"
#include "ggml-cpu.h"

namespace landauer {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr const char* kName = "factors";
constexpr const char* kDescription = "products with factorised matrices";

ggml_backend_dev_t cpu_device() { return ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU); }
ggml_backend_dev_t own_device();
ggml_backend_reg_t factor_registry();

// -- buffers: a tensor takes one line of memory there, which nobody reads

class OwnBuffers;

struct OwnBuffer {
    std::shared_ptr<OwnBuffers> owner;
    std::vector<std::byte> lines;
};

class OwnBuffers : public FactorBuffers, public std::enable_shared_from_this<OwnBuffers> {
   public:
    explicit OwnBuffers(std::shared_ptr<FactorWeights> weights);
    ggml_backend_buffer_type_t type() override { return &type_; }
    [[nodiscard]] const FactorWeights& weights() const { return *weights_; }

   private:
    std::shared_ptr<FactorWeights> weights_;
    ggml_backend_buffer_type type_;
};

OwnBuffer& own(ggml_backend_buffer_t buffer) { return *static_cast<OwnBuffer*>(buffer->context); }
OwnBuffers& own(ggml_backend_buffer_type_t type) { return *static_cast<OwnBuffers*>(type->context); }

const char* buffers_name(ggml_backend_buffer_type_t /*type*/) { return kName; }
std::size_t alignment(ggml_backend_buffer_type_t /*type*/) { return kAlignment; }
std::size_t line(ggml_backend_buffer_type_t /*type*/, const ggml_tensor* /*tensor*/) { return kAlignment; }
bool is_host(ggml_backend_buffer_type_t /*type*/) { return false; }

bool is_own(ggml_backend_buffer_type_t type) { return type != nullptr && type->iface.get_name == buffers_name; }

void free_buffer(ggml_backend_buffer_t buffer) { delete &own(buffer); }
void* base(ggml_backend_buffer_t buffer) {
    const auto address = reinterpret_cast<std::uintptr_t>(own(buffer).lines.data());
    return reinterpret_cast<void*>((address + kAlignment - 1) / kAlignment * kAlignment);
}
// An adapter's matrices, which are none of the file's, would be lost here: they are refused.
ggml_status init_tensor(ggml_backend_buffer_t buffer, ggml_tensor* tensor) {
    if (tensor->view_src != nullptr) return GGML_STATUS_SUCCESS;
    const FactorPair* pair = own(buffer).owner->weights().find(tensor->name);
    tensor->extra = const_cast<FactorPair*>(pair);  // kept as void*, and only read
    return pair != nullptr ? GGML_STATUS_SUCCESS : GGML_STATUS_FAILED;
}
void ignore_memset(ggml_backend_buffer_t /*buffer*/, ggml_tensor* /*tensor*/, std::uint8_t /*value*/,
                   std::size_t /*offset*/, std::size_t /*size*/) {}
void ignore_set(ggml_backend_buffer_t /*buffer*/, ggml_tensor* /*tensor*/, const void* /*data*/, std::size_t /*offset*/,
                std::size_t /*size*/) {}
void give_zeros(ggml_backend_buffer_t /*buffer*/, const ggml_tensor* /*tensor*/, void* data, std::size_t /*offset*/,
                std::size_t size) {
    std::memset(data, 0, size);
}
void ignore_clear(ggml_backend_buffer_t /*buffer*/, std::uint8_t /*value*/) {}

ggml_backend_buffer_t allocate(ggml_backend_buffer_type_t type, std::size_t size) {
    ggml_backend_buffer_i interface{};
    interface.free_buffer = free_buffer;
    interface.get_base = base;
    interface.init_tensor = init_tensor;
    interface.memset_tensor = ignore_memset;
    interface.set_tensor = ignore_set;
    interface.get_tensor = give_zeros;
    interface.clear = ignore_clear;
    auto context =
        std::make_unique<OwnBuffer>(OwnBuffer{own(type).shared_from_this(), std::vector<std::byte>(size + kAlignment)});
    return ggml_backend_buffer_init(type, interface, context.release(), size);
}

OwnBuffers::OwnBuffers(std::shared_ptr<FactorWeights> weights) : weights_(std::move(weights)), type_{} {
    type_.iface.get_name = buffers_name;
    type_.iface.alloc_buffer = allocate;
    type_.iface.get_alignment = alignment;
    type_.iface.get_alloc_size = line;
    type_.iface.is_host = is_host;
    type_.device = own_device();
    type_.context = this;
}

// -- backend: the CPU's, behind a graph with chains

using BackendPtr = std::unique_ptr<ggml_backend, FreeWith<ggml_backend_free>>;

struct OwnBackend {
    ThreadPoolPtr threads;  // outlives the backend that it serves
    BackendPtr cpu;
    int n_threads = 0;
    FactorGraph graph;
};

OwnBackend& own(ggml_backend_t backend) { return *static_cast<OwnBackend*>(backend->context); }

const char* backend_name(ggml_backend_t /*backend*/) { return kName; }
void free_backend(ggml_backend_t backend) {
    delete &own(backend);
    delete backend;
}
ggml_status compute(ggml_backend_t backend, ggml_cgraph* graph) {
    return ggml_backend_graph_compute(own(backend).cpu.get(), own(backend).graph.expand(graph));
}
// The pool that a program attaches to its context reaches the CPU's own backend only.
void set_n_threads(ggml_backend_t backend, int n_threads) {
    OwnBackend& ours = own(backend);
    ggml_backend_cpu_set_n_threads(ours.cpu.get(), n_threads);
    if (ours.n_threads == n_threads) return;
    auto params = ggml_threadpool_params_default(n_threads);
    ThreadPoolPtr pool(ggml_threadpool_new(&params));
    ggml_backend_cpu_set_threadpool(ours.cpu.get(), pool.get());
    ours.threads = std::move(pool);
    ours.n_threads = n_threads;
}
void set_abort(ggml_backend_t backend, ggml_abort_callback abort, void* data) {
    ggml_backend_cpu_set_abort_callback(own(backend).cpu.get(), abort, data);
}
ggml_backend_t init_backend(ggml_backend_dev_t device, const char* params) {
    static ggml_guid guid = {0x6c, 0x61, 0x6e, 0x64, 0x61, 0x75, 0x65, 0x72,
                             0x2d, 0x66, 0x61, 0x63, 0x74, 0x6f, 0x72, 0x73};
    auto ours = std::make_unique<OwnBackend>();
    ours->cpu.reset(ggml_backend_dev_init(cpu_device(), params));
    if (!ours->cpu) return nullptr;
    ggml_backend_i interface{};
    interface.get_name = backend_name;
    interface.free = free_backend;
    interface.graph_compute = compute;
    return new ggml_backend{&guid, interface, device, ours.release()};
}

// -- device

const char* device_name(ggml_backend_dev_t /*device*/) { return kName; }
const char* device_description(ggml_backend_dev_t /*device*/) { return kDescription; }
void device_memory(ggml_backend_dev_t /*device*/, std::size_t* free, std::size_t* total) { *free = *total = 0; }
enum ggml_backend_dev_type device_type(ggml_backend_dev_t /*device*/) { return GGML_BACKEND_DEVICE_TYPE_ACCEL; }
void device_props(ggml_backend_dev_t /*device*/, ggml_backend_dev_props* props) {
    *props = {};
    props->name = kName;
    props->description = kDescription;
    props->type = GGML_BACKEND_DEVICE_TYPE_ACCEL;
}
ggml_backend_buffer_type_t device_buffers(ggml_backend_dev_t /*device*/) { return ggml_backend_cpu_buffer_type(); }
bool supports_op(ggml_backend_dev_t /*device*/, const ggml_tensor* op) {
    for (std::size_t i = 0; i < GGML_MAX_SRC; ++i) {
        const ggml_tensor* source = op->src[i];
        if (source == nullptr || source->buffer == nullptr || !is_own(source->buffer->buft)) continue;
        return op->op == GGML_OP_MUL_MAT && i == 0 && factors_of(source) != nullptr;
    }
    return ggml_backend_dev_supports_op(cpu_device(), op);
}
bool supports_buffers(ggml_backend_dev_t /*device*/, ggml_backend_buffer_type_t type) {
    return is_own(type) || ggml_backend_dev_supports_buft(cpu_device(), type);
}

ggml_backend_dev_t own_device() {
    static ggml_backend_device device = [] {
        ggml_backend_device made{};
        made.iface.get_name = device_name;
        made.iface.get_description = device_description;
        made.iface.get_memory = device_memory;
        made.iface.get_type = device_type;
        made.iface.get_props = device_props;
        made.iface.init_backend = init_backend;
        made.iface.get_buffer_type = device_buffers;
        made.iface.supports_op = supports_op;
        made.iface.supports_buft = supports_buffers;
        made.reg = factor_registry();
        return made;
    }();
    return &device;
}

const char* registry_name(ggml_backend_reg_t /*registry*/) { return kName; }
std::size_t device_count(ggml_backend_reg_t /*registry*/) { return 1; }
ggml_backend_dev_t device_at(ggml_backend_reg_t /*registry*/, std::size_t /*index*/) { return own_device(); }
void* function_named(ggml_backend_reg_t /*registry*/, const char* name) {
    const std::string_view wanted = name;
    if (wanted == "ggml_backend_set_n_threads") return reinterpret_cast<void*>(set_n_threads);
    if (wanted == "ggml_backend_set_abort_callback") return reinterpret_cast<void*>(set_abort);
    return nullptr;
}

ggml_backend_reg_t factor_registry() {
    static ggml_backend_reg registry = {
        GGML_BACKEND_API_VERSION, {registry_name, device_count, device_at, function_named}, nullptr};
    return &registry;
}

}  // namespace

const FactorPair* factors_of(const ggml_tensor* matrix) {
    if (matrix == nullptr || matrix->view_src != nullptr || matrix->buffer == nullptr) return nullptr;
    return is_own(matrix->buffer->buft) ? static_cast<const FactorPair*>(matrix->extra) : nullptr;
}

std::shared_ptr<FactorBuffers> FactorBuffers::create(std::shared_ptr<FactorWeights> weights) {
    return std::make_shared<OwnBuffers>(std::move(weights));
}

ggml_backend_dev_t factor_device() { return own_device(); }

}  // namespace landauer
#endif
