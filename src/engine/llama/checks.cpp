#include "engine/llama/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "gguf/memory.h"

namespace landauer {
namespace {

constexpr double kGib = 1024.0 * 1024.0 * 1024.0;

struct Bound {
    std::string_view what;
    std::int64_t GgufSummary::* field;
    std::int64_t least;
    std::int64_t most;
};

// Far beyond any model that runs on a CPU; 512 layers is libllama's own limit.
constexpr std::array kBounds = {
    Bound{"layers", &GgufSummary::n_layer, 1, 512},
    Bound{"embedding values", &GgufSummary::n_embd, 1, 1 << 20},
    Bound{"attention heads", &GgufSummary::n_head, 0, 1 << 14},
    Bound{"key-value heads", &GgufSummary::n_head_kv, 0, 1 << 14},
    Bound{"values a key", &GgufSummary::head_dim_k, 0, 1 << 14},
    Bound{"values a value", &GgufSummary::head_dim_v, 0, 1 << 14},
    Bound{"tokens of context", &GgufSummary::context_length, 1, 1LL << 30},
    Bound{"vocabulary entries", &GgufSummary::n_vocab, 0, 1 << 24},
};

MemoryPlan memory_plan(const EngineSettings& settings) {
    MemoryPlan plan;
    plan.n_ctx = settings.n_ctx;
    plan.n_ubatch = settings.n_ubatch;
    plan.type_k = settings.type_k;
    plan.type_v = settings.type_v;
    plan.flash_attn = settings.flash_attn != "off";
    plan.repack = settings.repack;
    plan.mmap = settings.load_mode == "auto" || settings.load_mode.starts_with("mmap");
    return plan;
}

}  // namespace

Result<void> check_plausible(const GgufSummary& summary) {
    const auto implausible = [&](const std::string& what) {
        return fail(
            ErrorKind::Invalid, fmt::format("{} cannot be run as a language model: {}.", summary.path.string(), what),
            "Check that it is a language model and not, say, a vision projector; if it is one, download it again.");
    };
    if (summary.architecture.empty()) return implausible("its header names no architecture");
    if (summary.n_tensors == 0) return implausible("it has no tensors");
    for (const Bound& bound : kBounds) {
        const std::int64_t value = summary.*bound.field;
        if (value < bound.least || value > bound.most) {
            return implausible(fmt::format("its header claims {} {}", value, bound.what));
        }
    }
    return {};
}

Result<std::vector<Caveat>> check_room(const GgufSummary& summary, const EngineSettings& settings,
                                       const EngineHooks& hooks, std::uint64_t projector_bytes) {
    std::vector<Caveat> caveats;
    if (!hooks.memory) return caveats;
    const std::uint64_t free_bytes = hooks.memory();
    const std::uint64_t available = free_bytes - std::min(free_bytes, projector_bytes);
    const MemoryPlan plan = memory_plan(settings);
    if (auto fits = check_memory(summary, plan, available); !fits) return tl::unexpected(fits.error());
    const MemoryNeed need = estimate_memory(summary, plan);
    if (need.resident() > available) {
        caveats.push_back(
            {"memory-tight", Severity::warning,
             fmt::format("Mapped and rearranged weights together may take {:.2f} GiB, more than the {:.2f} GiB "
                         "that are available, so that parts of the file may be read again.",
                         static_cast<double>(need.resident()) / kGib, static_cast<double>(available) / kGib),
             "Use --load-mode none or --no-repack, which keep one copy of the weights."});
    }
    return caveats;
}

}  // namespace landauer
