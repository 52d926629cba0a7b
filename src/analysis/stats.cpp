#include "analysis/stats.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace landauer {
namespace {

constexpr double kZ95 = 1.959963984540054;
constexpr double kLow = 0.025;
constexpr double kHigh = 0.975;
// Two-sided 95 % points of Student's t for 1 to 10 degrees of freedom.
constexpr std::array<double, 10> kStudent95 = {12.706204736, 4.302652730, 3.182446305, 2.776445105, 2.570581836,
                                               2.446911851,  2.364624252, 2.306004135, 2.262157163, 2.228138852};

Estimate student_mean(std::span<const double> values, double n_effective) {
    const double centre = mean(values);
    const double half = student_t95(n_effective - 1.0) * sample_sd(values) / std::sqrt(n_effective);
    return {centre, {centre - half, centre + half}};
}

// Means of resamples made of whole blocks, the series bent into a circle.
std::vector<double> block_means(std::span<const double> series, std::size_t block, int replicates,
                                std::mt19937_64& random) {
    const std::size_t n = series.size();
    std::vector<double> prefix(2 * n + 1, 0.0);
    for (std::size_t i = 0; i < 2 * n; ++i) {
        prefix[i + 1] = prefix[i] + series[i % n];
    }
    std::vector<double> means(static_cast<std::size_t>(replicates));
    IndexDraws draw(random, n);
    for (double& out : means) {
        double sum = 0.0;
        for (std::size_t filled = 0; filled < n; filled += block) {
            const std::size_t length = std::min(block, n - filled);
            const std::size_t start = draw();
            sum += prefix[start + length] - prefix[start];
        }
        out = sum / static_cast<double>(n);
    }
    return means;
}

double log_choose(double n, double k) { return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1); }

// Probability of exactly r runs among a plus and b minus signs.
double runs_probability(double a, double b, int r) {
    const auto term = [&](double left, double right) {
        if (left > a - 1 || right > b - 1 || left < 0 || right < 0) {
            return 0.0;
        }
        return std::exp(log_choose(a - 1, left) + log_choose(b - 1, right) - log_choose(a + b, a));
    };
    const int k = r / 2;
    return r % 2 == 0 ? 2.0 * term(k - 1, k - 1) : term(k, k - 1) + term(k - 1, k);
}

}  // namespace

double mean(std::span<const double> values) {
    return values.empty() ? 0.0
                          : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double sample_sd(std::span<const double> values) {
    if (values.size() < 2) {
        return 0.0;
    }
    const double centre = mean(values);
    double sum = 0.0;
    for (const double v : values) {
        sum += (v - centre) * (v - centre);
    }
    return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

double quantile_inplace(std::span<double> values, double p) {
    if (values.empty()) {
        return 0.0;
    }
    if (std::any_of(values.begin(), values.end(), [](double v) { return std::isnan(v); })) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    const double place = std::clamp(p, 0.0, 1.0) * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(below);
    std::nth_element(values.begin(), at, values.end());
    const double low = *at;
    if (below + 1 == values.size()) {
        return low;
    }
    const double high = *std::min_element(at + 1, values.end());
    return low + (place - static_cast<double>(below)) * (high - low);
}

double quantile(std::span<const double> values, double p) {
    std::vector<double> scratch(values.begin(), values.end());
    return quantile_inplace(scratch, p);
}

double median(std::span<const double> values) { return quantile(values, 0.5); }

double student_t95(double df) {
    if (!(df > 1.0)) {
        return kStudent95.front();
    }
    if (df < static_cast<double>(kStudent95.size())) {  // t is near linear in 1 / df
        const auto below = static_cast<std::size_t>(df);
        const double left = 1.0 / static_cast<double>(below);
        const double right = 1.0 / static_cast<double>(below + 1);
        const double part = (left - 1.0 / df) / (left - right);
        return kStudent95[below - 1] + part * (kStudent95[below] - kStudent95[below - 1]);
    }
    // Cornish-Fisher expansion of the quantile (Abramowitz and Stegun 26.7.5).
    const double z = kZ95;
    const double z2 = z * z;
    const double g1 = z * (z2 + 1) / 4;
    const double g2 = z * ((5 * z2 + 16) * z2 + 3) / 96;
    const double g3 = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
    return z + (g1 + (g2 + g3 / df) / df) / df;
}

std::mt19937_64 random_stream(std::uint32_t seed, std::uint32_t a, std::uint32_t b) {
    // One multiply-xorshift round a word (splitmix64), so that near seeds give far streams.
    std::uint64_t state = 0x9E3779B97F4A7C15ULL;
    for (const std::uint32_t word : {seed, a, b}) {
        state += word + 0x9E3779B97F4A7C15ULL;
        state = (state ^ (state >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        state = (state ^ (state >> 27U)) * 0x94D049BB133111EBULL;
        state ^= state >> 31U;
    }
    return std::mt19937_64(state);
}

Interval expanded_percentile(std::span<double> replicates, double estimate, double n, double df) {
    if (replicates.empty() || df <= 0) {
        return {estimate, estimate};
    }
    const double stretch = std::sqrt(n / df) * student_t95(df) / kZ95;
    const double low = quantile_inplace(replicates, kLow);
    const double high = quantile_inplace(replicates, kHigh);
    return {std::min(estimate, estimate + stretch * (low - estimate)),
            std::max(estimate, estimate + stretch * (high - estimate))};
}

std::vector<std::vector<double>> resampled_means(std::span<const std::vector<double>> columns, int replicates,
                                                 std::mt19937_64& random) {
    const std::size_t width = columns.size();
    const std::size_t n = width == 0 ? 0 : columns.front().size();
    const auto count = static_cast<std::size_t>(std::max(replicates, 0));
    std::vector<std::vector<double>> out(width, std::vector<double>(n == 0 ? 0 : count));
    if (n == 0) {
        return out;
    }
    std::vector<double> rows(n * width);  // by case: one draw adds a stretch of memory
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < width; ++j) {
            rows[i * width + j] = columns[j][i];
        }
    }
    std::vector<double> sum(width);
    IndexDraws draw(random, n);
    for (std::size_t r = 0; r < count; ++r) {
        std::fill(sum.begin(), sum.end(), 0.0);
        for (std::size_t i = 0; i < n; ++i) {
            const double* const row = rows.data() + draw() * width;
            for (std::size_t j = 0; j < width; ++j) {
                sum[j] += row[j];
            }
        }
        for (std::size_t j = 0; j < width; ++j) {
            out[j][r] = sum[j] / static_cast<double>(n);
        }
    }
    return out;
}

double effective_sample_size(std::span<const double> series) {
    const std::size_t n = series.size();
    if (n < 4) {
        return static_cast<double>(n);
    }
    const double centre = mean(series);
    const auto covariance = [&](std::size_t lag) {
        double sum = 0.0;
        for (std::size_t i = lag; i < n; ++i) {
            sum += (series[i] - centre) * (series[i - lag] - centre);
        }
        return sum;
    };
    const double variance = covariance(0);
    if (!(variance > 0.0)) {
        return static_cast<double>(n);
    }
    // Sums of neighbouring autocorrelations are positive for a stationary chain: the first that is
    // not is noise, and ends the sum. A bounded number of lags keeps long series linear.
    const std::size_t most = std::min<std::size_t>(n / 2, 512);
    double time = 1.0;
    for (std::size_t lag = 1; lag + 1 < most; lag += 2) {
        const double pair = (covariance(lag) + covariance(lag + 1)) / variance;
        if (pair <= 0.0) {
            break;
        }
        time += 2.0 * pair;
    }
    return std::clamp(static_cast<double>(n) / time, 1.0, static_cast<double>(n));
}

Estimate autocorrelated_mean(std::span<const double> series, int replicates, std::mt19937_64& random) {
    const std::size_t n = series.size();
    if (n < 2) {
        const double only = mean(series);
        return {only, {only, only}};
    }
    const double n_effective = std::max(2.0, effective_sample_size(series));
    Estimate out = student_mean(series, n_effective);
    const double time = static_cast<double>(n) / n_effective;
    const auto block = static_cast<std::size_t>(std::ceil(std::cbrt(static_cast<double>(n) * time * time)));
    std::vector<double> means = block_means(series, std::clamp<std::size_t>(block, 1, std::max<std::size_t>(1, n / 2)),
                                            std::max(replicates, 1), random);
    const double low = quantile_inplace(means, kLow);
    const double high = quantile_inplace(means, kHigh);
    out.ci95 = {std::min(out.ci95.low, low), std::max(out.ci95.high, high)};
    return out;
}

double runs_test(std::span<const double> residuals) {
    int plus = 0;
    int minus = 0;
    int runs = 0;
    int before = 0;
    for (const double r : residuals) {
        const int sign = (r > 0.0 ? 1 : 0) - (r < 0.0 ? 1 : 0);
        if (sign == 0) {
            continue;
        }
        (sign > 0 ? plus : minus) += 1;
        runs += sign != before ? 1 : 0;
        before = sign;
    }
    if (plus == 0 || minus == 0) {
        return 1.0;
    }
    double at_most = 0.0;
    double at_least = 0.0;
    const int most = 2 * std::min(plus, minus) + 1;
    for (int r = 2; r <= most; ++r) {
        const double p = runs_probability(plus, minus, r);
        at_most += r <= runs ? p : 0.0;
        at_least += r >= runs ? p : 0.0;
    }
    return std::min(1.0, 2.0 * std::min(at_most, at_least));
}

}  // namespace landauer
