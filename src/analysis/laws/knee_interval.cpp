#include "analysis/laws/knee_interval.h"

#include <vector>

#include "analysis/stats.h"

namespace landauer {
namespace {

constexpr double kResampleTolerance = 1e-4;  // of a resample's knee, as a part of the range of x
constexpr double kKneeTolerance = 1e-9;
constexpr std::size_t kFewestSizes = 3;  // in a resample

double degrees_of_freedom(const SegmentedData& data, bool curved) {
    return static_cast<double>(data.size()) -
           static_cast<double>(n_parameters(curved ? SegmentedForm::hinge_curve : SegmentedForm::hinge));
}

std::size_t sizes_drawn(const SegmentedData& data, const std::vector<double>& counts) {
    std::size_t out = 0;
    for (std::size_t i = 0; i < data.size();) {
        bool drawn = false;
        const double x = data.x[i];
        for (; i < data.size() && data.x[i] == x; ++i) {
            drawn = drawn || counts[i] > 0.0;
        }
        out += drawn ? 1 : 0;
    }
    return out;
}

}  // namespace

Interval profile_interval(const SegmentedData& data, bool curved) {
    const HingeProfile profile = hinge_profile(data, {curved, false});
    const HingeMinimum best = profile.minimise(kKneeTolerance);
    const double df = degrees_of_freedom(data, curved);
    const double t = student_t95(df);
    const auto bounds = profile.within(best, 0, best.rss * (1.0 + t * t / df));
    return {bounds.low, bounds.high};
}

Interval bootstrap_interval(const SegmentedData& data, bool curved, int replicates, std::uint32_t seed) {
    HingeProfile profile = hinge_profile(data, {curved, false});
    const double knee = profile.minimise(kKneeTolerance).knees.front();
    std::mt19937_64 random = random_stream(seed, 1);
    IndexDraws draw(random, data.size());
    std::vector<double> knees;
    std::vector<double> counts(data.size());
    for (int r = 0; r < replicates; ++r) {
        counts.assign(data.size(), 0.0);
        for (std::size_t i = 0; i < data.size(); ++i) {
            counts[draw()] += 1.0;
        }
        if (sizes_drawn(data, counts) < kFewestSizes) {
            continue;
        }
        profile.recount(counts);
        knees.push_back(profile.minimise(kResampleTolerance).knees.front());
    }
    if (knees.empty()) {
        return {knee, knee};
    }
    return expanded_percentile(knees, knee, static_cast<double>(data.size()), degrees_of_freedom(data, curved));
}

}  // namespace landauer
