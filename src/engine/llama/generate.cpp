#include "engine/llama/generate.h"

#include <string>

#include "core/utf8.h"
#include "engine/llama/decode.h"
#include "engine/llama/text.h"
#include "engine/phase_timer.h"

namespace landauer {
namespace {

SamplerPtr make_sampler(const TrialBench& bench, const TrialRequest& request, bool may_end) {
    SamplerPtr chain(llama_sampler_chain_init(llama_sampler_chain_default_params()));
    if (!may_end && !bench.no_end->empty()) {
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

}  // namespace

Result<PhaseRecord> generate(const TrialBench& bench, const TrialRequest& request, const EngineHooks& hooks,
                             TrialResult& result) {
    if (llama_get_logits_ith(bench.context, -1) == nullptr) {
        return fail(ErrorKind::Invalid, "The model gives no probabilities of next tokens, so that it cannot answer.",
                    "Use a language model; an embedding model can be measured with the grid protocol and -n 0.");
    }
    SamplerPtr sampler = make_sampler(bench, request, true);
    std::string bytes;
    std::int64_t n_decoded = 0;
    result.stop = "length";
    PhaseTimer timer(hooks, PhaseKind::decode);
    while (true) {
        Token token = llama_sampler_sample(sampler.get(), bench.context, -1);
        ++result.n_gen;
        if (llama_vocab_is_eog(bench.vocab, token) && result.stop != "end") {
            result.stop = "end";
            if (!request.ignore_eos) break;
            // The answer is whole; what follows is only there to cost what every answer costs.
            sampler = make_sampler(bench, request, false);
            token = llama_sampler_sample(sampler.get(), bench.context, -1);
        }
        if (result.stop != "end") bytes += piece_of(bench.vocab, token);
        if (hooks.progress) {
            hooks.progress(PhaseKind::decode, static_cast<double>(result.n_gen) / static_cast<double>(request.n_gen));
        }
        if (result.n_gen >= request.n_gen) break;
        if (auto done = decode(bench.context, {&token, 1}); !done) return tl::unexpected(done.error());
        llama_synchronize(bench.context);
        bench.cached->push_back(token);
        ++n_decoded;
    }
    const PhaseRecord record = timer.end(n_decoded);
    result.answer = to_valid_utf8(bytes);
    return record;
}

}  // namespace landauer
