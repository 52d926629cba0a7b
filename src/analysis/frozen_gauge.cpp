#include "analysis/frozen_gauge.h"

#include <algorithm>

namespace landauer {
namespace {

constexpr double kNs = 1e-9;
constexpr double kLeast_s = 5.0;
constexpr double kTimesLonger = 3.0;  // than the longest stay at one value before
constexpr std::size_t kFewestReadings = 10;

double seconds_between(const SeriesView& series, std::size_t from, std::size_t to) {
    return static_cast<double>(series.t_ns[to] - series.t_ns[from]) * kNs;
}

}  // namespace

std::optional<std::size_t> frozen_from(const SeriesView& gauge) {
    double longest_s = 0.0;
    std::size_t from = 0;  // first reading of the value that is shown
    for (std::size_t i = 1; i < gauge.size(); ++i) {
        if (gauge.raw[i] != gauge.raw[i - 1]) {
            longest_s = std::max(longest_s, seconds_between(gauge, from, i));
            from = i;
        }
    }
    if (from == 0 || gauge.size() - from < kFewestReadings) {
        return std::nullopt;
    }
    const double still_s = seconds_between(gauge, from, gauge.size() - 1);
    return still_s >= kLeast_s && still_s > kTimesLonger * longest_s ? std::optional(from) : std::nullopt;
}

}  // namespace landauer
