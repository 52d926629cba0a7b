// Runs as an analysis gives them, with planted costs: models that take turns on a machine that drifts.
#pragma once

#include <cmath>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "analysis/compare/compare.h"

namespace landauer::test {

struct Duel {
    double effect = 1.0;  // candidate's time over the base's
    double noise = 0.02;  // relative sd of a trial
    double drift = 0.0;   // relative sd of a turn: what the machine does to both models meanwhile, each its own
    int n_prompts = 19;
    int n_repetitions = 2;
    int pieces = 4;  // of a repetition
    bool one_session = true;
    std::uint64_t seed = 1;
};

// Owns what the analyses point into.
struct DuelData {
    std::deque<RunData> data;
    std::deque<RunAnalysis> runs;
    std::deque<RunScores> scores;
    [[nodiscard]] std::vector<Contender> contenders() const {
        std::vector<Contender> out;
        for (std::size_t i = 0; i < runs.size(); ++i) {
            out.push_back({i == 0 ? "base" : "candidate", &runs[i], i < scores.size() ? &scores[i] : nullptr, nullptr,
                           std::nullopt, false});
        }
        return out;
    }
};

namespace detail {

inline void add_trial(DuelData& duel, int run, int prompt, int repetition, double seconds, std::int64_t& now_ns) {
    TrialRecord trial;
    trial.id = static_cast<std::int64_t>(duel.data[0].trials.size() + duel.data[1].trials.size() + 1);
    trial.session_id = run == 1 && duel.data[1].sessions.front().session.id == 2 ? 2 : 1;
    trial.prompt_id = "P" + std::to_string(prompt + 1);
    trial.repetition = repetition;
    trial.n_prompt = 15 + 80 * prompt;
    trial.n_gen = 64;
    trial.answer = "answer";
    trial.begin_ns = now_ns;
    now_ns += static_cast<std::int64_t>(seconds * 1e9);
    trial.end_ns = now_ns;
    now_ns += 1000;
    auto& data = duel.data[static_cast<std::size_t>(run)];
    TrialNet net;
    net.trial_id = trial.id;
    net.index = data.trials.size();
    net.figures = {{"seconds", seconds}, {"cpu_s", seconds * 0.9}, {"rss_peak_bytes", 1e9}, {"wh", seconds / 360.0}};
    data.trials.push_back(std::move(trial));
    duel.runs[static_cast<std::size_t>(run)].trials.push_back(std::move(net));
}

inline void add_prompts(RunAnalysis& run, int n_prompts) {
    for (int prompt = 0; prompt < n_prompts; ++prompt) {
        PromptFigures figures;
        figures.prompt_id = "P" + std::to_string(prompt + 1);
        std::map<std::string, double> sums;
        for (const TrialNet& net : run.trials) {
            if (run.data->trials[net.index].prompt_id == figures.prompt_id) {
                ++figures.n_valid;
                for (const auto& [metric, value] : net.figures) sums[metric] += value;
            }
        }
        for (const auto& [metric, sum] : sums) {
            const double value = sum / figures.n_valid;
            figures.figures[metric] = {value, {value * 0.99, value * 1.01}};
        }
        run.prompts.push_back(std::move(figures));
    }
}

}  // namespace detail

inline DuelData make_duel(const Duel& plan) {
    DuelData duel;
    std::mt19937_64 random(plan.seed);
    std::normal_distribution<double> normal;
    for (int run = 0; run < 2; ++run) {
        RunData data;
        SessionData session;
        session.session.id = run == 1 && !plan.one_session ? 2 : 1;
        data.sessions.push_back(session);
        duel.data.push_back(data);
        duel.runs.emplace_back();
    }
    for (std::size_t run = 0; run < 2; ++run) {
        duel.runs[run].data = &duel.data[run];
    }
    std::int64_t now_ns = 1'000'000'000;
    int turn = 0;
    for (int repetition = 0; repetition < plan.n_repetitions; ++repetition) {
        for (int piece = 0; piece < plan.pieces; ++piece, ++turn) {
            for (int i = 0; i < 2; ++i) {
                const int run = turn % 2 == 0 ? i : 1 - i;
                const double level = std::exp(plan.drift * normal(random));
                for (int prompt = piece; prompt < plan.n_prompts; prompt += plan.pieces) {
                    const double cost = (0.3 + 0.1 * prompt) * (run == 1 ? plan.effect : 1.0);
                    detail::add_trial(duel, run, prompt, repetition,
                                      cost * level * std::exp(plan.noise * normal(random)), now_ns);
                }
            }
        }
    }
    for (RunAnalysis& run : duel.runs) {
        detail::add_prompts(run, plan.n_prompts);
    }
    return duel;
}

// Similarities by prompt for both models: base + shift each.
inline void add_scores(DuelData& duel, double base, double shift, double noise, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    for (std::size_t run = 0; run < 2; ++run) {
        RunScores scores;
        scores.references_sha256 = "r";
        scores.embedder_sha256 = "e";
        for (const TrialRecord& trial : duel.data[run].trials) {
            if (trial.repetition != 0) continue;
            AnswerScore score;
            score.trial_id = trial.id;
            score.prompt_id = trial.prompt_id;
            score.similarity = base + (run == 1 ? shift : 0.0) + noise * normal(random);
            scores.answers.push_back(score);
        }
        duel.scores.push_back(std::move(scores));
    }
}

}  // namespace landauer::test
