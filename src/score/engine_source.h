// Reference answers by a model that runs here.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "score/answer_source.h"

namespace landauer {

struct EngineSourceSettings {
    std::filesystem::path model;
    std::int32_t n_threads = 1;
    std::int32_t n_gen = 256;  // most tokens of an answer
};

// Greedy, with the model's chat template, until the model ends its answer. Invalid: synthetic weights, whose answers
// are noise, and what the engine refuses.
[[nodiscard]] Result<std::unique_ptr<AnswerSource>> open_engine_source(const EngineSourceSettings& settings,
                                                                       const std::function<bool()>& abort);

}  // namespace landauer
