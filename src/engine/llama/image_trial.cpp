#include <span>
#include <utility>

#include "engine/llama/decode.h"
#include "engine/llama/generate.h"
#include "engine/llama/trial.h"
#include "engine/phase_timer.h"

namespace landauer {
namespace {

Result<llama_pos> text_piece(const TrialBench& bench, const mtmd_input_chunk* piece, llama_pos first, bool last,
                             const EngineHooks& hooks, TrialResult& result) {
    std::size_t n = 0;
    const llama_token* tokens = mtmd_input_chunk_get_tokens_text(piece, &n);
    PhaseTimer timer(hooks, PhaseKind::prefill);
    if (auto done = prefill_piece(bench.context, {tokens, n}, first, last, bench.n_batch, hooks); !done) {
        return tl::unexpected(done.error());
    }
    result.phases.push_back(timer.end(static_cast<std::int64_t>(n)));
    return first + static_cast<llama_pos>(n);
}

Result<llama_pos> image_piece(const TrialBench& bench, Projector& projector, const mtmd_input_chunk* piece,
                              llama_pos first, const EngineHooks& hooks, TrialResult& result) {
    const auto n = static_cast<std::int64_t>(mtmd_input_chunk_get_n_tokens(piece));
    {
        PhaseTimer timer(hooks, PhaseKind::image_encode);
        if (auto done = projector.encode(piece, hooks); !done) return tl::unexpected(done.error());
        result.phases.push_back(timer.end(n));
    }
    PhaseTimer timer(hooks, PhaseKind::image_prefill);
    auto next = projector.prefill(bench.context, piece, first, bench.n_batch);
    if (next) result.phases.push_back(timer.end(n));
    return next;
}

}  // namespace

Result<TrialResult> run_image_trial(const TrialBench& bench, Projector& projector, const ImagePrompt& prompt,
                                    const TrialRequest& request, const EngineHooks& hooks) {
    llama_memory_clear(llama_get_memory(bench.context), false);
    bench.cached->clear();
    const AbortGuard guard(bench.context, hooks);
    TrialResult result;
    result.n_prompt = prompt.n_tokens;
    result.image.n_tokens = prompt.n_image_tokens;
    result.image.n_slices = prompt.n_slices;
    result.stop = "length";
    llama_pos position = 0;
    const std::size_t n_pieces = mtmd_input_chunks_size(prompt.chunks.get());
    for (std::size_t i = 0; i < n_pieces; ++i) {
        const mtmd_input_chunk* piece = mtmd_input_chunks_get(prompt.chunks.get(), i);
        const bool is_text = mtmd_input_chunk_get_type(piece) == MTMD_INPUT_CHUNK_TYPE_TEXT;
        auto next = is_text ? text_piece(bench, piece, position, i + 1 == n_pieces, hooks, result)
                            : image_piece(bench, projector, piece, position, hooks, result);
        if (!next) return tl::unexpected(next.error());
        position = *next;
        if (hooks.progress) {
            hooks.progress(PhaseKind::image_encode, static_cast<double>(i + 1) / static_cast<double>(n_pieces));
        }
    }
    if (request.n_gen > 0) {
        const auto record = generate(bench, request, hooks, result);
        if (!record) return tl::unexpected(record.error());
        result.phases.push_back(*record);
        // What this trial left in memory is no prefix of a text prompt.
        bench.cached->clear();
    }
    return result;
}

}  // namespace landauer
