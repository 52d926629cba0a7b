// The figures of one trial, from its raw samples alone. Pure functions.
#pragma once

#include <landauer/trace.h>
#include <landauer/windows.h>

#include <map>
#include <optional>
#include <span>
#include <string>

#include "core/records.h"

namespace landauer {

// Counter difference over [begin_ns, end_ns], edges interpolated, wraps undone; SI units.
// Empty when the series does not reach both edges or a gap hides a wrap.
[[nodiscard]] std::optional<double> counter_delta(const Series& series, Window window);
// Trapezoid of a gauge over the window, edges interpolated; SI unit times seconds.
[[nodiscard]] std::optional<double> gauge_integral(const Series& series, Window window);
[[nodiscard]] std::optional<double> gauge_mean(const Series& series, Window window);
[[nodiscard]] std::optional<double> gauge_max(const Series& series, Window window);

// Utilisation between consecutive samples of a busy-time counter, in percent of one core
// (100 % = one core busy), placed at the interval's end as a sampling tool would see it.
struct SampledSignal {
    std::vector<std::int64_t> t_ns;
    std::vector<double> value;
};
// Samples closer than min_interval_s to the one before are passed over: the extra readings
// at a trial's edges would turn one 10 ms kernel tick into hundreds of percent.
[[nodiscard]] SampledSignal utilisation_percent(const Series& busy, double min_interval_s = 0.0);
// The paper's area under the curve: trapezoid of signal - baseline over the window,
// unclipped (arXiv 2512.16531, methods).
[[nodiscard]] std::optional<double> auc(const SampledSignal& signal, double baseline, Window window);

// Every metric marked `stored` in the metric table that the trace can give; what it cannot
// give is absent, never 0. Only samples inside the trial's own window are read, so the
// result is bit for bit the same from the samples in memory and from the stored trace.
// Counters therefore need a sample at the very edges of the trial, which the run loop takes.
[[nodiscard]] std::map<std::string, double> trial_figures(const Trace& trace, const TrialRecord& trial);

// Contention: others' CPU and steal over the trial's window against its length; throttling
// and page faults from disk. B is worth a caveat, C must be repeated.
struct Validity {
    Grade grade = Grade::A;
    std::vector<Caveat> caveats;
};
struct ValidityLimits {
    double others_b = 0.05;  // other processes' busy time over wall time, of one core
    double others_c = 0.25;
    double steal_b = 0.02;
    double steal_c = 0.10;
    double floor_s = 0.03;  // below this the 10 ms ticks of the kernel decide nothing
    double faults_b = 20;   // major faults: the model was read from disk while it was timed
};
[[nodiscard]] Validity grade_trial(const std::map<std::string, double>& figures, const ValidityLimits& limits = {});

}  // namespace landauer
