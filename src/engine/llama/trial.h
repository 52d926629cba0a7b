// The kinds of trial on a loaded model.
#pragma once

#include <landauer/error.h>

#include <vector>

#include "engine/engine.h"
#include "engine/llama/handles.h"
#include "engine/llama/projector.h"

namespace landauer {

// What a trial needs and may change.
struct TrialBench {
    llama_context* context = nullptr;
    const llama_vocab* vocab = nullptr;
    std::int32_t n_batch = 1;
    const std::vector<llama_logit_bias>* no_end = nullptr;  // forbids the end tokens
    std::vector<Token>* cached = nullptr;                   // tokens in memory, for the prefix cache
    bool prefix_cache = false;
    DepthState* depth = nullptr;
};

// A prompt and its answer.
[[nodiscard]] Result<TrialResult> run_text_trial(const TrialBench& bench, std::vector<Token> prompt,
                                                 const TrialRequest& request, const EngineHooks& hooks);

// A picture, a question about it, and the answer. The prompt has been preprocessed; the caller adds that phase.
[[nodiscard]] Result<TrialResult> run_image_trial(const TrialBench& bench, Projector& projector,
                                                  const ImagePrompt& prompt, const TrialRequest& request,
                                                  const EngineHooks& hooks);

// llama-bench's mechanics: random tokens (a beginning token first where the vocabulary adds
// one), one synchronise after the prefill, one a decoded token, no sampling, depth outside
// the phases.
[[nodiscard]] Result<TrialResult> run_grid_trial(const TrialBench& bench, const TrialRequest& request,
                                                 const EngineHooks& hooks);

}  // namespace landauer
