// One call into the model, and what its answer means.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <span>
#include <string>

#include "engine/engine.h"
#include "llama.h"

namespace landauer {

// Lets the hooks' abort poll stop the context's computation for as long as this lives.
class AbortGuard {
   public:
    AbortGuard(llama_context* context, const EngineHooks& hooks);
    AbortGuard(const AbortGuard&) = delete;
    AbortGuard& operator=(const AbortGuard&) = delete;
    AbortGuard(AbortGuard&&) = delete;
    AbortGuard& operator=(AbortGuard&&) = delete;
    ~AbortGuard();

   private:
    llama_context* context_;
};

// Appends tokens to the context's memory; one computation is queued, not awaited.
// Interrupted when the abort poll stopped it.
[[nodiscard]] Result<void> decode(llama_context* context, std::span<Token> tokens);

// All tokens in batches of n_batch, awaited once at the end; `progress` sees prefill.
[[nodiscard]] Result<void> prefill(llama_context* context, std::span<Token> tokens, std::int32_t n_batch,
                                   const EngineHooks& hooks);

}  // namespace landauer
