#include "analysis/compare/cluster_bootstrap.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "analysis/f_distribution.h"
#include "analysis/stats.h"

namespace landauer {
namespace {

constexpr double kZ95 = 1.959963984540054;
constexpr double kZ90 = 1.644853626951473;

// Values in order of size with their clusters: a resample's median is then one walk over counts.
struct Sorted {
    std::vector<double> value;
    std::vector<std::size_t> cluster;
};

Sorted sorted(std::span<const double> values, std::span<const std::size_t> cluster) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
    Sorted out;
    out.value.reserve(order.size());
    out.cluster.reserve(order.size());
    for (const std::size_t i : order) {
        out.value.push_back(values[i]);
        out.cluster.push_back(cluster[i]);
    }
    return out;
}

double weighted_median(const Sorted& data, std::span<const unsigned> weight, std::size_t total) {
    // The middle one, or the mean of the two in the middle.
    const std::size_t low = (total - 1) / 2;
    const std::size_t high = total / 2;
    std::size_t seen = 0;
    for (std::size_t i = 0; i < data.value.size(); ++i) {
        seen += weight[data.cluster[i]];
        if (seen > low) {
            if (seen > high) {
                return data.value[i];
            }
            std::size_t next = i + 1;
            while (weight[data.cluster[next]] == 0) {
                ++next;
            }
            return 0.5 * (data.value[i] + data.value[next]);
        }
    }
    return data.value.back();
}

class Replicator {
   public:
    Replicator(std::span<const double> values, std::span<const std::size_t> cluster, std::size_t n_clusters,
               Centre centre)
        : sum_(n_clusters, 0.0), size_(n_clusters, 0), weight_(n_clusters, 0), centre_(centre) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            sum_[cluster[i]] += values[i];
            ++size_[cluster[i]];
        }
        if (centre == Centre::median) {
            sorted_ = sorted(values, cluster);
        }
    }

    double operator()(IndexDraws& draw) {
        const std::size_t n = weight_.size();
        std::fill(weight_.begin(), weight_.end(), 0U);
        std::size_t total = 0;
        double sum = 0.0;
        for (std::size_t i = 0; i < n; ++i) {
            const std::size_t drawn = draw();
            ++weight_[drawn];
            total += size_[drawn];
            sum += sum_[drawn];
        }
        return centre_ == Centre::mean ? sum / static_cast<double>(total) : weighted_median(sorted_, weight_, total);
    }

   private:
    std::vector<double> sum_;
    std::vector<std::size_t> size_;
    std::vector<unsigned> weight_;
    Centre centre_;
    Sorted sorted_;
};

// Of the percentile interval round the value, stretched for few clusters.
Interval expanded(std::vector<double>& replicates, double value, double n, double t, double z) {
    const double tail = 0.5 * std::erfc(z / std::sqrt(2.0));
    const double stretch = std::sqrt(n / (n - 1.0)) * t / z;
    const double low = quantile_inplace(replicates, tail);
    const double high = quantile_inplace(replicates, 1.0 - tail);
    return {std::min(value, value + stretch * (low - value)), std::max(value, value + stretch * (high - value))};
}

// Two-sided probability of a t as great as this.
double t_two_sided(double t, double df) { return f_upper_tail(t * t, 1.0, df); }

// Two-sided 90 % point of Student's t, by bisection of its tail.
double student_t90(double df) {
    double low = 1.0;
    double high = 10.0;
    for (int i = 0; i < 60; ++i) {
        const double middle = 0.5 * (low + high);
        (t_two_sided(middle, df) > 0.10 ? low : high) = middle;
    }
    return 0.5 * (low + high);
}

}  // namespace

Clustered clustered_centre(std::span<const double> values, std::span<const std::size_t> cluster, Centre centre,
                           int replicates, std::mt19937_64& random) {
    Clustered out;
    if (values.empty()) {
        return out;
    }
    out.value = centre == Centre::mean ? mean(values) : median(values);
    const std::size_t n_clusters = *std::max_element(cluster.begin(), cluster.end()) + 1;
    out.n_clusters = static_cast<int>(n_clusters);
    if (n_clusters < 2) {
        const double infinite = std::numeric_limits<double>::infinity();
        out.ci95 = out.ci90 = {-infinite, infinite};
        return out;
    }
    Replicator replicate(values, cluster, n_clusters, centre);
    IndexDraws draw(random, n_clusters);
    std::vector<double> all(static_cast<std::size_t>(std::max(replicates, 2)));
    std::generate(all.begin(), all.end(), [&] { return replicate(draw); });
    const auto n = static_cast<double>(n_clusters);
    const double error = sample_sd(all) * std::sqrt(n / (n - 1.0));
    if (error > 0.0) {
        out.p = t_two_sided(out.value / error, n - 1.0);
    } else {
        out.p = out.value == 0.0 ? 1.0 : 0.0;
    }
    out.ci95 = expanded(all, out.value, n, student_t95(n - 1.0), kZ95);
    out.ci90 = expanded(all, out.value, n, student_t90(n - 1.0), kZ90);
    return out;
}

}  // namespace landauer
