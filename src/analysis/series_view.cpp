#include "analysis/series_view.h"

#include <algorithm>
#include <string_view>

#include "analysis/figures.h"

namespace landauer {
namespace {

constexpr double kNs = 1e-9;
// No single rail of a CPU machine draws more: a gap in which this power would pass the
// whole range of a counter may hide a wrap (powercap counters wrap every 1 to 60 minutes).
constexpr double kMostPlausibleWatts = 1000.0;

// Two readers of one counter (the sampler thread and the edges of a trial) stamp and read at
// instants that differ by microseconds, and the kernel's own sums may step back by a tick:
// such a step back is taken as it is, and the next step makes up for it.
constexpr double kJitterS = 0.05;

double jitter_allowed(const Channel& channel) {
    if (channel.unit == "s") {
        return kJitterS;
    }
    return channel.unit == "J" ? kJitterS * kMostPlausibleWatts : 0.0;
}

// The samples from the last one at or before the window's begin to the first at or after
// its end; empty when the series does not reach both edges.
struct Bracket {
    std::size_t first = 0;
    std::size_t last = 0;
};

std::optional<Bracket> bracket(const SeriesView& series, Window window) {
    if (series.empty() || window.end_ns < window.begin_ns) {
        return std::nullopt;
    }
    const auto& t = series.t_ns;
    const auto after = std::upper_bound(t.begin(), t.end(), window.begin_ns);
    const auto last = std::lower_bound(t.begin(), t.end(), window.end_ns);
    if (after == t.begin() || last == t.end()) {
        return std::nullopt;
    }
    const auto first = static_cast<std::size_t>(after - t.begin()) - 1;
    return Bracket{first, std::max(first, static_cast<std::size_t>(last - t.begin()))};
}

// The value at an instant between samples i and i + 1 (or at i, when it is the last).
double interpolate(const SeriesView& series, std::size_t i, std::int64_t at_ns) {
    if (at_ns == series.t_ns[i] || i + 1 == series.size()) {
        return series.si(i);
    }
    const double part =
        static_cast<double>(at_ns - series.t_ns[i]) / static_cast<double>(series.t_ns[i + 1] - series.t_ns[i]);
    return series.si(i) + part * (series.si(i + 1) - series.si(i));
}

// The last sample at or before an instant that the bracket covers.
std::size_t index_at(const SeriesView& series, Bracket b, std::int64_t at_ns) {
    return series.t_ns[b.last] == at_ns ? b.last : b.last - 1;
}

}  // namespace

SeriesView view(const Series& series) { return {&series.channel, series.t_ns, series.raw}; }

SeriesView within(const SeriesView& series, Window window) {
    const auto& t = series.t_ns;
    const auto first = static_cast<std::size_t>(std::lower_bound(t.begin(), t.end(), window.begin_ns) - t.begin());
    const auto last = static_cast<std::size_t>(std::upper_bound(t.begin(), t.end(), window.end_ns) - t.begin());
    const std::size_t count = last > first ? last - first : 0;
    return {series.channel, t.subspan(first, count), series.raw.subspan(first, count)};
}

Window extent(const SeriesView& series) { return {series.t_ns.front(), series.t_ns.back()}; }

std::optional<std::int64_t> counter_step(const SeriesView& series, std::size_t from) {
    const Channel& channel = *series.channel;
    const std::int64_t step = series.raw[from + 1] - series.raw[from];
    const double gap_s = static_cast<double>(series.t_ns[from + 1] - series.t_ns[from]) * kNs;
    const bool wraps = channel.wrap_range > 0;
    const double range = static_cast<double>(channel.wrap_range) * channel.scale;
    if (wraps && channel.unit == "J" && gap_s * kMostPlausibleWatts >= range) {
        return std::nullopt;
    }
    if (step >= 0) {
        return step;
    }
    const bool jitter = -static_cast<double>(step) * channel.scale <= jitter_allowed(channel);
    const bool wrap_plausible = wraps && (channel.unit != "J" || (range + static_cast<double>(step) * channel.scale) <=
                                                                     gap_s * kMostPlausibleWatts);
    if (wrap_plausible && step + channel.wrap_range >= 0) {
        return step + channel.wrap_range;
    }
    return jitter ? std::optional(step) : std::nullopt;
}

std::optional<double> counter_delta(const SeriesView& series, Window window) {
    const auto b = bracket(series, window);
    if (!b) {
        return std::nullopt;
    }
    std::int64_t whole = 0;  // integers, so that the sum does not depend on where a window starts
    double parts = 0.0;
    for (std::size_t i = b->first; i < b->last; ++i) {
        const auto step = counter_step(series, i);
        if (!step) {
            return std::nullopt;
        }
        const std::int64_t from = std::max(window.begin_ns, series.t_ns[i]);
        const std::int64_t to = std::min(window.end_ns, series.t_ns[i + 1]);
        const std::int64_t length = series.t_ns[i + 1] - series.t_ns[i];
        if (to - from == length) {
            whole += *step;
        } else {
            parts += static_cast<double>(*step) * (static_cast<double>(to - from) / static_cast<double>(length));
        }
    }
    return (static_cast<double>(whole) + parts) * series.channel->scale;
}

std::optional<double> gauge_integral(const SeriesView& series, Window window) {
    const auto b = bracket(series, window);
    if (!b) {
        return std::nullopt;
    }
    double sum = 0.0;
    for (std::size_t i = b->first; i < b->last; ++i) {
        const std::int64_t from = std::max(window.begin_ns, series.t_ns[i]);
        const std::int64_t to = std::min(window.end_ns, series.t_ns[i + 1]);
        const double left = interpolate(series, i, from);
        const double right = to == series.t_ns[i + 1] ? series.si(i + 1) : interpolate(series, i, to);
        sum += 0.5 * (left + right) * (static_cast<double>(to - from) * kNs);
    }
    return sum;
}

std::optional<double> gauge_mean(const SeriesView& series, Window window) {
    const auto b = bracket(series, window);
    if (!b) {
        return std::nullopt;
    }
    if (window.begin_ns == window.end_ns) {
        return interpolate(series, b->first, window.begin_ns);
    }
    const auto integral = gauge_integral(series, window);
    return integral ? std::optional(*integral / (static_cast<double>(window.end_ns - window.begin_ns) * kNs))
                    : std::nullopt;
}

std::optional<double> gauge_max(const SeriesView& series, Window window) {
    const auto b = bracket(series, window);
    if (!b) {
        return std::nullopt;
    }
    double most = std::max(interpolate(series, b->first, window.begin_ns),
                           interpolate(series, index_at(series, *b, window.end_ns), window.end_ns));
    const SeriesView inside = within(series, window);
    for (std::size_t i = 0; i < inside.size(); ++i) {
        most = std::max(most, inside.si(i));
    }
    return most;
}

std::optional<double> counter_delta(const Series& series, Window window) { return counter_delta(view(series), window); }
std::optional<double> gauge_integral(const Series& series, Window window) {
    return gauge_integral(view(series), window);
}
std::optional<double> gauge_mean(const Series& series, Window window) { return gauge_mean(view(series), window); }
std::optional<double> gauge_max(const Series& series, Window window) { return gauge_max(view(series), window); }

}  // namespace landauer
