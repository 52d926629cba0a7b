#include "analysis/align.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/stats.h"

namespace landauer {
namespace {

constexpr double kNs = 1e-9;
constexpr std::size_t kFewestReadings = 10;
constexpr double kCoarse_s = 0.2;
constexpr double kFine_s = 1e-3;
// Lags nearer than this to the best are the same peak.
constexpr double kSamePeak_s = 5.0;
constexpr double kLeastR2 = 0.3;
// Another lag that explains nearly as much leaves it open which is right.
constexpr double kRival = 0.95;
constexpr double kChiSquare95 = 3.841458820694124;
constexpr double kZ95 = 1.959963984540054;

// Busy seconds since the start, as a function of time.
class Load {
   public:
    explicit Load(const Series& busy) {
        t_s_.reserve(busy.size());
        for (std::size_t i = 0; i < busy.size(); ++i) {
            const double t = static_cast<double>(busy.t_ns[i]) * kNs;
            const double value = busy.si(i);
            if (t_s_.empty() || t > t_s_.back()) {
                t_s_.push_back(t);
                busy_s_.push_back(busy_s_.empty() ? value : std::max(value, busy_s_.back()));
            }
        }
    }
    [[nodiscard]] double begin_s() const { return t_s_.front(); }
    [[nodiscard]] double end_s() const { return t_s_.back(); }
    [[nodiscard]] std::size_t size() const { return t_s_.size(); }

    // Busy cores, mean over [from, to]; the caller keeps inside the load's time.
    [[nodiscard]] double mean(double from_s, double to_s) const { return (at(to_s) - at(from_s)) / (to_s - from_s); }

   private:
    [[nodiscard]] double at(double t_s) const {
        const auto after = std::upper_bound(t_s_.begin(), t_s_.end(), t_s);
        if (after == t_s_.begin()) {
            return busy_s_.front();
        }
        if (after == t_s_.end()) {
            return busy_s_.back();
        }
        const auto i = static_cast<std::size_t>(after - t_s_.begin()) - 1;
        const double part = (t_s - t_s_[i]) / (t_s_[i + 1] - t_s_[i]);
        return busy_s_[i] + part * (busy_s_[i + 1] - busy_s_[i]);
    }
    std::vector<double> t_s_;
    std::vector<double> busy_s_;
};

// A straight line of power over load at one lag.
struct Fit {
    double rss = std::numeric_limits<double>::infinity();
    double tss = 0.0;
    double gain = 0.0;
    double offset = 0.0;
    double sxx = 0.0;
    double mean_x = 0.0;
    std::size_t n = 0;
    std::vector<double> residuals;
    [[nodiscard]] double r2() const { return n < kFewestReadings || tss <= 0.0 || gain <= 0.0 ? 0.0 : 1.0 - rss / tss; }
    // Residual variance a reading: lags of different overlaps are compared by it.
    [[nodiscard]] double variance() const { return n < 3 ? rss : rss / static_cast<double>(n); }
};

class Aligner {
   public:
    Aligner(const Recording& recording, const Series& busy) : recording_(recording), load_(busy) {
        std::vector<double> spacing;
        for (std::size_t i = 1; i < recording.t_s.size(); ++i) {
            spacing.push_back(recording.t_s[i] - recording.t_s[i - 1]);
        }
        spacing_s_ = median(spacing);
    }

    [[nodiscard]] Result<Alignment> align(const AlignOptions& options) {
        const auto range = lags(options);
        if (load_.size() < kFewestReadings || range.second < range.first) {
            return fail(ErrorKind::Failed, "The recording and the session's CPU samples do not overlap in time.",
                        "Give the lag roughly with --lag, or record while the run is going on.");
        }
        const double lag = search(range);
        const Fit best = fit(lag, averaging_s_, true);
        Alignment out;
        out.averaging_s = averaging_s_;
        out.r2 = best.r2();
        out.second_r2 = rival(lag, range);
        out.n_readings = best.n;
        if (out.r2 < kLeastR2) {
            return fail(ErrorKind::Failed,
                        fmt::format("The recording does not follow the CPU's load: at the best lag, {:.1f} s, load "
                                    "explains {:.0f} % of its variation.",
                                    lag, 100.0 * out.r2),
                        "Check that the file belongs to this run and this machine; a run with --staircase is easier to "
                        "recognise.");
        }
        if (out.second_r2 > kRival * out.r2) {
            return fail(
                ErrorKind::Failed,
                fmt::format("The recording fits the CPU's load at several lags alike, at {:.1f} s and others.", lag),
                "Give the lag roughly with --lag, or run with --staircase, which repeats nowhere.");
        }
        intervals(out, best, lag);
        if (out.gain_w.ci95.low <= 0.0) {
            return fail(ErrorKind::Failed,
                        "The load hardly varied while the recording ran, so the recording fits it anywhere.",
                        "Attach to a run with pauses on a quiet machine, or run with --staircase.");
        }
        return out;
    }

   private:
    [[nodiscard]] std::pair<double, double> lags(const AlignOptions& options) const {
        const double first = recording_.t_s.front();
        const double last = recording_.t_s.back();
        const double shared = 0.5 * std::min(last - first, load_.end_s() - load_.begin_s());
        return {options.least_lag_s.value_or(load_.begin_s() + shared - last),
                options.most_lag_s.value_or(load_.end_s() - shared - first)};
    }

    // The means of the load while each reading was taken, against the readings.
    [[nodiscard]] Fit fit(double lag_s, double averaging_s, bool keep_residuals) const {
        double n = 0.0;
        double sx = 0.0;
        double sy = 0.0;
        double sxx = 0.0;
        double sxy = 0.0;
        double syy = 0.0;
        std::vector<double> xs;
        std::vector<double> ys;
        for (std::size_t j = 1; j < recording_.t_s.size(); ++j) {
            const double to = recording_.t_s[j] + lag_s;
            const double from = to - averaging_s;
            if (from < load_.begin_s() || to > load_.end_s()) {
                continue;
            }
            const double x = load_.mean(from, to);
            const double y = recording_.watts[j];
            n += 1.0;
            sx += x;
            sy += y;
            sxx += x * x;
            sxy += x * y;
            syy += y * y;
            if (keep_residuals) {
                xs.push_back(x);
                ys.push_back(y);
            }
        }
        Fit out;
        out.n = static_cast<std::size_t>(n);
        if (out.n < kFewestReadings) {
            return out;
        }
        out.mean_x = sx / n;
        out.sxx = sxx - sx * sx / n;
        out.tss = syy - sy * sy / n;
        if (!(out.sxx > 0.0)) {
            return out;
        }
        out.gain = (sxy - sx * sy / n) / out.sxx;
        out.offset = (sy - out.gain * sx) / n;
        out.rss = std::max(0.0, out.tss - out.gain * out.gain * out.sxx);
        for (std::size_t i = 0; i < xs.size(); ++i) {
            out.residuals.push_back(ys[i] - out.offset - out.gain * xs[i]);
        }
        return out;
    }

    double search(std::pair<double, double> range) {
        double best = range.first;
        double best_r2 = -1.0;
        for (double lag = range.first; lag <= range.second; lag += std::min(kCoarse_s, 0.5 * spacing_s_)) {
            const double r2 = fit(lag, spacing_s_, false).r2();
            if (r2 > best_r2) {
                best_r2 = r2;
                best = lag;
            }
        }
        // Does a reading tell the mean of its interval, or the power at its instant?
        double least = std::numeric_limits<double>::infinity();
        double found = best;
        for (const double averaging : {spacing_s_, std::min(0.05, spacing_s_)}) {
            const double lag = refine(best, averaging);
            const double variance = fit(lag, averaging, false).variance();
            if (variance < 0.98 * least) {
                least = variance;
                found = lag;
                averaging_s_ = averaging;
            }
        }
        return found;
    }

    // Golden section on the residual variance, a spacing to either side.
    [[nodiscard]] double refine(double lag, double averaging_s) const {
        const double ratio = 0.5 * (std::sqrt(5.0) - 1.0);
        double low = lag - spacing_s_;
        double high = lag + spacing_s_;
        while (high - low > 0.1 * kFine_s) {
            const double a = high - ratio * (high - low);
            const double b = low + ratio * (high - low);
            if (fit(a, averaging_s, false).variance() < fit(b, averaging_s, false).variance()) {
                high = b;
            } else {
                low = a;
            }
        }
        return 0.5 * (low + high);
    }

    [[nodiscard]] double rival(double lag, std::pair<double, double> range) const {
        double best = 0.0;
        for (double other = range.first; other <= range.second; other += std::min(kCoarse_s, 0.5 * spacing_s_)) {
            if (std::abs(other - lag) > std::max(kSamePeak_s, 3.0 * spacing_s_)) {
                best = std::max(best, fit(other, averaging_s_, false).r2());
            }
        }
        return best;
    }

    // How far the lag may go before the residuals grow by more than chance.
    [[nodiscard]] double edge(double lag, double sign, double limit) const {
        double step = kFine_s;
        double reach = 0.0;
        while (reach < spacing_s_ * 2.0 && fit(lag + sign * (reach + step), averaging_s_, false).variance() < limit) {
            reach += step;
            step *= 1.3;
        }
        return reach + step;
    }

    void intervals(Alignment& out, const Fit& best, double lag) const {
        const double effective = std::max(3.0, effective_sample_size(best.residuals));
        const double limit = best.variance() * (1.0 + kChiSquare95 / effective);
        out.lag_s = {lag, {lag - edge(lag, -1.0, limit), lag + edge(lag, 1.0, limit)}};
        const double variance = best.variance() * static_cast<double>(best.n) / std::max(1.0, effective - 2.0);
        const double thin = static_cast<double>(best.n) / effective;  // correlated residuals tell less
        const double t = student_t95(effective - 2.0);
        const double gain_half = t * std::sqrt(variance / (best.sxx / thin) / thin);
        const double offset_half =
            t * std::sqrt(variance * (1.0 / static_cast<double>(best.n) + best.mean_x * best.mean_x / best.sxx));
        out.gain_w = {best.gain, {best.gain - gain_half, best.gain + gain_half}};
        out.offset_w = {best.offset, {best.offset - offset_half, best.offset + offset_half}};
    }

    const Recording& recording_;
    Load load_;
    double spacing_s_ = 1.0;
    double averaging_s_ = 1.0;
};

}  // namespace

Result<Alignment> align_recording(const Recording& recording, const Series& busy, const AlignOptions& options) {
    if (recording.t_s.size() < kFewestReadings || recording.watts.size() != recording.t_s.size()) {
        return fail(ErrorKind::Invalid,
                    fmt::format("A recording of {} readings cannot be aligned.", recording.t_s.size()),
                    fmt::format("Record at least {} readings, best the whole run.", kFewestReadings));
    }
    if (busy.size() < 2) {
        return fail(ErrorKind::Invalid, "The session has no CPU samples to align with.",
                    "Only sessions that landauer sampled can take a recording.");
    }
    return Aligner(recording, busy).align(options);
}

Series aligned_series(const Recording& recording, const Alignment& alignment, Channel channel) {
    channel.rail.clock_error_s = 0.5 * (alignment.lag_s.ci95.high - alignment.lag_s.ci95.low);
    channel.rail.averaging_s = alignment.averaging_s;
    Series out{std::move(channel), {}, {}};
    for (std::size_t i = 0; i < recording.t_s.size(); ++i) {
        const auto t_ns = std::llround((recording.t_s[i] + alignment.lag_s.value) / kNs);
        if (out.t_ns.empty() || t_ns > out.t_ns.back()) {
            out.t_ns.push_back(t_ns);
            out.raw.push_back(std::llround(recording.watts[i] / out.channel.scale));
        }
    }
    return out;
}

}  // namespace landauer
