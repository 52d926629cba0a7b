// One call into the model, and what its answer means.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

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

// The same for a piece of a prompt that holds images: at a position of its own, because an image takes fewer
// positions than tokens where they have two dimensions. `logits`: those of the last token are needed.
[[nodiscard]] Result<void> prefill_piece(llama_context* context, std::span<const Token> tokens, llama_pos first,
                                         bool logits, std::int32_t n_batch, const EngineHooks& hooks);

// Positions by section, one an embedding; models with one dimension have one section.
using Positions = std::vector<std::vector<llama_pos>>;

// Embeddings of `width` values each, in batches of n_batch, awaited; no logits.
[[nodiscard]] Result<void> prefill_embeddings(llama_context* context, std::span<float> embeddings, std::size_t width,
                                              const Positions& positions, std::int32_t n_batch);

// What a code of llama_decode means.
[[nodiscard]] Error decode_error(std::int32_t code);

}  // namespace landauer
