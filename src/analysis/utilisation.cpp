// CPU use as a sampling tool sees it, and the paper's area under that curve.
#include <algorithm>
#include <cmath>

#include "analysis/figures.h"
#include "analysis/series_view.h"

namespace landauer {
namespace {

constexpr double kNs = 1e-9;

// The signal at an instant between samples i and i + 1.
double value_at(const SampledSignal& signal, std::size_t i, std::int64_t at_ns) {
    const double part =
        static_cast<double>(at_ns - signal.t_ns[i]) / static_cast<double>(signal.t_ns[i + 1] - signal.t_ns[i]);
    return signal.value[i] + part * (signal.value[i + 1] - signal.value[i]);
}

}  // namespace

SampledSignal utilisation_percent(const Series& busy, double min_interval_s) {
    SampledSignal out;
    out.t_ns.reserve(busy.size());
    out.value.reserve(busy.size());
    const SeriesView series = view(busy);
    const auto min_interval_ns = static_cast<std::int64_t>(std::llround(min_interval_s / kNs));
    std::int64_t counted = 0;
    std::size_t kept = 0;
    for (std::size_t i = 1; i < series.size(); ++i) {
        const auto step = counter_step(series, i - 1);
        if (!step) {  // nothing is known about this interval: the signal starts anew after it
            counted = 0;
            kept = i;
            continue;
        }
        counted += *step;
        const std::int64_t interval_ns = series.t_ns[i] - series.t_ns[kept];
        if (interval_ns < std::max<std::int64_t>(min_interval_ns, 1)) {
            continue;
        }
        out.t_ns.push_back(series.t_ns[i]);
        out.value.push_back(100.0 * static_cast<double>(counted) * busy.channel.scale /
                            (static_cast<double>(interval_ns) * kNs));
        counted = 0;
        kept = i;
    }
    return out;
}

std::optional<double> auc(const SampledSignal& signal, double baseline, Window window) {
    const auto& t = signal.t_ns;
    if (t.empty() || window.end_ns < window.begin_ns || t.front() > window.begin_ns || t.back() < window.end_ns) {
        return std::nullopt;
    }
    double sum = 0.0;
    auto i = static_cast<std::size_t>(std::upper_bound(t.begin(), t.end(), window.begin_ns) - t.begin()) - 1;
    for (; i + 1 < t.size() && t[i] < window.end_ns; ++i) {
        const std::int64_t from = std::max(window.begin_ns, t[i]);
        const std::int64_t to = std::min(window.end_ns, t[i + 1]);
        sum += (0.5 * (value_at(signal, i, from) + value_at(signal, i, to)) - baseline) *
               (static_cast<double>(to - from) * kNs);
    }
    return sum;
}

}  // namespace landauer
