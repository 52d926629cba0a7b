// Does the plan fit the model? Answered from the vocabulary and the header, before any
// weight is loaded.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <vector>

#include "engine/engine.h"
#include "plan/plan.h"

namespace landauer {

// What one trial puts into the context.
struct TrialNeed {
    std::int64_t n_prompt = 0;
    std::int64_t n_gen = 0;
    std::int64_t n_depth = 0;
    std::int64_t n_image = 0;  // embeddings of the picture, not in n_prompt
    [[nodiscard]] std::int64_t total() const { return n_prompt + n_gen + n_depth + n_image; }
};

// The engine's request for a trial of the plan (sampling and template left at their defaults).
[[nodiscard]] TrialRequest make_request(const Plan& plan, const TrialSpec& spec);

// Tokens of every picture, or else prompt, or else grid test of the plan, in its order. Sets
// settings.n_ctx to what the largest needs when it is 0. Invalid if a trial does not fit
// the given context, names the prompt and both numbers.
[[nodiscard]] Result<std::vector<TrialNeed>> check_fit(const Plan& plan, EngineSettings& settings, bool chat_template);

}  // namespace landauer
