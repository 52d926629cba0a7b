// An effect and its interval where observations come in clusters that err together.
#pragma once

#include <landauer/law_card.h>

#include <cstddef>
#include <random>
#include <span>
#include <vector>

namespace landauer {

enum class Centre : unsigned char { mean, median };

struct Clustered {
    double value = 0.0;
    Interval ci95;  // percentile bootstrap over whole clusters, expanded for their number (Hesterberg 2015)
    Interval ci90;
    double p = 1.0;  // two-sided, that the centre is 0: t of the value over its bootstrap error, clusters - 1
    int n_clusters = 0;
};

// values[i] belongs to cluster[i], numbered from 0 without gaps. One cluster says nothing about its own error: the
// intervals are infinite and p is 1. No value: all 0.
[[nodiscard]] Clustered clustered_centre(std::span<const double> values, std::span<const std::size_t> cluster,
                                         Centre centre, int replicates, std::mt19937_64& random);

}  // namespace landauer
