// Figures, laws, totals and windows of runs with many trials: time and peak memory, so that
// ten thousand trials stay under a second and memory grows in step with the data.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>

#include "analysis/figures.h"
#include "analysis/run_analysis.h"

namespace landauer {
namespace {

constexpr std::int64_t kNs = 1'000'000'000;
constexpr std::int64_t kTick = kNs / 5;
constexpr std::int64_t kIdle = 10 * kNs;
constexpr int kPrompts = 19;
constexpr double kTarget_s = 1.0;

// Peak resident set since the last reset, MiB; 0 where the kernel does not tell.
double peak_mib() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) {
            return std::stod(line.substr(6)) / 1024.0;
        }
    }
    return 0.0;
}

void reset_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

// CPU time: one thread does all of it, and a busy neighbour does not count.
double now_s() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// Counters and gauges advance evenly; only sizes and edges matter here.
void add_sample(Trace& trace, std::int64_t t_ns, bool busy) {
    static constexpr std::array kNames = {"machine/busy", "process/cpu", "memory/rss", "memory/system_used",
                                          "powercap/package-0"};
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        if (trace.series.size() <= i) {
            const std::string name = kNames.at(i);
            const auto slash = name.find('/');
            const bool counter = i != 2 && i != 3;
            trace.series.push_back({{name.substr(0, slash), name.substr(slash + 1),
                                     i < 2   ? "s"
                                     : i < 4 ? "B"
                                             : "J",
                                     counter ? ChannelKind::counter : ChannelKind::gauge,
                                     i < 2   ? 1e-9
                                     : i < 4 ? 1.0
                                             : 1e-6,
                                     0, Rail{i < 4 ? RailKind::none : RailKind::package}},
                                    {},
                                    {}});
        }
        Series& series = trace.series[i];
        const std::int64_t step = series.t_ns.empty() ? 0 : t_ns - series.t_ns.back();
        const std::int64_t before = series.raw.empty() ? 0 : series.raw.back();
        const std::int64_t rate = i == 1 && !busy ? 1 : busy ? 20 : 2;  // tenths of a core; W
        const std::int64_t counted = i < 2 ? step / 10 * rate : step / 1000 * rate;
        series.raw.push_back(i == 2 || i == 3 ? (busy ? 900'000'000 : 400'000'000) : before + counted);
        series.t_ns.push_back(t_ns);
    }
}

// Samples from `from` to `to`: every tick between them and one at `to`.
void add_samples(Trace& trace, std::int64_t from, std::int64_t to, bool busy) {
    for (std::int64_t t = (from / kTick + 1) * kTick; t < to; t += kTick) {
        add_sample(trace, t, busy);
    }
    add_sample(trace, to, busy);
}

RunData make_run(int n_trials) {
    RunData data;
    SessionData session;
    session.session.id = 1;
    Trace& trace = session.trace;
    std::int64_t now = kNs;
    add_sample(trace, now, false);
    const auto rest = [&](std::int64_t length) {
        add_samples(trace, now, now + length, false);
        now += length;
    };
    const auto baseline = [&] {
        session.session.idle.push_back({PhaseKind::idle, now, now + kIdle, 0});
        rest(kIdle);
    };
    baseline();
    session.loads.push_back({PhaseKind::load, now + kNs / 10, now + kNs, 0});
    rest(kNs);
    baseline();
    for (int i = 0; i < n_trials; ++i) {
        const int prompt = i % kPrompts;
        TrialRecord t;
        t.id = i + 1;
        t.session_id = 1;
        t.prompt_id = fmt::format("P{}", prompt + 1);
        t.key = fmt::format("{}/r{}", t.prompt_id, i / kPrompts);
        t.n_prompt = 15 + 82 * prompt;
        t.n_gen = 64;
        t.begin_ns = now;
        const std::int64_t noise = (i * 7919LL) % 97 * 1'000'000;
        const std::int64_t turn = now + kNs / 10 + t.n_prompt * 1'000'000 + noise;
        t.end_ns = turn + 64 * 15'000'000LL;
        t.phases = {{PhaseKind::prefill, now, turn, t.n_prompt}, {PhaseKind::decode, turn, t.end_ns, t.n_gen}};
        add_samples(trace, now, turn, true);
        add_samples(trace, turn, t.end_ns, true);
        now = t.end_ns;
        rest(kNs + kNs / 5);  // long enough for the window detector to see
        data.trials.push_back(std::move(t));
    }
    baseline();
    data.sessions.push_back(std::move(session));
    return data;
}

struct Row {
    int n_trials = 0;
    std::size_t n_samples = 0;
    double figures_s = 0.0;
    double analysis_s = 0.0;
    double before_mib = 0.0;
    double peak_mib = 0.0;
};

// Best of three: the least disturbed.
Row measure(int n_trials) {
    RunData data = make_run(n_trials);
    Row row{n_trials, 0, 1e9, 1e9, 0.0, 0.0};
    for (const Series& series : data.sessions[0].trace.series) {
        row.n_samples += series.size();
    }
    for (int repeat = 0; repeat < 3; ++repeat) {
        const double begin = now_s();
        for (TrialRecord& trial : data.trials) {
            trial.figures = trial_figures(data.sessions[0].trace, trial);
        }
        row.figures_s = std::min(row.figures_s, now_s() - begin);
    }
    reset_peak();
    row.before_mib = peak_mib();
    for (int repeat = 0; repeat < 3; ++repeat) {
        const double begin = now_s();
        const auto analysis = analyse_run(data);
        row.analysis_s = std::min(row.analysis_s, now_s() - begin);
        if (!analysis || analysis->laws.size() != 9 || analysis->windows.front().n_matched < n_trials / 2) {
            fmt::print(stderr, "The analysis of {} trials is not the expected one.\n", n_trials);
            std::exit(EXIT_FAILURE);
        }
    }
    row.peak_mib = peak_mib();
    return row;
}

}  // namespace
}  // namespace landauer

int main() {
    fmt::print(
        "| trials | samples | trial figures [CPU s] | analysis and laws [CPU s] | data [MiB] | peak above data [MiB] "
        "|\n");
    fmt::print("|---:|---:|---:|---:|---:|---:|\n");
    bool good = true;
    for (const int n : {1'000, 10'000, 20'000}) {
        const landauer::Row row = landauer::measure(n);
        fmt::print("| {} | {} | {:.3f} | {:.3f} | {:.0f} | {:.0f} |\n", row.n_trials, row.n_samples, row.figures_s,
                   row.analysis_s, row.before_mib, row.peak_mib - row.before_mib);
        good = good && (n != 10'000 || row.analysis_s < landauer::kTarget_s);
    }
    fmt::print("\n10,000 trials under {:.0f} CPU s: {}.\n", landauer::kTarget_s, good ? "yes" : "no");
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
