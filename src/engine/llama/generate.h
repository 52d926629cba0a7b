// The answer: sampled token by token after a prompt.
#pragma once

#include <landauer/error.h>

#include "engine/llama/trial.h"

namespace landauer {

// Samples up to request.n_gen tokens from the logits that the prompt left; all but the last sampled one are
// decoded. Fills the result's answer, n_gen and stop; the decode phase.
[[nodiscard]] Result<PhaseRecord> generate(const TrialBench& bench, const TrialRequest& request,
                                           const EngineHooks& hooks, TrialResult& result);

}  // namespace landauer
