// What one token's logits say about the text and about another model: llama-perplexity's arithmetic, in its order and
// its precisions, so that sums agree with its printed digits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/engine.h"

namespace landauer {

// -ln p(target), not a number where a logit is none.
[[nodiscard]] double negative_log_likelihood(std::span<const float> logits, Token target);

// The base's log-probabilities of a token in 16 bits each, as llama-perplexity stores them between its two runs:
// ln p = scale * level + least, down to 16 nats below the likeliest.
struct BaseRow {
    float scale = 0.0F;
    float least = 0.0F;
    std::span<std::uint16_t> levels;
    [[nodiscard]] float log_prob(std::size_t token) const {
        return scale * static_cast<float>(levels[token]) + least;
    }
};
void store_base(std::span<const float> logits, BaseRow& row);

struct RowComparison {
    float nll = 0.0F;
    float nll_base = 0.0F;
    double kl = 0.0;  // nats, KL(base || model)
    bool same_top = false;
};
[[nodiscard]] RowComparison compare_row(std::span<const float> logits, const BaseRow& base, Token target);

}  // namespace landauer
