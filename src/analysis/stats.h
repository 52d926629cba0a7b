// Statistics over plain vectors. Everything random is seeded and gives the same numbers
// with every compiler and standard library.
#pragma once

#include <landauer/law_card.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace landauer {

// All of these skip nothing: NaN in, NaN out. Empty input gives 0.
[[nodiscard]] double mean(std::span<const double> values);
[[nodiscard]] double sample_sd(std::span<const double> values);  // n - 1; 0 for fewer than two
[[nodiscard]] double median(std::span<const double> values);
// Linear interpolation between order statistics (type 7); p in [0, 1].
[[nodiscard]] double quantile(std::span<const double> values, double p);
// The same for several p on one scratch vector, which is reordered.
[[nodiscard]] double quantile_inplace(std::span<double> values, double p);

// Two-sided 95 % point of Student's t, e.g. 12.706 for 1 degree of freedom; df < 1 counts as 1.
[[nodiscard]] double student_t95(double df);

// Indices uniform in [0, n), n below 2^32; two from each number of the engine.
class IndexDraws {
   public:
    IndexDraws(std::mt19937_64& random, std::size_t n) : random_(random), n_(n) {}
    std::size_t operator()() {
        if (has_low_) {
            has_low_ = false;
            return scaled(bits_ & 0xFFFFFFFFU);
        }
        bits_ = random_();
        has_low_ = true;
        return scaled(bits_ >> 32U);
    }

   private:
    [[nodiscard]] std::size_t scaled(std::uint64_t half) const { return static_cast<std::size_t>((half * n_) >> 32U); }

    std::mt19937_64& random_;
    std::uint64_t n_;
    std::uint64_t bits_ = 0;
    bool has_low_ = false;
};
// A stream of its own for each (seed, a, b).
[[nodiscard]] std::mt19937_64 random_stream(std::uint32_t seed, std::uint32_t a, std::uint32_t b = 0);

// Percentile interval (2.5 to 97.5 %) of bootstrap replicates round an estimate, stretched by
// sqrt(n / df) t95(df) / z95: the percentile bootstrap of n values is too narrow by that much
// (Hesterberg 2015, "What teachers should know about the bootstrap"). Reorders `replicates`.
[[nodiscard]] Interval expanded_percentile(std::span<double> replicates, double estimate, double n, double df);

// Means of resamples of whole cases, drawn alike for every column: out[column][replicate].
// Columns hold one value a case and are of one length.
[[nodiscard]] std::vector<std::vector<double>> resampled_means(std::span<const std::vector<double>> columns,
                                                               int replicates, std::mt19937_64& random);

// How many independent values a stationary series is worth: n over the integrated
// autocorrelation time (Geyer's initial positive sequence), in [1, n].
[[nodiscard]] double effective_sample_size(std::span<const double> series);
// Mean of an autocorrelated series: the wider of Student's interval over the effective sample
// size and a circular block bootstrap, whose blocks grow with n^(1/3) and the autocorrelation time.
[[nodiscard]] Estimate autocorrelated_mean(std::span<const double> series, int replicates, std::mt19937_64& random);

// Wald-Wolfowitz runs test: two-sided exact p-value that signs in this order are random.
// Zeros are left out; 1 when one sign is missing.
[[nodiscard]] double runs_test(std::span<const double> residuals);

}  // namespace landauer
