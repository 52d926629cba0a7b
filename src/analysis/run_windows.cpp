#include "analysis/run_windows.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "analysis/stats.h"

namespace landauer {
namespace {

constexpr double kNs = 1e-9;
constexpr std::int64_t kMarginNs = 2'000'000'000;

std::optional<Window> inference(const TrialRecord& trial) {
    std::optional<Window> out;
    for (const PhaseRecord& phase : trial.phases) {
        if (phase.kind == PhaseKind::load || phase.kind == PhaseKind::idle || phase.kind == PhaseKind::warmup) {
            continue;
        }
        out = out ? Window{std::min(out->begin_ns, phase.begin_ns), std::max(out->end_ns, phase.end_ns)}
                  : Window{phase.begin_ns, phase.end_ns};
    }
    return out;
}

// The idle stretch nearest before the trials tells the detector what rest looks like.
Window rest(std::span<const IdleBaseline> baselines) {
    Window out;
    for (const IdleBaseline& idle : baselines) {
        if (idle.where == "before" || out == Window{}) {
            out = idle.window;
        }
    }
    return out;
}

// Between samples, usually: another meter's signal may be slower than the session's own.
double spacing_s(const SampledSignal& signal) {
    std::vector<double> steps;
    steps.reserve(signal.t_ns.size());
    for (std::size_t i = 1; i < signal.t_ns.size(); ++i) {
        steps.push_back(static_cast<double>(signal.t_ns[i] - signal.t_ns[i - 1]) * kNs);
    }
    return median(steps);
}

bool overlaps(const Window& a, const Window& b) { return a.begin_ns < b.end_ns && b.begin_ns < a.end_ns; }

}  // namespace

DetectedWindows detect_windows(const SessionData& session, std::span<const TrialRecord* const> trials,
                               std::span<const IdleBaseline> baselines, const SampledSignal& signal) {
    DetectedWindows out;
    out.session_id = session.session.id;
    for (const TrialRecord* trial : trials) {
        if (const auto window = inference(*trial)) {
            out.marked.push_back(*window);
        }
    }
    if (out.marked.empty() || signal.t_ns.empty()) {
        return out;
    }
    const GradientOptions options;
    out.detected = find_windows(signal.t_ns, signal.value, rest(baselines), options);
    const Window searched{out.marked.front().begin_ns - kMarginNs, out.marked.back().end_ns + kMarginNs};
    std::erase_if(out.detected, [&](const Window& found) {
        return !overlaps(found, searched) ||
               std::any_of(session.loads.begin(), session.loads.end(),
                           [&](const auto& load) { return overlaps(found, {load.begin_ns, load.end_ns}); });
    });
    // A pause must outlast the smoothing and two samples to be seen.
    const double period_s = spacing_s(signal);
    const double gap_s = std::max(options.min_gap_s, options.smoothing_s) + 2.0 * period_s;
    std::vector<Window> resolvable = join_windows(out.marked, std::llround(gap_s / kNs));
    const double least_s = std::max(options.min_window_s, 2.0 * period_s);
    std::erase_if(resolvable,
                  [&](const Window& w) { return static_cast<double>(w.end_ns - w.begin_ns) * kNs < least_s; });
    const WindowMatch match = match_windows(out.detected, resolvable);
    out.n_resolvable = static_cast<int>(resolvable.size());
    out.n_matched = match.n_matched;
    out.median_edge_error_s = match.median_edge_error_s;
    return out;
}

}  // namespace landauer
