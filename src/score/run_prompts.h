// Which question a stored trial answered.
#pragma once

#include <landauer/error.h>

#include <string>
#include <vector>

#include "core/records.h"
#include "plan/plan.h"

namespace landauer {

// The run's prompts; none: a grid run, which asks nothing.
[[nodiscard]] Result<std::vector<Prompt>> prompts_of(const RunRecord& run);

// The trial's prompt. A picture's trials are named by its size and share the plan's one question. Null: none.
[[nodiscard]] const Prompt* prompt_of(const TrialRecord& trial, const std::vector<Prompt>& prompts);

}  // namespace landauer
