#include "engine/llama/log_probs.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>

namespace landauer {
namespace {

constexpr float kDepth = 16.0F;       // nats below the likeliest token that are told apart
constexpr float kLevels = 65535.0F;   // of 16 bits
constexpr float kRounder = 0x1.8p23F; // added to a float, leaves its nearest integer in the low bits

double sum_exp(std::span<const float> logits, float top) {
    double sum = 0.0;
    for (const float logit : logits) sum += static_cast<double>(std::exp(logit - top));
    return sum;
}

std::uint16_t nearest_level(float value) {
    return static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value + kRounder) & 0xFFFFU);
}

}  // namespace

double negative_log_likelihood(std::span<const float> logits, Token target) {
    const float top = *std::max_element(logits.begin(), logits.end());
    const float below = logits[static_cast<std::size_t>(target)] - top;
    return -(static_cast<double>(below) - std::log(sum_exp(logits, top)));
}

void store_base(std::span<const float> logits, BaseRow& row) {
    const auto [low, high] = std::minmax_element(logits.begin(), logits.end());
    const float top = *high;
    const float bottom = std::max(*low, top - kDepth);
    const auto log_sum = static_cast<float>(std::log(sum_exp(logits, top)));
    row.least = bottom - top - log_sum;
    row.scale = (top - bottom) / kLevels;
    if (row.scale == 0.0F) {
        std::fill(row.levels.begin(), row.levels.end(), std::uint16_t{0});
        return;
    }
    const float per_level = 1.0F / row.scale;
    for (std::size_t i = 0; i < logits.size(); ++i) {
        row.levels[i] = logits[i] > bottom ? nearest_level(per_level * (logits[i] - bottom)) : std::uint16_t{0};
    }
}

RowComparison compare_row(std::span<const float> logits, const BaseRow& base, Token target) {
    RowComparison row;
    const auto top = std::max_element(logits.begin(), logits.end());
    const auto log_sum = static_cast<float>(std::log(sum_exp(logits, *top)));
    const float log_total = *top + log_sum;
    row.nll = log_total - logits[static_cast<std::size_t>(target)];
    row.nll_base = -base.log_prob(static_cast<std::size_t>(target));
    float likeliest = base.log_prob(0);
    std::size_t base_top = 0;
    for (std::size_t i = 0; i < logits.size(); ++i) {
        const float log_prob = base.log_prob(i);
        if (log_prob > likeliest) {
            likeliest = log_prob;
            base_top = i;
        }
        if (log_prob > -kDepth) row.kl += static_cast<double>(std::exp(log_prob) * (log_prob - logits[i] + log_total));
    }
    row.same_top = static_cast<std::size_t>(top - logits.begin()) == base_top;
    return row;
}

}  // namespace landauer
