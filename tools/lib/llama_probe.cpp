// Multiplies a quantised matrix in every weight layout that the freshly built ggml offers on this CPU, and holds
// each product against the plain layout's. A miscompiled kernel dies here and not in the middle of a measurement.
#include <ggml-alloc.h>
#include <ggml-backend.h>
#include <ggml-cpu.h>
#include <ggml.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

namespace {

constexpr int kInner = 1024;
constexpr int kRows = 256;
constexpr int kTokens = 64;  // a prefill, where the tiled kernels work

std::vector<float> random_values(std::size_t n, unsigned seed) {
    std::mt19937 engine(seed);
    std::vector<float> values(n);
    for (float& value : values) value = static_cast<float>(engine() % 2001) / 1000.0F - 1.0F;
    return values;
}

// The product, or nothing where this layout does not take this type.
std::vector<float> product(ggml_backend_t backend, ggml_backend_buffer_type_t layout, ggml_type type) {
    ggml_init_params params = {16 * ggml_tensor_overhead() + ggml_graph_overhead(), nullptr, true};
    ggml_context* weights = ggml_init(params);
    ggml_context* rest = ggml_init(params);
    ggml_tensor* w = ggml_new_tensor_2d(weights, type, kInner, kRows);
    ggml_tensor* x = ggml_new_tensor_2d(rest, GGML_TYPE_F32, kInner, kTokens);
    ggml_tensor* y = ggml_mul_mat(rest, w, x);
    ggml_cgraph* graph = ggml_new_graph(rest);
    ggml_build_forward_expand(graph, y);
    ggml_backend_buffer_t held = ggml_backend_alloc_ctx_tensors_from_buft(weights, layout);
    ggml_backend_buffer_t others = ggml_backend_alloc_ctx_tensors(rest, backend);
    std::vector<float> result;
    if (held != nullptr && ggml_backend_supports_op(backend, y)) {
        const std::vector<float> dense = random_values(std::size_t{kInner} * kRows, 1);
        std::vector<char> packed(ggml_nbytes(w));
        ggml_quantize_chunk(type, dense.data(), packed.data(), 0, kRows, kInner, nullptr);
        ggml_backend_tensor_set(w, packed.data(), 0, packed.size());
        const std::vector<float> input = random_values(std::size_t{kInner} * kTokens, 2);
        ggml_backend_tensor_set(x, input.data(), 0, input.size() * sizeof(float));
        ggml_backend_graph_compute(backend, graph);
        result.resize(std::size_t{kRows} * kTokens);
        ggml_backend_tensor_get(y, result.data(), 0, result.size() * sizeof(float));
    }
    ggml_backend_buffer_free(others);
    ggml_backend_buffer_free(held);
    ggml_free(rest);
    ggml_free(weights);
    return result;
}

double relative_difference(const std::vector<float>& a, const std::vector<float>& b) {
    double difference = 0.0;
    double size = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference += std::pow(a[i] - b[i], 2);
        size += std::pow(b[i], 2);
    }
    return std::sqrt(difference / size);
}

}  // namespace

int main() {
    ggml_backend_t backend = ggml_backend_cpu_init();
    ggml_backend_cpu_set_n_threads(backend, 2);
    ggml_backend_dev_t device = ggml_backend_get_device(backend);
    auto* list = reinterpret_cast<ggml_backend_dev_get_extra_bufts_t>(
        ggml_backend_reg_get_proc_address(ggml_backend_dev_backend_reg(device), "ggml_backend_dev_get_extra_bufts"));
    ggml_backend_buffer_type_t* layouts = list != nullptr ? list(device) : nullptr;
    int wrong = 0;
    for (; layouts != nullptr && *layouts != nullptr; ++layouts) {
        for (const ggml_type type : {GGML_TYPE_Q4_0, GGML_TYPE_Q4_1, GGML_TYPE_Q8_0, GGML_TYPE_Q4_K, GGML_TYPE_Q6_K}) {
            const std::vector<float> result = product(backend, *layouts, type);
            if (result.empty()) continue;
            const double difference =
                relative_difference(result, product(backend, ggml_backend_cpu_buffer_type(), type));
            const bool good = difference < 0.05;
            std::printf("%s %s: %.2g %s\n", ggml_backend_buft_name(*layouts), ggml_type_name(type), difference,
                        good ? "good" : "wrong");
            wrong += good ? 0 : 1;
        }
    }
    ggml_backend_free(backend);
    return wrong == 0 ? 0 : 1;
}
