#include <fmt/format.h>

#include <random>
#include <utility>

#include "engine/llama/decode.h"
#include "engine/llama/trial.h"
#include "engine/phase_timer.h"

namespace landauer {
namespace {

using Random = std::mt19937_64;

class TokenSource {
   public:
    TokenSource(const llama_vocab* vocab, std::uint32_t seed)
        : vocab_(vocab), n_vocab_(static_cast<std::uint64_t>(llama_vocab_n_tokens(vocab))), random_(seed) {}

    Token next() { return static_cast<Token>(random_() % n_vocab_); }
    Token first() { return llama_vocab_get_add_bos(vocab_) ? llama_vocab_bos(vocab_) : next(); }

    std::vector<Token> prompt(std::int32_t n) {
        std::vector<Token> tokens(static_cast<std::size_t>(n));
        for (auto& token : tokens) token = next();
        if (!tokens.empty() && llama_vocab_get_add_bos(vocab_)) tokens.front() = llama_vocab_bos(vocab_);
        return tokens;
    }

   private:
    const llama_vocab* vocab_;
    std::uint64_t n_vocab_;
    Random random_;
};

bool restore_depth(const TrialBench& bench, const TrialRequest& request) {
    const DepthState& kept = *bench.depth;
    if (kept.depth != request.n_depth || kept.seed != request.seed || kept.bytes.empty()) return false;
    return llama_state_seq_set_data(bench.context, kept.bytes.data(), kept.bytes.size(), 0) != 0;
}

Result<void> fill_depth(const TrialBench& bench, const TrialRequest& request, TokenSource& source,
                        const EngineHooks& hooks) {
    if (request.n_depth == 0 || restore_depth(bench, request)) return {};
    llama_memory_clear(llama_get_memory(bench.context), false);
    auto tokens = source.prompt(request.n_depth);
    EngineHooks quiet = hooks;
    quiet.progress = nullptr;
    if (auto done = prefill(bench.context, tokens, bench.n_batch, quiet); !done) return done;
    DepthState& kept = *bench.depth;
    kept.depth = request.n_depth;
    kept.seed = request.seed;
    kept.bytes.resize(llama_state_seq_get_size(bench.context, 0));
    llama_state_seq_get_data(bench.context, kept.bytes.data(), kept.bytes.size(), 0);
    return {};
}

Result<PhaseRecord> grid_decode(const TrialBench& bench, std::int32_t n_gen, TokenSource& source,
                                const EngineHooks& hooks) {
    Token token = source.first();
    PhaseTimer timer(hooks, PhaseKind::decode);
    for (std::int32_t i = 0; i < n_gen; ++i) {
        if (auto done = decode(bench.context, {&token, 1}); !done) return tl::unexpected(done.error());
        llama_synchronize(bench.context);
        token = source.next();
        if (hooks.progress) hooks.progress(PhaseKind::decode, static_cast<double>(i + 1) / n_gen);
    }
    return timer.end(n_gen);
}

}  // namespace

Result<TrialResult> run_grid_trial(const TrialBench& bench, const TrialRequest& request, const EngineHooks& hooks) {
    llama_memory_clear(llama_get_memory(bench.context), false);
    bench.cached->clear();
    TokenSource source(bench.vocab, request.seed);
    const AbortGuard guard(bench.context, hooks);
    if (auto filled = fill_depth(bench, request, source, hooks); !filled) return tl::unexpected(filled.error());
    TrialResult result;
    if (request.n_prompt > 0) {
        auto tokens = source.prompt(request.n_prompt);
        PhaseTimer timer(hooks, PhaseKind::prefill);
        if (auto done = prefill(bench.context, tokens, bench.n_batch, hooks); !done)
            return tl::unexpected(done.error());
        result.phases.push_back(timer.end(request.n_prompt));
    }
    if (request.n_gen > 0) {
        const auto record = grid_decode(bench, request.n_gen, source, hooks);
        if (!record) return tl::unexpected(record.error());
        result.phases.push_back(*record);
    }
    result.n_prompt = request.n_prompt;
    result.n_gen = request.n_gen;
    result.stop = "length";
    return result;
}

}  // namespace landauer
