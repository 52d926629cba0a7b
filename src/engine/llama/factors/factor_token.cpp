#ifdef LANDAUER_FACTOR_DEVICE
#include "engine/llama/factors/factor_token.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "ggml-backend.h"
#include "ggml-cpu.h"

namespace landauer {
namespace {

constexpr std::size_t kLeastBytes = 16384;  // of a matrix that a thread takes at once

// x as the kernels want it beside rows of that type. Each thread makes its own: cheaper than to wait for another's.
const void* beside(const ggml_tensor* rows, const float* x) {
    const ggml_type type = ggml_get_type_traits_cpu(rows->type)->vec_dot_type;
    if (type == GGML_TYPE_F32) return x;
    static thread_local std::vector<std::byte> made;
    made.resize(std::max(made.size(), ggml_row_size(type, rows->ne[0])));
    ggml_get_type_traits_cpu(type)->from_float(x, made.data(), rows->ne[0]);
    return made.data();
}

// Rows that nobody has taken yet, in lots that become smaller (guided self-scheduling, Polychronopoulos and Kuck 1987):
// a thread reads long stretches, and still none waits long for another at the end.
class Lots {
   public:
    Lots(const ggml_tensor* rows, std::atomic<std::size_t>& next, int n_workers)
        : next_(next),
          n_rows_(static_cast<std::size_t>(rows->ne[1])),
          least_(std::max<std::size_t>(1, kLeastBytes / rows->nb[1])),
          parts_(2 * static_cast<std::size_t>(n_workers)) {}

    // Nothing: all are taken.
    std::optional<std::pair<std::size_t, std::size_t>> take() {
        std::size_t first = next_.load(std::memory_order_relaxed);
        while (first < n_rows_) {
            const std::size_t end = std::min(n_rows_, first + std::max(least_, (n_rows_ - first) / parts_));
            if (next_.compare_exchange_weak(first, end, std::memory_order_relaxed)) return std::pair(first, end);
        }
        return std::nullopt;
    }

   private:
    std::atomic<std::size_t>& next_;
    std::size_t n_rows_;
    std::size_t least_;
    std::size_t parts_;
};

// sink(row, value) for rows that nobody else has taken.
template <class Sink>
void multiply_rows(const ggml_tensor* rows, const float* x, Lots lots, const Sink& sink) {
    const auto multiply = ggml_get_type_traits_cpu(rows->type)->vec_dot;
    const void* y = beside(rows, x);
    while (const auto lot = lots.take()) {
        for (std::size_t row = lot->first; row < lot->second; ++row) {
            float value = 0.0F;
            multiply(static_cast<int>(rows->ne[0]), &value, 0,
                     static_cast<const std::byte*>(rows->data) + row * rows->nb[1], 0, y, 0, 1);
            sink(row, value);
        }
    }
}

const float* values(const ggml_tensor* tensor) { return static_cast<const float*>(tensor->data); }

}  // namespace

bool is_token_product(const ggml_tensor* product, const FactorPair& factors) {
    const ggml_tensor* x = product->src[1];
    return ggml_nrows(product) == 1 && x->type == GGML_TYPE_F32 && ggml_is_contiguous(x) &&
           ggml_is_contiguous(product) && ggml_backend_buffer_is_host(factors.r->buffer) &&
           ggml_backend_buffer_is_host(factors.t->buffer);
}

void inner_of_token(ggml_tensor* dst, int /*worker*/, int n_workers, void* product) {
    auto& own = *static_cast<TokenProduct*>(product);
    auto* into = static_cast<float*>(dst->data);
    multiply_rows(own.factors->r, values(dst->src[0]), Lots(own.factors->r, own.next_inner, n_workers),
                  [&](std::size_t row, float value) { into[row] = value; });
}

void whole_of_token(ggml_tensor* dst, int worker, int n_workers, void* product) {
    auto& own = *static_cast<TokenProduct*>(product);
    const std::vector<std::int32_t>& rows = own.factors->rows;
    const auto rank = static_cast<std::size_t>(own.factors->r->ne[1]);
    const float* inner = values(dst->src[0]);
    auto* into = static_cast<float*>(dst->data);
    if (worker == 0) {
        for (std::size_t row = 0; row < rank; ++row) into[rows[row]] = inner[row];
    }
    multiply_rows(own.factors->t, inner, Lots(own.factors->t, own.next_other, n_workers),
                  [&](std::size_t row, float value) { into[rows[rank + row]] = value; });
}

}  // namespace landauer
#endif
