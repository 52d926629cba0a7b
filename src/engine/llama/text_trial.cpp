#include <algorithm>
#include <utility>

#include "engine/llama/decode.h"
#include "engine/llama/generate.h"
#include "engine/llama/trial.h"
#include "engine/phase_timer.h"

namespace landauer {
namespace {

// Makes the memory hold exactly the kept prefix of the prompt and returns its length.
// At least one token stays to be processed, as its logits are needed.
std::size_t keep_prefix(const TrialBench& bench, const std::vector<Token>& prompt) {
    auto* memory = llama_get_memory(bench.context);
    const auto& cached = *bench.cached;
    const auto first_difference =
        std::mismatch(prompt.begin(), prompt.end() - 1, cached.begin(), cached.end()).first - prompt.begin();
    const auto common = bench.prefix_cache ? static_cast<std::size_t>(first_difference) : 0;
    if (common > 0 && llama_memory_seq_rm(memory, 0, static_cast<llama_pos>(common), -1)) {
        bench.cached->resize(common);
        return common;
    }
    llama_memory_clear(memory, false);
    bench.cached->clear();
    return 0;
}

}  // namespace

Result<TrialResult> run_text_trial(const TrialBench& bench, std::vector<Token> prompt, const TrialRequest& request,
                                   const EngineHooks& hooks) {
    const std::size_t n_reused = keep_prefix(bench, prompt);
    const std::span<Token> fresh = std::span(prompt).subspan(n_reused);
    const AbortGuard guard(bench.context, hooks);
    TrialResult result;
    result.n_prompt = static_cast<std::int64_t>(prompt.size());
    result.n_reused = static_cast<std::int64_t>(n_reused);
    {
        PhaseTimer timer(hooks, PhaseKind::prefill);
        if (auto done = prefill(bench.context, fresh, bench.n_batch, hooks); !done) return tl::unexpected(done.error());
        result.phases.push_back(timer.end(static_cast<std::int64_t>(fresh.size())));
    }
    bench.cached->insert(bench.cached->end(), fresh.begin(), fresh.end());
    result.stop = "length";
    if (request.n_gen > 0) {
        const auto record = generate(bench, request, hooks, result);
        if (!record) return tl::unexpected(record.error());
        result.phases.push_back(*record);
    }
    return result;
}

}  // namespace landauer
