// Perplexity of a text under a model, and how far a model is from its base on it: llama-perplexity's figures.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/scores.h"

namespace landauer {

struct TextScoreSettings {
    std::int32_t n_ctx = 512;    // tokens a chunk; its second half is scored
    std::int32_t n_chunks = -1;  // -1: all that the text has
    std::int32_t n_threads = 1;
    std::int32_t n_batch = 2048;
    std::function<std::uint64_t()> memory;  // bytes that may be taken now; empty: not asked
};

// The base's score first, then one for each candidate against the base, all on the same chunks: the text is
// walked once, no logits are kept beyond a batch. base_sha256 etc. are left for the caller to fill.
// An interval is the value +- 1.96 standard errors; llama-perplexity prints +- one. The newline that ends the text is
// not part of it, as there.
// Invalid: a text shorter than two chunks; synthetic weights; no language model.
// Failed: logits that are not numbers (names model and chunk); all models at once need more memory than there is.
// Interrupted: `abort`. What is wrong with a candidate alone stands in its place: among it vocabularies that differ
// (names the first difference).
struct TextScores {
    TextScore base;
    std::vector<Result<TextScore>> candidates;
};
[[nodiscard]] Result<TextScores> score_text(const std::filesystem::path& base,
                                            std::span<const std::filesystem::path> candidates, const std::string& text,
                                            const TextScoreSettings& settings, const std::function<bool()>& abort,
                                            const std::function<void(double fraction)>& progress);

}  // namespace landauer
