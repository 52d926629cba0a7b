// A whole run as the store would give it, with planted costs: one session of a ladder on a
// machine that idles at 12 W and 2 % of a core.
#pragma once

#include "traces.h"

namespace landauer::test {

struct Plant {
    int n_prompts = 19;
    int n_repetitions = 3;
    double noise = 0.01;  // relative, of each trial's time
    double idle_s = 10;
    double pause_s = 1.5;  // between trials
    double rate_hz = 5;
    double busy_w = 20;  // above idle, while a trial runs
    double idle_w = 12;
    double cores = 1.5;
    bool energy = true;
    std::uint64_t seed = 1;
    std::int64_t session_id = 7;
    double first_s = 5;  // of the session's clock
    [[nodiscard]] static double seconds(double n_in) { return 0.3 + 0.002 * n_in; }
};

// Utilisation (cores) and power as steps over time, summed up for counters.
class Steps {
   public:
    explicit Steps(double base) : base_(base) {}
    void add(double from_s, double to_s, double level) {
        steps_.push_back({from_s, to_s, level, sum_}), sum_ += (to_s - from_s) * level;
    }
    // Integral from 0; t_s is asked in any order.
    [[nodiscard]] double until(double t_s) const {
        const auto after =
            std::upper_bound(steps_.begin(), steps_.end(), t_s, [](double t, const Step& s) { return t < s.from; });
        if (after == steps_.begin()) {
            return base_ * t_s;
        }
        const Step& last = *(after - 1);
        return base_ * t_s + last.before + (std::min(t_s, last.to) - last.from) * last.level;
    }

   private:
    struct Step {
        double from, to, level, before;
    };
    double base_;
    double sum_ = 0.0;
    std::vector<Step> steps_;
};

inline TrialRecord planted_trial(const Plant& plant, int prompt, int repetition, double begin_s,
                                 std::mt19937_64& random) {
    TrialRecord t;
    t.session_id = plant.session_id;
    t.prompt_id = "P" + std::to_string(prompt + 1);
    t.key = t.prompt_id + "/r" + std::to_string(repetition);
    t.repetition = repetition;
    t.n_prompt = 15 + std::llround(82.5 * prompt);
    t.n_gen = 64;
    const double seconds = Plant::seconds(static_cast<double>(t.n_prompt)) * (1 + plant.noise * normal(random));
    t.begin_ns = ns(begin_s);
    t.end_ns = ns(begin_s + seconds);
    const std::int64_t turn = ns(begin_s + 0.6 * seconds);
    t.phases = {{PhaseKind::prefill, t.begin_ns, turn, t.n_prompt}, {PhaseKind::decode, turn, t.end_ns, t.n_gen}};
    return t;
}

inline std::string ladder_jsonl(int n) {
    std::string out;
    for (int i = 0; i < n; ++i) {
        out += R"({"id":"P)" + std::to_string(i + 1) + R"(","text":"x"})" + "\n";
    }
    return out;
}

inline RunData planted_run(const Plant& plant = {}) {
    std::mt19937_64 random(plant.seed);
    RunData data;
    data.run.model.name = "planted";
    data.run.prompts_json = ladder_jsonl(plant.n_prompts);
    SessionData session;
    session.session.id = plant.session_id;
    session.session.rate_hz = plant.rate_hz;
    session.session.environment = {{"cpu_model", "Test CPU"}, {"llama_commit", "abc"}};
    Steps own(0.0005);
    Steps machine(0.02);
    Steps power(plant.idle_w);
    std::vector<double> edges;
    double now = plant.first_s;
    const auto idle = [&] {
        session.session.idle.push_back({PhaseKind::idle, ns(now), ns(now + plant.idle_s), 0});
        now += plant.idle_s;
    };
    idle();
    session.loads.push_back({PhaseKind::load, ns(now), ns(now + 1), 0});
    const double loaded_s = now + 0.05;
    now += 1;
    idle();
    now += 1;
    for (int repetition = 0; repetition < plant.n_repetitions; ++repetition) {
        for (int prompt = 0; prompt < plant.n_prompts; ++prompt) {
            const TrialRecord t = planted_trial(plant, prompt, repetition, now, random);
            const double end_s = static_cast<double>(t.end_ns) * 1e-9;
            own.add(now, end_s, plant.cores);
            machine.add(now, end_s, plant.cores);
            power.add(now, end_s, plant.busy_w);
            edges.insert(edges.end(), {now, static_cast<double>(t.phases[0].end_ns) * 1e-9, end_s});
            data.trials.push_back(t);
            data.trials.back().id = static_cast<std::int64_t>(data.trials.size());
            now = end_s + plant.pause_s;
        }
    }
    idle();
    std::vector<double> at = grid(plant.first_s - 1, now + 1, 1.0 / plant.rate_hz);
    at.insert(at.end(), edges.begin(), edges.end());
    std::sort(at.begin(), at.end());
    at.erase(std::unique(at.begin(), at.end(), [](double a, double b) { return ns(a) == ns(b); }), at.end());
    session.trace.series.push_back(sample(process_cpu(), at, [&](double t) { return own.until(t); }));
    session.trace.series.push_back(sample(busy(), at, [&](double t) { return machine.until(t); }));
    const double gib = 1024.0 * 1024.0 * 1024.0;
    session.trace.series.push_back(sample(rss(), at, [&](double t) { return t < loaded_s ? 0.25 * gib : 1.25 * gib; }));
    if (plant.energy) {
        session.trace.series.push_back(sample(package(262'143'328'850), at, [&](double t) { return power.until(t); }));
    }
    data.sessions.push_back(std::move(session));
    return data;
}

}  // namespace landauer::test
