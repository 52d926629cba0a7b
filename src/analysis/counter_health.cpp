#include "analysis/counter_health.h"

#include <algorithm>
#include <optional>

#include "analysis/stats.h"

namespace landauer {
namespace {

constexpr double kNs = 1e-9;
// A source whose readings repeat this often publishes more seldom than it is read.
constexpr double kRepeats = 0.3;
// A counter is still when it ought to have advanced by this many units at the least power seen.
constexpr double kLeastUnits = 20.0;
constexpr double kPeriods = 5.0;  // and this many periods have passed, where they are known
constexpr double kLeastStill_s = 0.05;
constexpr double kSpacings = 2.5;  // where they are not
constexpr double kCaughtUp = 1.2;  // times the greatest power seen otherwise

double seconds_between(const SeriesView& series, std::size_t from, std::size_t to) {
    return static_cast<double>(series.t_ns[to] - series.t_ns[from]) * kNs;
}

// Powers of steps that tell one: not the short ones round the edge of a trial, nor standing ones and those after them.
std::vector<double> moving_powers(const SeriesView& counter, double spacing_s) {
    std::vector<double> powers;
    for (std::size_t i = 0; i + 1 < counter.size(); ++i) {
        const double seconds = seconds_between(counter, i, i + 1);
        const auto step = counter_step(counter, i);
        const bool stood = i > 0 && counter.raw[i] == counter.raw[i - 1];
        if (step && *step > 0 && !stood && seconds > 0.25 * spacing_s) {
            powers.push_back(static_cast<double>(*step) * counter.channel->scale / seconds);
        }
    }
    return powers;
}

// Whether the first step after a standstill is too great for itself alone.
bool caught_up(const SeriesView& counter, std::size_t last, double most_w) {
    std::int64_t counted = 0;
    for (std::size_t i = last; i + 1 < counter.size(); ++i) {
        counted += counter_step(counter, i).value_or(0);
        const double seconds = seconds_between(counter, last, i + 1);
        if (seconds >= kLeastStill_s) {
            return static_cast<double>(counted) * counter.channel->scale > kCaughtUp * most_w * seconds;
        }
    }
    return false;
}

// Between readings that differ from the one before; none where nearly all of them do, or hardly any.
std::vector<double> publication_spacings(const SeriesView& series) {
    std::vector<double> spacing;
    std::size_t last = 0;
    for (std::size_t i = 1; i < series.size(); ++i) {
        if (series.raw[i] != series.raw[i - 1]) {
            if (last != 0) {
                spacing.push_back(seconds_between(series, last, i));
            }
            last = i;
        }
    }
    const double all = static_cast<double>(series.size()) - 1.0;
    const bool repeats = static_cast<double>(spacing.size()) < (1.0 - kRepeats) * all && spacing.size() >= 3;
    return repeats ? spacing : std::vector<double>();
}

}  // namespace

double median_spacing_s(const SeriesView& series) {
    std::vector<double> spacing;
    spacing.reserve(series.size());
    for (std::size_t i = 1; i < series.size(); ++i) {
        spacing.push_back(seconds_between(series, i - 1, i));
    }
    return median(spacing);
}

double publication_spacing_s(const SeriesView& series) { return median(publication_spacings(series)); }

double least_publication_spacing_s(const SeriesView& series) {
    const std::vector<double> spacing = publication_spacings(series);
    return spacing.empty() ? 0.0 : quantile(spacing, 0.1);
}

bool publishes_seldom(const SeriesView& series) {
    constexpr double kSeldom = 1.5;  // readings between two publications
    return publication_spacing_s(series) > kSeldom * median_spacing_s(series);
}

std::vector<Standstill> standstills(const SeriesView& counter) {
    std::vector<Standstill> out;
    const double spacing_s = median_spacing_s(counter);
    const std::vector<double> powers = moving_powers(counter, spacing_s);
    if (powers.size() < 3) {
        return out;
    }
    const double period_s = counter.channel->rail.period_s;
    const double least_s = period_s > 0.0 ? std::max(kPeriods * period_s, kLeastStill_s) : kSpacings * spacing_s;
    const double least_w = quantile(powers, 0.05);
    const double most_w = quantile(powers, 1.0);
    for (std::size_t i = 0; i + 1 < counter.size();) {
        std::size_t end = i;
        while (end + 1 < counter.size() && counter.raw[end + 1] == counter.raw[i]) {
            ++end;
        }
        const double seconds = seconds_between(counter, i, end);
        if (seconds >= least_s && seconds * least_w >= kLeastUnits * counter.channel->scale) {
            const bool to_the_end = end + 1 == counter.size();
            out.push_back({i, end, !to_the_end && caught_up(counter, end, most_w), to_the_end});
        }
        i = std::max(end, i + 1);
    }
    return out;
}

}  // namespace landauer
