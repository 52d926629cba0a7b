#include "gguf/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "gguf.h"

namespace landauer {
namespace {

constexpr double kGib = 1024.0 * 1024.0 * 1024.0;
constexpr std::int64_t kContextStep = 256;       // llama.cpp rounds contexts up to this
constexpr double kFewestFullLayers = 1.0 / 8.0;  // of the layers of a sliding-window model

// Types that some CPU's extra buffers rearrange (ggml-cpu's repack and AMX code).
constexpr std::array<std::string_view, 11> kRepacked = {"q4_0", "q4_1", "q8_0",   "q2_K",   "q3_K", "q4_K",
                                                        "q5_K", "q6_K", "iq4_nl", "iq4_xs", "mxfp4"};

double bytes_per_element(const std::string& type_name) {
    for (int i = 0; i < GGML_TYPE_COUNT; ++i) {
        const auto type = static_cast<ggml_type>(i);
        const char* name = ggml_type_name(type);
        if (name != nullptr && type_name == name && ggml_blck_size(type) > 0) {
            return static_cast<double>(ggml_type_size(type)) / static_cast<double>(ggml_blck_size(type));
        }
    }
    return sizeof(float);
}

std::uint64_t to_bytes(double value) { return static_cast<std::uint64_t>(std::clamp(value, 0.0, 1e18)); }

double number(std::int64_t value) { return static_cast<double>(std::max<std::int64_t>(value, 0)); }

std::uint64_t repack_copy(const GgufSummary& summary) {
    std::uint64_t bytes = 0;
    for (const GgufTensor& tensor : summary.tensors) {
        const bool is_known = std::find(kRepacked.begin(), kRepacked.end(), tensor.type) != kRepacked.end();
        // Rows are looked up in the embedding, which therefore stays as it is.
        if (is_known && tensor.shape.size() >= 2 && tensor.name != "token_embd.weight") bytes += tensor.bytes;
    }
    return bytes;
}

std::uint64_t kv_bytes(const GgufSummary& summary, const MemoryPlan& plan) {
    const double cells = number((plan.n_ctx + kContextStep - 1) / kContextStep * kContextStep);
    const double per_cell = number(summary.n_head_kv) * (number(summary.head_dim_k) * bytes_per_element(plan.type_k) +
                                                         number(summary.head_dim_v) * bytes_per_element(plan.type_v));
    const double all = cells * number(summary.n_layer) * per_cell;
    const bool slides = summary.sliding_window > 0 && summary.sliding_window < plan.n_ctx;
    return to_bytes(slides ? all * kFewestFullLayers : all);
}

std::uint64_t compute_bytes(const GgufSummary& summary, const MemoryPlan& plan) {
    if (plan.n_ctx == 0) return 0;
    const double batch = number(std::min(plan.n_ubatch, plan.n_ctx));
    const double logits = batch * number(summary.n_vocab) * sizeof(float);
    const double scores = plan.flash_attn ? 0.0 : batch * number(plan.n_ctx) * number(summary.n_head) * sizeof(float);
    const double mask = batch * number(plan.n_ctx) * 3 * sizeof(std::uint16_t);
    const double layers = batch * (4 * number(summary.n_embd) + 3 * number(summary.n_ff)) * sizeof(float);
    // The logits' place is used for the scores before.
    return to_bytes(std::max(logits, scores) + mask + layers);
}

std::string remedy_for(const GgufSummary& summary, const MemoryNeed& need, std::uint64_t available) {
    if (need.weights > available) {
        return "Use a smaller model or a smaller quantisation of this one, or free memory.";
    }
    if (need.kv > need.weights / 4) {
        return fmt::format(
            "Use a smaller context (-c; the model's own {} are not needed), a smaller cache type "
            "(-ctk q8_0 -ctv q8_0), or free memory.",
            summary.context_length);
    }
    return "Use a smaller -ub, a smaller model, or free memory.";
}

}  // namespace

MemoryNeed estimate_memory(const GgufSummary& summary, const MemoryPlan& plan) {
    MemoryNeed need;
    need.weights = summary.tensor_bytes;
    if (plan.repack && plan.mmap) need.repack_copy = repack_copy(summary);
    need.kv = kv_bytes(summary, plan);
    need.compute = compute_bytes(summary, plan);
    return need;
}

Result<void> check_memory(const GgufSummary& summary, const MemoryPlan& plan, std::uint64_t available) {
    const MemoryNeed need = estimate_memory(summary, plan);
    if (need.least() <= available) return {};
    const auto gib = [](std::uint64_t bytes) { return static_cast<double>(bytes) / kGib; };
    return fail(ErrorKind::Failed,
                fmt::format("{} needs about {:.2f} GiB of memory (weights {:.2f}, context of {} tokens {:.2f}, scratch "
                            "{:.2f}), but {:.2f} GiB are available.",
                            summary.path.filename().string(), gib(need.least()), gib(need.weights), plan.n_ctx,
                            gib(need.kv), gib(need.compute), gib(available)),
                remedy_for(summary, need, available));
}

}  // namespace landauer
