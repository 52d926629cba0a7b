#include <algorithm>
#include <utility>

#include "core/utf8.h"
#include "engine/llama/decode.h"
#include "engine/llama/text.h"
#include "engine/llama/trial.h"
#include "engine/phase_timer.h"

namespace landauer {
namespace {

SamplerPtr make_sampler(const TrialBench& bench, const TrialRequest& request) {
    SamplerPtr chain(llama_sampler_chain_init(llama_sampler_chain_default_params()));
    if (request.ignore_eos && !bench.no_end->empty()) {
        llama_sampler_chain_add(
            chain.get(),
            llama_sampler_init_logit_bias(llama_vocab_n_tokens(bench.vocab),
                                          static_cast<std::int32_t>(bench.no_end->size()), bench.no_end->data()));
    }
    const Sampling& sampling = request.sampling;
    if (sampling.temperature <= 0.0F) {
        llama_sampler_chain_add(chain.get(), llama_sampler_init_greedy());
        return chain;
    }
    if (sampling.top_k > 0) llama_sampler_chain_add(chain.get(), llama_sampler_init_top_k(sampling.top_k));
    if (sampling.top_p < 1.0F) llama_sampler_chain_add(chain.get(), llama_sampler_init_top_p(sampling.top_p, 1));
    llama_sampler_chain_add(chain.get(), llama_sampler_init_temp(sampling.temperature));
    llama_sampler_chain_add(chain.get(), llama_sampler_init_dist(sampling.seed));
    return chain;
}

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

void remember(const TrialBench& bench, std::span<const Token> tokens) {
    bench.cached->insert(bench.cached->end(), tokens.begin(), tokens.end());
}

// Samples up to n_gen tokens; all but the last sampled one are decoded.
Result<PhaseRecord> generate(const TrialBench& bench, const TrialRequest& request, const EngineHooks& hooks,
                             TrialResult& result) {
    if (llama_get_logits_ith(bench.context, -1) == nullptr) {
        return fail(ErrorKind::Invalid, "The model gives no probabilities of next tokens, so that it cannot answer.",
                    "Use a language model; an embedding model can be measured with the grid protocol and -n 0.");
    }
    const SamplerPtr sampler = make_sampler(bench, request);
    std::string bytes;
    std::int64_t n_decoded = 0;
    result.stop = "length";
    PhaseTimer timer(hooks, PhaseKind::decode);
    while (true) {
        Token token = llama_sampler_sample(sampler.get(), bench.context, -1);
        ++result.n_gen;
        if (!request.ignore_eos && llama_vocab_is_eog(bench.vocab, token)) {
            result.stop = "end";
            break;
        }
        bytes += piece_of(bench.vocab, token);
        if (hooks.progress) {
            hooks.progress(PhaseKind::decode, static_cast<double>(result.n_gen) / static_cast<double>(request.n_gen));
        }
        if (result.n_gen >= request.n_gen) break;
        if (auto done = decode(bench.context, {&token, 1}); !done) return tl::unexpected(done.error());
        llama_synchronize(bench.context);
        remember(bench, {&token, 1});
        ++n_decoded;
    }
    const PhaseRecord record = timer.end(n_decoded);
    result.answer = to_valid_utf8(bytes);
    return record;
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
    remember(bench, fresh);
    result.stop = "length";
    if (request.n_gen > 0) {
        const auto record = generate(bench, request, hooks, result);
        if (!record) return tl::unexpected(record.error());
        result.phases.push_back(*record);
    }
    return result;
}

}  // namespace landauer
