#include "analysis/energy_steps.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "analysis/stats.h"

namespace landauer {
namespace {

constexpr double kNs = 1e-9;
const double kUniform = 1.0 / std::sqrt(12.0);  // standard deviation of a uniform law over its width
// A gauge that is silent for this many usual spacings, and at least this long, left a gap.
constexpr double kGapSpacings = 3.5;
constexpr double kLeastGap_s = 0.5;
// No CPU machine draws more: such a reading is in another unit, or nonsense.
constexpr double kMostPlausibleWatts = 5000.0;
// A source publishes seldom when its publications lie this many readings apart.
constexpr double kSeldom = 1.5;
// A source whose readings repeat this often publishes more seldom than it is read.
constexpr double kRepeats = 0.3;

struct Reading {
    std::int64_t t_ns = 0;
    double watts = 0.0;
    bool good = true;
};

double seconds_between(std::int64_t from, std::int64_t to) { return static_cast<double>(to - from) * kNs; }

double median_spacing(const SeriesView& series) {
    std::vector<double> spacing;
    spacing.reserve(series.size());
    for (std::size_t i = 1; i < series.size(); ++i) {
        spacing.push_back(seconds_between(series.t_ns[i - 1], series.t_ns[i]));
    }
    return median(spacing);
}

// How far apart the readings lie that differ from the one before; 0 where nearly all do.
double publication_spacing(const SeriesView& series) {
    std::vector<double> spacing;
    std::size_t last = 0;
    for (std::size_t i = 1; i < series.size(); ++i) {
        if (series.raw[i] != series.raw[i - 1]) {
            if (last != 0) {
                spacing.push_back(seconds_between(series.t_ns[last], series.t_ns[i]));
            }
            last = i;
        }
    }
    const double all = static_cast<double>(series.size()) - 1.0;
    const bool repeats = static_cast<double>(spacing.size()) < (1.0 - kRepeats) * all && spacing.size() >= 3;
    return repeats ? median(spacing) : 0.0;
}

// A source that publishes more seldom than it is read: its steps go from one publication to the
// next, each known to within one spacing of the readings.
EnergySteps seldom_counter_steps(const SeriesView& series) {
    EnergySteps out;
    out.period_s = median_spacing(series);
    out.quantum_j = series.channel->scale;
    std::int64_t counted = 0;
    bool lost = false;
    std::size_t from = 0;
    for (std::size_t i = 0; i + 1 < series.size(); ++i) {
        const auto step = counter_step(series, i);
        counted += step.value_or(0);
        lost = lost || !step;
        if (step && *step == 0) {
            continue;
        }
        if (from != 0) {  // before the first publication nothing is known
            out.steps.push_back({series.t_ns[from], series.t_ns[i + 1],
                                 lost ? 0.0 : static_cast<double>(counted) * series.channel->scale, lost});
        }
        from = i + 1;
        counted = 0;
        lost = false;
    }
    return out;
}

EnergySteps counter_steps(const SeriesView& series) {
    if (publication_spacing(series) > kSeldom * median_spacing(series)) {
        return seldom_counter_steps(series);
    }
    EnergySteps out;
    out.period_s = series.channel->rail.period_s;
    out.quantum_j = series.channel->scale;
    out.steps.reserve(series.size());
    for (std::size_t i = 0; i + 1 < series.size(); ++i) {
        const auto step = counter_step(series, i);
        out.steps.push_back({series.t_ns[i], series.t_ns[i + 1],
                             step ? static_cast<double>(*step) * series.channel->scale : 0.0, !step});
    }
    return out;
}

// Readings that differ from the one before; of a source that publishes as often as it is read, all.
std::vector<Reading> publications(const SeriesView& series, double period_s) {
    const double spacing = median_spacing(series);
    const bool thin = period_s > kSeldom * spacing;
    std::vector<Reading> out;
    out.reserve(series.size());
    for (std::size_t i = 0; i < series.size(); ++i) {
        const double watts = series.si(i);
        const bool good = std::isfinite(watts) && watts >= 0.0 && watts <= kMostPlausibleWatts;
        const bool repeated = thin && !out.empty() && i + 1 < series.size() && series.raw[i] == series.raw[i - 1] &&
                              seconds_between(out.back().t_ns, series.t_ns[i]) < 0.9 * period_s;
        if (!repeated) {
            out.push_back({series.t_ns[i], watts, good});
        }
    }
    return out;
}

double reading_noise(const std::vector<Reading>& readings) {
    std::vector<double> steps;
    steps.reserve(readings.size());
    for (std::size_t i = 1; i < readings.size(); ++i) {
        steps.push_back(std::abs(readings[i].watts - readings[i - 1].watts));
    }
    constexpr double kMedianOfAbsoluteNormal = 0.6744897501960817;
    return median(steps) / (kMedianOfAbsoluteNormal * std::sqrt(2.0));
}

EnergySteps gauge_steps(const SeriesView& series) {
    EnergySteps out;
    const Rail& rail = series.channel->rail;
    out.period_s = std::max(rail.period_s, publication_spacing(series));
    const std::vector<Reading> readings = publications(series, out.period_s);
    const double usual_s = std::max(median_spacing(series), out.period_s);
    const double gap_s = std::max(kGapSpacings * usual_s, kLeastGap_s);
    const double seen = rail.averaging_s <= 0.0 ? 0.0 : std::min(1.0, rail.averaging_s / std::max(usual_s, 1e-9));
    out.noise_w = reading_noise(readings) * std::sqrt(1.0 - seen);
    out.steps.reserve(readings.size());
    for (std::size_t i = 1; i < readings.size(); ++i) {
        const Reading& from = readings[i - 1];
        const Reading& to = readings[i];
        const double seconds = seconds_between(from.t_ns, to.t_ns);
        const double watts = rail.averaging_s > 0.0 ? to.watts : 0.5 * (from.watts + to.watts);
        const bool good = to.good && (rail.averaging_s > 0.0 || from.good) && seconds <= gap_s;
        out.steps.push_back({from.t_ns, to.t_ns, good ? watts * seconds : 0.0, !good});
    }
    return out;
}

// Least and largest power of the steps that tell one, near a window.
struct Range {
    double low = 0.0;
    double high = 0.0;
};

class Integral {
   public:
    Integral(const EnergySteps& all, Window window) : all_(all), steps_(all.steps), window_(window) {}

    std::optional<WindowEnergy> compute() {
        if (steps_.empty() || window_.end_ns < window_.begin_ns || window_.begin_ns < steps_.front().begin_ns ||
            window_.end_ns > steps_.back().end_ns) {
            return std::nullopt;
        }
        first_ = index_of(window_.begin_ns);
        last_ = std::max(first_, last_index_of(window_.end_ns));
        range_ = power_range();
        for (std::size_t i = first_; i <= last_; ++i) {
            add(i);
        }
        out_.u_gaps_j *= kUniform;
        add_edges();
        add_sampling();
        return out_;
    }

   private:
    // The step that holds the instant; at a border the later one.
    [[nodiscard]] std::size_t index_of(std::int64_t at_ns) const {
        const auto found = std::upper_bound(steps_.begin(), steps_.end(), at_ns,
                                            [](std::int64_t t, const EnergyStep& step) { return t < step.end_ns; });
        return std::min(static_cast<std::size_t>(found - steps_.begin()), steps_.size() - 1);
    }
    // The same, at a border the earlier one.
    [[nodiscard]] std::size_t last_index_of(std::int64_t at_ns) const {
        const auto found = std::lower_bound(steps_.begin(), steps_.end(), at_ns,
                                            [](const EnergyStep& step, std::int64_t t) { return step.end_ns < t; });
        return std::min(static_cast<std::size_t>(found - steps_.begin()), steps_.size() - 1);
    }

    [[nodiscard]] Range power_range() const {
        Range out;
        bool any = false;
        const std::size_t from = first_ == 0 ? 0 : first_ - 1;
        const std::size_t to = std::min(last_ + 1, steps_.size() - 1);
        for (std::size_t i = from; i <= to; ++i) {
            if (!steps_[i].is_gap && steps_[i].end_ns > steps_[i].begin_ns) {
                const double watts = steps_[i].watts();
                out = any ? Range{std::min(out.low, watts), std::max(out.high, watts)} : Range{watts, watts};
                any = true;
            }
        }
        return out;
    }

    void add(std::size_t i) {
        const EnergyStep& step = steps_[i];
        const std::int64_t from = std::max(window_.begin_ns, step.begin_ns);
        const std::int64_t to = std::min(window_.end_ns, step.end_ns);
        if (to <= from) {
            return;
        }
        const double seconds = seconds_between(from, to);
        if (step.is_gap) {
            out_.energy_j += 0.5 * (range_.low + range_.high) * seconds;
            out_.u_gaps_j += (range_.high - range_.low) * seconds;  // nothing says where in the range it was
            out_.gap_s += seconds;
        } else if (to - from == step.end_ns - step.begin_ns) {
            out_.energy_j += step.energy_j;
        } else {
            add_cut(i, from, to);
        }
    }

    // Power beside step i: of the next step that is not cut by an edge of the window too.
    [[nodiscard]] double power_beside(std::size_t i, bool later) const {
        std::size_t j = i;
        while (later ? j + 1 < steps_.size() : j > 0) {
            j = later ? j + 1 : j - 1;
            const bool cut_too = j == first_ || j == last_;
            const bool inside = j > first_ && j < last_;
            const bool usable = !steps_[j].is_gap && steps_[j].end_ns > steps_[j].begin_ns;
            if (usable && (inside || !cut_too)) {
                return std::max(steps_[j].watts(), 0.0);
            }
        }
        return std::max(steps_[i].watts(), 0.0);
    }

    // The part of a step in [from, to]. Outside the window the power is the neighbour's; what is
    // left of the step's energy is inside.
    void add_cut(std::size_t i, std::int64_t from, std::int64_t to) {
        const EnergyStep& step = steps_[i];
        const double inside_s = seconds_between(from, to);
        const double before_s = seconds_between(step.begin_ns, from);
        const double after_s = seconds_between(to, step.end_ns);
        const double linear = step.energy_j * inside_s / step.seconds();
        const double outside_j = (before_s > 0.0 ? power_beside(i, false) * before_s : 0.0) +
                                 (after_s > 0.0 ? power_beside(i, true) * after_s : 0.0);
        const double whole = std::max(step.energy_j, 0.0);
        const double split = std::clamp(step.energy_j - outside_j, 0.0, whole);
        out_.energy_j += split;
        const double doubt = 0.5 * std::abs(split - linear) + all_.noise_w * inside_s;
        out_.u_edges_j = std::hypot(out_.u_edges_j, doubt * 2.0 * kUniform);
    }

    // A counter read at t shows what it published up to one period before. On average that is half a
    // period: the mean is put right, the rest is doubt.
    void add_edges() {
        const double begin_w = border_power(window_.begin_ns);
        const double end_w = border_power(window_.end_ns);
        const double period = all_.quantum_j > 0.0 ? all_.period_s : 0.0;
        out_.energy_j += 0.5 * period * (end_w - begin_w);
        out_.u_edges_j = std::hypot(out_.u_edges_j, kUniform * period * std::hypot(begin_w, end_w));
        out_.u_quantum_j = all_.quantum_j * std::sqrt(2.0) * kUniform;
    }
    // Power just before an instant at which a step ends.
    [[nodiscard]] double border_power(std::int64_t at_ns) const {
        const EnergyStep& step = steps_[last_index_of(at_ns)];
        return step.is_gap || step.end_ns == step.begin_ns ? 0.5 * (range_.low + range_.high)
                                                           : std::max(step.watts(), 0.0);
    }

    void add_sampling() {
        double sum = 0.0;
        for (std::size_t i = first_; i <= last_; ++i) {
            const double seconds = steps_[i].seconds();
            sum += steps_[i].is_gap ? 0.0 : seconds * seconds;
        }
        out_.u_sampling_j = all_.noise_w * std::sqrt(sum);
    }

    const EnergySteps& all_;
    const std::vector<EnergyStep>& steps_;
    Window window_;
    std::size_t first_ = 0;
    std::size_t last_ = 0;
    Range range_;
    WindowEnergy out_;
};

}  // namespace

EnergySteps energy_steps(const SeriesView& series) {
    return series.channel->kind == ChannelKind::counter ? counter_steps(series) : gauge_steps(series);
}

std::optional<WindowEnergy> energy_over(const EnergySteps& steps, Window window) {
    return Integral(steps, window).compute();
}

}  // namespace landauer
