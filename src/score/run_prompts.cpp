#include "score/run_prompts.h"

#include <fmt/format.h>

#include <algorithm>

namespace landauer {

Result<std::vector<Prompt>> prompts_of(const RunRecord& run) {
    if (run.prompts_json.empty()) {
        return std::vector<Prompt>{};
    }
    return parse_prompts(run.prompts_json, fmt::format("the prompts stored with run {}", run.id));
}

const Prompt* prompt_of(const TrialRecord& trial, const std::vector<Prompt>& prompts) {
    if (trial.image.width > 0) {
        return prompts.size() == 1 ? &prompts.front() : nullptr;
    }
    const auto found = std::find_if(prompts.begin(), prompts.end(),
                                    [&](const Prompt& prompt) { return prompt.id == trial.prompt_id; });
    return found == prompts.end() ? nullptr : &*found;
}

}  // namespace landauer
