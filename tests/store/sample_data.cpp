#include "sample_data.h"

#include <bit>
#include <sstream>

namespace landauer::test {
std::int64_t store_a_run(Store& store, const RunRecord& run, int n, std::uint64_t seed,
                         const std::string& started_utc) {
    std::mt19937_64 random(seed);
    const RunRecord added = must(store.add_run(run));
    const std::int64_t session = must(store.begin_session(a_session(started_utc)));
    must(store.commit_load(session, added.id, {PhaseKind::load, 5, 900, 0}));
    for (int i = 0; i < n; ++i) {
        must(store.commit_trial(a_trial(added.id, session, i),
                                a_trace(random, 1'000'000'000'000 + 3'000'000'000 * std::int64_t{i}, 15)));
    }
    return added.id;
}

bool same_bits(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }

void expect_same(const Trace& a, const Trace& b) {
    ASSERT_EQ(a.series.size(), b.series.size());
    for (std::size_t i = 0; i < a.series.size(); ++i) {
        EXPECT_EQ(a.series[i].channel, b.series[i].channel);
        EXPECT_EQ(a.series[i].t_ns, b.series[i].t_ns);
        EXPECT_EQ(a.series[i].raw, b.series[i].raw);
    }
}

namespace {

void expect_same(const TrialRecord& a, const TrialRecord& b) {
    const auto fields = [](const TrialRecord& t) {
        return std::tie(t.key, t.prompt_id, t.repetition, t.attempt, t.begin_ns, t.end_ns, t.n_prompt, t.n_reused,
                        t.n_gen, t.n_depth, t.answer, t.stop, t.grade, t.phases, t.caveats);
    };
    EXPECT_TRUE(fields(a) == fields(b)) << a.key;
    ASSERT_EQ(a.figures.size(), b.figures.size());
    for (const auto& [metric, value] : a.figures) {
        ASSERT_TRUE(b.figures.contains(metric)) << metric;
        EXPECT_TRUE(same_bits(value, b.figures.at(metric))) << metric << " " << value << " " << b.figures.at(metric);
    }
}

void expect_same(const SessionRecord& a, const SessionRecord& b) {
    const auto fields = [](const SessionRecord& s) {
        return std::tie(s.started_utc, s.started_ns, s.ended_utc, s.command, s.version, s.environment, s.rate_hz,
                        s.idle, s.caveats, s.uuid);
    };
    EXPECT_TRUE(fields(a) == fields(b)) << a.uuid << " " << b.uuid;
    const auto sampler = [](const SamplerStats& s) {
        return std::tie(s.ticks, s.missed_deadlines, s.dropped_ticks, s.read_errors, s.cpu_s, s.wall_s, s.jitter_p50_us,
                        s.jitter_p99_us, s.jitter_max_us, s.largest_gap_s, s.clock_step_s, s.suspended_s);
    };
    EXPECT_TRUE(sampler(a.sampler) == sampler(b.sampler));
}

}  // namespace

void expect_same(const RunData& a, const RunData& b) {
    const auto run_fields = [](const RunRecord& r) {
        return std::tie(r.plan_hash, r.protocol, r.label, r.created_utc, r.settings, r.command, r.prompts_json, r.uuid,
                        r.model.path, r.model.sha256, r.model.name, r.model.type, r.model.size_bytes, r.model.n_params,
                        r.model.metadata);
    };
    EXPECT_TRUE(run_fields(a.run) == run_fields(b.run));
    ASSERT_EQ(a.trials.size(), b.trials.size());
    for (std::size_t i = 0; i < a.trials.size(); ++i) {
        expect_same(a.trials[i], b.trials[i]);
    }
    ASSERT_EQ(a.sessions.size(), b.sessions.size());
    for (std::size_t i = 0; i < a.sessions.size(); ++i) {
        expect_same(a.sessions[i].session, b.sessions[i].session);
        EXPECT_EQ(a.sessions[i].loads, b.sessions[i].loads);
        expect_same(a.sessions[i].trace, b.sessions[i].trace);
    }
}

void write_file(const std::filesystem::path& file, const std::string& content) {
    std::ofstream(file, std::ios::binary) << content;
}

std::string read_file(const std::filesystem::path& file) {
    std::ostringstream out;
    out << std::ifstream(file, std::ios::binary).rdbuf();
    return out.str();
}

}  // namespace landauer::test
