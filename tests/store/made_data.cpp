#include "made_data.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <vector>

namespace landauer::test {
namespace {

constexpr int kSteps = 100;

// A channel, and how its raw value moves: mean step and spread a tick.
struct Walk {
    Channel channel;
    std::int64_t start;
    double step;
    double spread;
};

std::vector<Walk> walks() {
    std::vector<Walk> out;
    out.push_back({{"process", "cpu", "s", ChannelKind::counter, 1e-9, 0}, 3'000'000'000, 3.9e8, 2e6});
    out.push_back({{"process", "rss_anon", "B", ChannelKind::gauge, 1.0, 0}, 250'000'000, 0, 200'000});
    out.push_back({{"process", "rss_file", "B", ChannelKind::gauge, 1.0, 0}, 90'000'000, 0, 40'000});
    out.push_back({{"process", "major_faults", "1", ChannelKind::counter, 1.0, 0}, 12, 0.1, 0.5});
    out.push_back({{"machine", "busy", "s", ChannelKind::counter, 1e-2, 0}, 4'000'000, 40, 2});
    out.push_back({{"machine", "steal", "s", ChannelKind::counter, 1e-2, 0}, 300, 0.2, 0.5});
    out.push_back({{"machine", "available", "B", ChannelKind::gauge, 1.0, 0}, 20'000'000'000, 0, 2e6});
    out.push_back({{"powercap", "package-0", "J", ChannelKind::counter, 1e-6, 262'143'328'850,
                    Rail{RailKind::package, 0, Provenance::measured, 0.02, 1e-3, 0.0}},
                   9'000'000,
                   6e6,
                   4e5});
    for (int core = 0; core < 4; ++core) {
        out.push_back(
            {{"machine", fmt::format("cpu{}_busy", core), "s", ChannelKind::counter, 1e-2, 0}, 900'000, 18, 2});
        out.push_back(
            {{"cpufreq", fmt::format("cpu{}", core), "Hz", ChannelKind::gauge, 1e3, 0}, 3'400'000, 0, 50'000});
        out.push_back({{"hwmon", fmt::format("core{}", core), "degC", ChannelKind::gauge, 1e-3, 0}, 55'000, 0, 500});
    }
    return out;
}

double uniform(std::mt19937_64& random) { return static_cast<double>(random() >> 11U) * 0x1p-53; }

}  // namespace

ModelRecord a_model(const std::string& tag) {
    ModelRecord model;
    model.path = "/models/" + tag + ".gguf";
    model.sha256 = "sha-" + tag;
    model.name = "SmolLM2 " + tag;
    model.type = "llama 135M Q4_1";
    model.size_bytes = std::numeric_limits<std::uint64_t>::max() - 7;
    model.n_params = 134'515'008;
    model.metadata = {{"general.architecture", "llama"}, {"a \"quoted\" key", "l'été\n\t\\"}};
    return model;
}

RunRecord a_run(const std::string& tag) {
    RunRecord run;
    run.model = a_model(tag);
    run.plan_hash = "hash-" + tag;
    run.protocol = "quick";
    run.label = "label " + tag;
    run.created_utc = "2026-01-01T00:00:00Z";
    run.settings = {{"n_threads", "2"}, {"type_k", "f16"}};
    run.command = "landauer bench -m '" + tag + ".gguf'";
    run.prompts_json = "{\"id\":\"P1\",\"text\":\"\u00e9\"}\n";
    return run;
}

SessionRecord a_session(const std::string& started_utc) {
    SessionRecord session;
    session.started_utc = started_utc;
    session.started_ns = 1'000'000'000'000;
    session.ended_utc = "2026-01-01T01:00:00Z";
    session.command = "landauer bench";
    session.version = "0.1.0";
    session.environment = {{"cpu_model", "A CPU \"x\""}, {"kernel", "6.1"}};
    session.rate_hz = 5.5;
    session.sampler = SamplerStats{18000, 3, 2, 1, 0.1, 3600.25, 51.5, 90.125, 1e4, 0.4, 1.0 / 3.0, 0.0};
    session.idle = {{PhaseKind::idle, 1, 10'000'000'001, 0}, {PhaseKind::idle, 20'000'000'000, 30'000'000'000, 0}};
    session.caveats = {{"clock-step", Severity::note, "The clock stepped by 1 s.", "Nothing to do."}};
    return session;
}

TrialRecord a_trial(std::int64_t run_id, std::int64_t session_id, int index) {
    TrialRecord trial;
    trial.run_id = run_id;
    trial.session_id = session_id;
    trial.key = fmt::format("P{}/r{}", index % 19 + 1, index / 19);
    trial.prompt_id = fmt::format("P{}", index % 19 + 1);
    trial.repetition = index / 19;
    trial.begin_ns = 1'000'000'000'000 + 3'000'000'000 * std::int64_t{index} + 1;
    trial.end_ns = trial.begin_ns + 2'700'000'000;
    trial.n_prompt = 15 + index;
    trial.n_reused = index % 5;
    trial.n_gen = 64;
    trial.n_depth = index % 3;
    if (index % 4 == 1) {
        trial.image = {640 + index, 360, 300 + index, 1200, 235'200, 1 + index % 3};
    }
    trial.answer = std::string("An answer\0with a zero, \"quotes\" and \u20ac.", 40);
    trial.stop = "length";
    trial.grade = index % 7 == 6 ? Grade::C : index % 5 == 4 ? Grade::B : Grade::A;
    trial.phases = {{PhaseKind::prefill, trial.begin_ns, trial.begin_ns + 700'000'000, trial.n_prompt},
                    {PhaseKind::decode, trial.begin_ns + 700'000'000, trial.end_ns, 64}};
    if (trial.grade != Grade::A) {
        trial.caveats = {{"contended", Severity::spoiled, "Others used 40 % of a core.", "Stop them."},
                         {"steal", Severity::warning, "Steal.", "Move."}};
    }
    for (int i = 0; i < 16; ++i) {
        trial.figures[fmt::format("figure_{}_s", i)] = std::sqrt(2.0 + i + index) / 3.0;
    }
    trial.figures["zero"] = 0.0;
    trial.figures["minus_zero"] = -0.0;
    trial.figures["whole"] = 4.0;
    trial.figures["tiny"] = 5e-324;
    return trial;
}

Trace a_trace(std::mt19937_64& random, std::int64_t t0_ns, int n, double rate_hz) {
    Trace trace;
    const auto period_ns = 1e9 / rate_hz;
    std::map<std::string, std::vector<std::int64_t>> t_ns;
    for (const Walk& walk : walks()) {
        auto& times = t_ns[walk.channel.meter];
        // Each meter is read a little later than the one before, with the jitter of a busy machine.
        for (int i = 0; times.size() < static_cast<std::size_t>(n); ++i) {
            times.push_back(t0_ns + static_cast<std::int64_t>(i * period_ns + 1e5 * uniform(random)) +
                            static_cast<std::int64_t>(t_ns.size()) * 200'000);
        }
        Series series{walk.channel, times, {}};
        double value = static_cast<double>(walk.start);
        for (int i = 0; i < n; ++i) {
            double step = walk.step + walk.spread * std::round((uniform(random) - 0.5) * 2 * kSteps) / kSteps;
            step = walk.channel.kind == ChannelKind::counter ? std::max(0.0, step) : step;
            value += step;
            series.raw.push_back(static_cast<std::int64_t>(value));
        }
        trace.series.push_back(std::move(series));
    }
    return trace;
}

}  // namespace landauer::test
