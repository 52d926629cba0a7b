#include "run/idle_baseline.h"

#include <algorithm>

#include "analysis/idle.h"

namespace landauer {
namespace {

constexpr std::int64_t kPollNs = 50'000'000;
constexpr std::int64_t kCheckNs = 1'000'000'000;

}  // namespace

Result<IdleRecording> record_idle_baseline(Recorder& recorder, Trace& samples, const IdleOptions& options,
                                           const AbortPoll& abort,
                                           const std::function<void(double fraction)>& progress) {
    Clock& clock = system_clock();
    IdleRecording recording;
    recording.phase.kind = PhaseKind::idle;
    recording.phase.begin_ns = recorder.edge_of_trial(Edge::begin);
    IdleGoal goal;
    goal.least_s = options.least_s;
    goal.most_s = std::max(options.most_s, options.least_s);
    goal.meters = options.meters;
    std::int64_t next_check_ns = 0;
    while (true) {
        const std::int64_t now = clock.now_ns();
        const double passed_s = static_cast<double>(now - recording.phase.begin_ns) * 1e-9;
        if (abort && abort()) {
            return fail(ErrorKind::Interrupted, "Interrupted in an idle baseline.", "");
        }
        progress(goal.least_s > 0.0 ? std::min(passed_s / goal.least_s, 1.0) : 1.0);
        if (passed_s >= goal.least_s && now >= next_check_ns) {
            recorder.drain(samples);
            if (passed_s >= goal.most_s || idle_is_settled(samples, {recording.phase.begin_ns, now}, goal)) {
                break;
            }
            next_check_ns = now + kCheckNs;
        }
        clock.sleep_until(now + kPollNs);
    }
    recording.phase.end_ns = recorder.edge_of_trial(Edge::end);
    recorder.drain(samples);
    IdleLimits limits;
    limits.meters = options.meters;
    const IdleBaseline baseline =
        measure_idle(samples, {recording.phase.begin_ns, recording.phase.end_ns}, options.where, limits);
    if (baseline.contaminated && options.strict) {
        const bool known = !baseline.caveats.empty();
        return fail(ErrorKind::Refused,
                    known ? baseline.caveats.front().sentence : "The idle baseline was contaminated.",
                    known ? baseline.caveats.front().remedy : "Close other programs, or leave out --strict.");
    }
    recording.caveats = baseline.caveats;
    return recording;
}

}  // namespace landauer
