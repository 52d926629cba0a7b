#include "engine/llama/text_statistics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace landauer {
namespace {

constexpr double kNormal95 = 1.96;  // standard errors on either side

// Sums from which a mean and its standard error come; errors of few values are 0.
struct Moments {
    double sum = 0.0;
    double sum2 = 0.0;
    std::size_t n = 0;

    void add(double value, double square) {
        sum += value;
        sum2 += square;
        ++n;
    }
    [[nodiscard]] double mean() const { return n > 0 ? sum / static_cast<double>(n) : 0.0; }
    [[nodiscard]] double error() const {
        if (n <= 10) return 0.0;
        const double variance = sum2 / static_cast<double>(n) - mean() * mean();
        return variance > 0.0 ? std::sqrt(variance / static_cast<double>(n - 1)) : 0.0;
    }
};

Estimate estimate(double value, double error) {
    return {value, {value - kNormal95 * error, value + kNormal95 * error}};
}

Estimate perplexity(const Moments& nll) {
    const double value = std::exp(nll.mean());
    return estimate(value, value * nll.error());
}

// Between neighbours, by place; single precision as llama-perplexity has it.
double percentile(std::vector<float> values, float fraction) {
    std::sort(values.begin(), values.end());
    const float place = fraction * static_cast<float>(values.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const float rest = place - static_cast<float>(below);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    return static_cast<double>((1.0F - rest) * values[below] + rest * values[above]);
}

Estimate ratio(const Moments& model, const Moments& base, double sum_products) {
    const auto n = static_cast<double>(model.n);
    const double covariance =
        model.n < 10 ? 0.0 : (sum_products / n - model.mean() * base.mean()) / (n - 1.0);
    const double variance =
        model.error() * model.error() + base.error() * base.error() - 2.0 * covariance;
    // A model against itself: rounding may leave less than nothing.
    return estimate(model.mean() - base.mean(), std::sqrt(std::max(variance, 0.0)));
}

}  // namespace

TextScore score_alone(const std::vector<double>& nll) {
    Moments moments;
    for (const double value : nll) moments.add(value, value * value);
    TextScore score;
    score.n_tokens = static_cast<std::int64_t>(nll.size());
    score.perplexity = perplexity(moments);
    return score;
}

TextScore score_against_base(const std::vector<RowComparison>& rows) {
    Moments nll;
    Moments base;
    Moments kl;
    double products = 0.0;
    std::size_t n_same = 0;
    std::vector<float> divergences;
    divergences.reserve(rows.size());
    for (const RowComparison& row : rows) {
        nll.add(static_cast<double>(row.nll), static_cast<double>(row.nll * row.nll));
        base.add(static_cast<double>(row.nll_base), static_cast<double>(row.nll_base * row.nll_base));
        kl.add(row.kl, row.kl * row.kl);
        products += static_cast<double>(row.nll * row.nll_base);
        n_same += row.same_top ? 1 : 0;
        divergences.push_back(static_cast<float>(row.kl));
    }
    TextScore score;
    score.n_tokens = static_cast<std::int64_t>(rows.size());
    score.perplexity = perplexity(nll);
    if (rows.empty()) return score;
    const auto n = static_cast<double>(rows.size());
    const double same = static_cast<double>(n_same) / n;
    score.ln_ppl_ratio = ratio(nll, base, products);
    score.kl_mean = estimate(kl.mean(), kl.error());
    score.kl_p99 = percentile(std::move(divergences), 0.99F);
    score.same_top = estimate(same, n > 1.0 ? std::sqrt(same * (1.0 - same) / (n - 1.0)) : 0.0);
    return score;
}

}  // namespace landauer
