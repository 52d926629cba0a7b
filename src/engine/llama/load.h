// From settings to a loaded model and a context, with every setting checked first.
#pragma once

#include <landauer/error.h>

#include <cstdint>

#include "engine/engine.h"
#include "engine/llama/handles.h"

namespace landauer {

// Once, before anything else is asked of libllama; its log is captured from then on.
void start_backend();

// Settings in libllama's own terms.
struct LlamaSettings {
    llama_model_params model{};
    llama_context_params context{};
};

// Invalid, naming the setting and what it may be.
[[nodiscard]] Result<LlamaSettings> translate(const EngineSettings& settings);

// Loads the weights on the CPU alone. Failed with libllama's own reason; Interrupted when
// the hooks' abort poll says so.
[[nodiscard]] Result<ModelPtr> load_model(const EngineSettings& settings, llama_model_params params,
                                          const EngineHooks& hooks);

// Only the vocabulary of a model file.
[[nodiscard]] Result<ModelPtr> load_vocabulary(const std::filesystem::path& file);

// A context of n_ctx tokens with a thread pool as llama-bench makes it.
[[nodiscard]] Result<Context> make_context(llama_model* model, const EngineSettings& settings,
                                           llama_context_params params, std::int32_t n_ctx);

}  // namespace landauer
