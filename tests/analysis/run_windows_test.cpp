// The trials of a session as the recording of a slow meter alone shows them.
#include "analysis/run_windows.h"

#include <gtest/gtest.h>

#include <vector>

#include "analysis/trial_net.h"
#include "traces.h"

namespace landauer {
namespace {

using test::ns;

constexpr double kIdle_s = 10.0;  // as a bench takes by default
constexpr double kPause_s = 4.0;
constexpr double kIdle_w = 3.0;
constexpr double kLoad_w = 5.5;
constexpr int kTrials = 4;

double uniform(std::mt19937_64& random, double low, double high) {
    return low + (high - low) * static_cast<double>(random() >> 11U) * 0x1.0p-53;
}

// Model load, baseline, trials with pauses, baseline; times in seconds from an arbitrary zero.
struct Session {
    SessionData data;
    std::vector<TrialRecord> trials;
    std::vector<Window> busy;  // loads and trials, which draw kLoad_w more
    double end_s = 0.0;

    explicit Session(std::mt19937_64& random) {
        double at_s = uniform(random, 0.2, 1.2);
        data.session.id = 5;
        data.loads = {{PhaseKind::load, ns(at_s), ns(at_s + uniform(random, 0.3, 3.0)), 0}};
        busy.push_back({data.loads[0].begin_ns, data.loads[0].end_ns});
        at_s = static_cast<double>(data.loads[0].end_ns) * 1e-9 + 0.01;
        add_idle(at_s);
        for (int i = 0; i < kTrials; ++i) {
            add_trial(at_s, uniform(random, 2.5, 9.0));
            at_s += i + 1 < kTrials ? kPause_s : 0.1;
        }
        add_idle(at_s);
        end_s = at_s + 1.5;
    }
    void add_idle(double& at_s) {
        data.session.idle.push_back({PhaseKind::idle, ns(at_s), ns(at_s + kIdle_s), 0});
        at_s += kIdle_s;
    }
    void add_trial(double& at_s, double seconds) {
        TrialRecord trial;
        trial.session_id = data.session.id;
        trial.begin_ns = ns(at_s);
        trial.end_ns = ns(at_s + seconds);
        trial.phases = {{PhaseKind::prefill, trial.begin_ns, ns(at_s + 0.3 * seconds), 64},
                        {PhaseKind::decode, ns(at_s + 0.3 * seconds), trial.end_ns, 32}};
        busy.push_back({trial.begin_ns, trial.end_ns});
        trials.push_back(trial);
        at_s += seconds;
    }
    [[nodiscard]] double energy_j(double t_s) const {
        double sum = kIdle_w * t_s;
        for (const Window& load : busy) {
            const double from_s = static_cast<double>(load.begin_ns) * 1e-9;
            const double to_s = static_cast<double>(load.end_ns) * 1e-9;
            sum += kLoad_w * std::clamp(t_s - from_s, 0.0, to_s - from_s);
        }
        return sum;
    }
};

// Each value is the mean power of the second before it.
SampledSignal at_one_hertz(const Session& session, double phase_s, std::mt19937_64& random) {
    SampledSignal out;
    for (double t_s = 1.0 + phase_s; t_s < session.end_s; t_s += 1.0) {
        out.t_ns.push_back(ns(t_s));
        out.value.push_back(session.energy_j(t_s) - session.energy_j(t_s - 1.0) + 0.15 * test::normal(random));
    }
    return out;
}

DetectedWindows detected(const Session& session, const SampledSignal& signal) {
    std::vector<const TrialRecord*> trials;
    for (const TrialRecord& trial : session.trials) {
        trials.push_back(&trial);
    }
    return detect_windows(session.data, trials, session_baselines(session.data, trials), signal);
}

TEST(DetectWindows, AMeterOfOneHertzShowsEveryTrialWhateverItsPhase) {
    std::mt19937_64 random(21);
    constexpr int kPhases = 400;
    for (int i = 0; i < kPhases; ++i) {
        const Session session(random);
        const double phase_s = static_cast<double>(i) / kPhases;
        const DetectedWindows found = detected(session, at_one_hertz(session, phase_s, random));
        ASSERT_EQ(found.n_resolvable, kTrials) << "phase " << phase_s;
        ASSERT_EQ(found.n_matched, kTrials) << "phase " << phase_s;
        ASSERT_LT(found.median_edge_error_s, 0.15) << "phase " << phase_s;
    }
}

TEST(DetectWindows, WithoutASignalOrTrialsThereIsNothingToMatch) {
    std::mt19937_64 random(22);
    const Session session(random);
    const DetectedWindows blind = detected(session, {});
    EXPECT_EQ(blind.marked.size(), static_cast<std::size_t>(kTrials));
    EXPECT_TRUE(blind.detected.empty());
    EXPECT_EQ(blind.n_matched, 0);
    const SampledSignal signal = at_one_hertz(session, 0.4, random);
    EXPECT_TRUE(detect_windows(session.data, {}, {}, signal).detected.empty());
}

}  // namespace
}  // namespace landauer
