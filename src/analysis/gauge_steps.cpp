#include "analysis/gauge_steps.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "analysis/counter_health.h"
#include "analysis/frozen_gauge.h"
#include "analysis/publications.h"
#include "analysis/stats.h"

namespace landauer {
namespace {

constexpr double kNs = 1e-9;
const double kUniform = 1.0 / std::sqrt(12.0);
// A gauge that is silent for this many usual spacings, and at least this long, left a gap.
constexpr double kGapSpacings = 3.5;
constexpr double kLeastGap_s = 0.5;
// A gauge is read as often as it publishes when its period is no longer than this many readings.
constexpr double kSeldom = 1.05;
// A publication stands for the whole period unless its averaging time is stated as less than this part of it.
constexpr double kWhole = 0.5;

struct Reading {
    std::int64_t t_ns = 0;
    double watts = 0.0;
};

double seconds_between(std::int64_t from, std::int64_t to) { return static_cast<double>(to - from) * kNs; }

struct GaugeHabit {
    double spacing_s = 0.0;    // of readings
    double period_s = 0.0;     // of publications: stated, or seen where that is longer
    double averaging_s = 0.0;  // stated, or else the period
    double gap_s = 0.0;        // silence beyond this left a gap
    [[nodiscard]] bool is_mean_of_period() const {
        return period_s > kSeldom * spacing_s && averaging_s >= kWhole * period_s;
    }
};

GaugeHabit habit_of(const SeriesView& series) {
    const Rail& rail = series.channel->rail;
    GaugeHabit habit;
    habit.spacing_s = median_spacing_s(series);
    habit.period_s = std::max(rail.period_s, publication_spacing_s(series));
    habit.averaging_s = rail.averaging_s > 0.0 ? rail.averaging_s : habit.period_s;
    habit.gap_s = std::max(kGapSpacings * std::max(habit.spacing_s, habit.period_s), kLeastGap_s);
    return habit;
}

struct Publications {
    std::vector<PublicationTime> times;
    std::vector<double> watts;
    std::vector<bool> after_silence;  // nothing was read for more than a period before
};

// Plausible readings that differ from the one before.
Publications publications(const SeriesView& series, const GaugeHabit& habit) {
    Publications out;
    bool any = false;
    std::size_t last = 0;  // the plausible reading before
    for (std::size_t i = 0; i < series.size(); ++i) {
        if (!is_plausible_power(series.si(i))) {
            continue;
        }
        if (any && series.raw[i] != series.raw[last]) {
            const double silent_s = seconds_between(series.t_ns[last], series.t_ns[i]);
            out.times.push_back({series.t_ns[i], std::min(silent_s, habit.period_s)});
            out.watts.push_back(series.si(i));
            out.after_silence.push_back(silent_s > habit.period_s);
        }
        any = true;
        last = i;
    }
    return out;
}

// A publication tells of one period. What lies between it and the one before, were that longer, is a gap,
// or was published with the value of the one before.
// How long the source takes to publish is not known: up to a tenth of its period is allowed for.
EnergySteps mean_steps(const SeriesView& series, const GaugeHabit& habit) {
    constexpr double kMissed = 1.7;  // periods
    constexpr double kMostLag = 0.1;
    EnergySteps out;
    Publications seen = publications(series, habit);
    const Beat beat = place_publications(seen.times);
    const double period_s = beat.period_s;
    out.unrest_s = beat.unrest_s;
    const auto lag_ns = static_cast<std::int64_t>(0.5e9 * kMostLag * period_s);
    out.u_lag_s = kUniform * kMostLag * period_s;
    for (PublicationTime& time : seen.times) {
        time.t_ns -= lag_ns;
    }
    out.steps.reserve(seen.times.size());
    for (std::size_t i = 1; i < seen.times.size(); ++i) {
        const PublicationTime& to = seen.times[i];
        PublicationTime from = seen.times[i - 1];
        if (seconds_between(from.t_ns, to.t_ns) > kMissed * period_s) {
            const std::int64_t begin_ns = to.t_ns - std::llround(1e9 * period_s);
            const bool lost = seen.after_silence[i];
            const double joules = lost ? 0.0 : seen.watts[i - 1] * seconds_between(from.t_ns, begin_ns);
            out.steps.push_back({from.t_ns, begin_ns, joules, lost, from.u_s, to.u_s});
            from = {begin_ns, 0.0, begin_ns, to.u_s};
        }
        if (to.t_ns > from.t_ns) {
            out.steps.push_back({from.t_ns, to.t_ns, seen.watts[i] * period_s, false, from.u_s, to.u_s});
        }
    }
    return out;
}

// A stretch between two neighbouring edges of load, or before the first or after the last of them.
struct Segment {
    Window window;
    bool is_busy = false;
    std::size_t first = 0;  // readings [first, last) that tell of it alone
    std::size_t last = 0;
};

std::vector<Segment> segments(Window all, std::span<const Window> busy) {
    std::vector<Segment> out;
    std::int64_t at = all.begin_ns;
    for (const Window& load : busy) {
        const std::int64_t begin = std::clamp(load.begin_ns, at, all.end_ns);
        const std::int64_t end = std::clamp(load.end_ns, at, all.end_ns);
        if (begin > at) {
            out.push_back({{at, begin}, false});
        }
        if (end > begin) {
            out.push_back({{begin, end}, true});
        }
        at = std::max(at, end);
    }
    if (all.end_ns > at) {
        out.push_back({{at, all.end_ns}, false});
    }
    return out;
}

// What straight lines between readings do not see, as a standard deviation of mean power between two of
// them. Told by how far readings stray from the line between their neighbours: of noise that is over long
// before the next reading all of it counts; of noise that lasts (the strays are then half as great, squared,
// as the steps from reading to reading, not three quarters) a fraction.
double unseen_w(const std::vector<Reading>& readings, const std::vector<Segment>& parts, bool busy) {
    std::vector<double> strays;
    std::vector<double> changes;
    for (const Segment& part : parts) {
        for (std::size_t i = part.first + 1; part.is_busy == busy && i + 1 < part.last; ++i) {
            const double middle = 0.5 * (readings[i - 1].watts + readings[i + 1].watts);
            strays.push_back(std::abs(readings[i].watts - middle));
            changes.push_back(std::abs(readings[i].watts - readings[i - 1].watts));
        }
    }
    constexpr double kMedianOfAbsoluteNormal = 0.6744897501960817;
    const double stray = median(strays) / kMedianOfAbsoluteNormal;
    const double change = median(changes) / kMedianOfAbsoluteNormal;
    const double shortness = change > 0.0 ? std::clamp(4.0 * (stray * stray / (change * change) - 0.5), 0.0, 1.0) : 1.0;
    constexpr double kLasting = 1.0 / 6.0;  // of the squared stray, for noise that walks at random
    constexpr double kShort = 2.0 / 3.0;    // for noise without memory
    return stray * std::sqrt(kLasting + shortness * (kShort - kLasting));
}

class Lines {
   public:
    Lines(const SeriesView& series, const GaugeHabit& habit, std::span<const Window> busy) : habit_(habit) {
        // A reading tells of the time since its averaging began, one period before it at the most.
        const double oldest_s = habit.averaging_s + habit.period_s;
        const auto delay_ns = static_cast<std::int64_t>(0.5e9 * oldest_s);
        readings_.reserve(series.size());
        for (std::size_t i = 0; i < series.size(); ++i) {
            if (is_plausible_power(series.si(i))) {
                readings_.push_back({series.t_ns[i] - delay_ns, series.si(i)});
            }
        }
        if (readings_.size() < 2) {
            return;
        }
        parts_ = segments({readings_.front().t_ns, readings_.back().t_ns}, busy);
        place(delay_ns);
        idle_unseen_w_ = unseen_w(readings_, parts_, false);
        busy_unseen_w_ = unseen_w(readings_, parts_, true);
        for (const Segment& part : parts_) {
            add(part);
        }
    }
    EnergySteps take() { return std::move(out_); }

   private:
    void place(std::int64_t guard_ns) {
        std::size_t i = 0;
        for (Segment& part : parts_) {
            const bool first = &part == &parts_.front();
            const bool last = &part == &parts_.back();
            const auto before = [&](std::int64_t t) {
                return first ? t < part.window.begin_ns : t - guard_ns <= part.window.begin_ns;
            };
            const auto inside = [&](std::int64_t t) {
                return last ? t <= part.window.end_ns : t + guard_ns < part.window.end_ns;
            };
            while (i < readings_.size() && before(readings_[i].t_ns)) {
                ++i;
            }
            part.first = i;
            while (i < readings_.size() && inside(readings_[i].t_ns)) {
                ++i;
            }
            part.last = i;
        }
    }
    void add(const Segment& part) {
        if (part.first == part.last) {
            add_unseen(part);
            return;
        }
        const Reading& first = readings_[part.first];
        const Reading& last = readings_[part.last - 1];
        push(part, part.window.begin_ns, first.t_ns, first.watts);
        for (std::size_t i = part.first + 1; i < part.last; ++i) {
            push(part, readings_[i - 1].t_ns, readings_[i].t_ns, 0.5 * (readings_[i - 1].watts + readings_[i].watts));
        }
        push(part, last.t_ns, part.window.end_ns, last.watts);
    }
    // Too short for a reading of its own: the mean of the nearest ones, in doubt by their difference.
    void add_unseen(const Segment& part) {
        const Reading& before = readings_[part.first == 0 ? 0 : part.first - 1];
        const Reading& after = readings_[std::min(part.first, readings_.size() - 1)];
        push(part, part.window.begin_ns, part.window.end_ns, 0.5 * (before.watts + after.watts),
             std::abs(before.watts - after.watts) * kUniform);
    }
    void push(const Segment& part, std::int64_t from_ns, std::int64_t to_ns, double watts, double more_u_w = 0.0) {
        if (to_ns <= from_ns) {
            return;
        }
        const double seconds = seconds_between(from_ns, to_ns);
        const bool gap = seconds > habit_.gap_s;
        const double u_w = std::hypot(part.is_busy ? busy_unseen_w_ : idle_unseen_w_, more_u_w);
        out_.steps.push_back({from_ns, to_ns, gap ? 0.0 : watts * seconds, gap, 0.0, 0.0, gap ? 0.0 : u_w * seconds});
    }

    const GaugeHabit& habit_;
    std::vector<Reading> readings_;
    std::vector<Segment> parts_;
    double idle_unseen_w_ = 0.0;
    double busy_unseen_w_ = 0.0;
    EnergySteps out_;
};

}  // namespace

bool is_plausible_power(double watts) { return std::isfinite(watts) && watts >= 0.0 && watts <= kMostPlausibleWatts; }

EnergySteps gauge_steps(const SeriesView& series, std::span<const Window> busy) {
    SeriesView alive = series;
    if (const auto frozen = frozen_from(series)) {  // from there on nothing is known
        alive.t_ns = series.t_ns.first(*frozen + 1);
        alive.raw = series.raw.first(*frozen + 1);
    }
    const GaugeHabit habit = habit_of(alive);
    return habit.is_mean_of_period() ? mean_steps(alive, habit) : Lines(alive, habit, busy).take();
}

}  // namespace landauer
