#include "engine/llama/log_probs.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>

namespace landauer {
namespace {

constexpr float kDepth = 16.0F;        // nats below the likeliest token that are told apart
constexpr float kLevels = 65535.0F;    // of 16 bits
constexpr float kRounder = 0x1.8p23F;  // added to a float, leaves its nearest integer in the low bits

constexpr std::size_t kLanes = 16;

// The extreme of all values: side by side in lanes, which the compiler makes vectors of.
template <class Better>
float extreme(std::span<const float> values, Better better) {
    std::array<float, kLanes> lanes{};
    lanes.fill(values.front());
    std::size_t at = 0;
    for (; at + kLanes <= values.size(); at += kLanes) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] = better(lanes[lane], values[at + lane]);
    }
    for (; at < values.size(); ++at) lanes[0] = better(lanes[0], values[at]);
    float found = lanes[0];
    for (const float lane : lanes) found = better(found, lane);
    return found;
}

float larger(float a, float b) { return a < b ? b : a; }
float smaller(float a, float b) { return b < a ? b : a; }

std::uint16_t nearest_level(float value) {
    return static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value + kRounder) & 0xFFFFU);
}

}  // namespace

SoftmaxSum softmax_sum(std::span<const float> logits) {
    SoftmaxSum softmax{extreme(logits, larger), 0.0};
    for (const float logit : logits) softmax.sum += static_cast<double>(std::exp(logit - softmax.top));
    return softmax;
}

double negative_log_likelihood(std::span<const float> logits, const SoftmaxSum& sum, Token target) {
    const float below = logits[static_cast<std::size_t>(target)] - sum.top;
    return -(static_cast<double>(below) - std::log(sum.sum));
}

void store_base(std::span<const float> logits, const SoftmaxSum& sum, BaseRow& row) {
    const float top = sum.top;
    const float bottom = larger(extreme(logits, smaller), top - kDepth);
    const auto log_sum = static_cast<float>(std::log(sum.sum));
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
    const SoftmaxSum softmax = softmax_sum(logits);
    const float log_total = softmax.top + static_cast<float>(std::log(softmax.sum));
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
    const auto top = std::find(logits.begin(), logits.end(), softmax.top);
    row.same_top = static_cast<std::size_t>(top - logits.begin()) == base_top;
    return row;
}

}  // namespace landauer
