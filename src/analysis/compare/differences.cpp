#include "analysis/compare/differences.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "analysis/stats.h"
#include "core/environment.h"

namespace landauer {
namespace {

// Facts that are the engine's state, not the machine's.
constexpr std::array<std::string_view, 2> kNotTheMachine = {"n_threads", "n_ctx"};
// Settings that follow from the model, or that change no cost.
constexpr std::array<std::string_view, 5> kNotASetting = {"n_ctx", "predicted_knee_px", "predicted_knee_tokens",
                                                          "contention_limit", "target_error"};
constexpr double kUnlikePrompts = 2.0;  // tokens of one over those of the other
constexpr double kUnlikeAnswers = 1.5;
constexpr double kNoticed = 1.02;
constexpr std::size_t kFewTurns = 4;

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

template <std::size_t N>
std::vector<std::string> listed(const Environment& a, const Environment& b,
                                const std::array<std::string_view, N>& left_out) {
    std::vector<std::string> out;
    for (const EnvironmentDifference& d : differences(a, b)) {
        if (!is_one_of(left_out, d.fact)) {
            out.push_back(
                fmt::format("{} {} against {}", d.fact, d.a.empty() ? "unknown" : d.a, d.b.empty() ? "unknown" : d.b));
        }
    }
    return out;
}

// Tokens of the text alone: another clamp is no other prompt.
double text_tokens(const TrialRecord& trial) { return static_cast<double>(trial.n_prompt - trial.image.n_tokens); }

// Median over pairs of candidate over base.
template <class Of>
double median_ratio(const RunAnalysis& base, const RunAnalysis& candidate, const Pairing& pairing, Of&& of) {
    std::vector<double> ratios;
    for (const TrialPair& pair : pairing.pairs) {
        const double a = of(base.data->trials[pair.base->index]);
        const double b = of(candidate.data->trials[pair.candidate->index]);
        if (a > 0.0 && b > 0.0) {
            ratios.push_back(b / a);
        }
    }
    return ratios.empty() ? 1.0 : median(ratios);
}

bool is_beyond(double ratio, double limit) { return ratio > limit || ratio < 1.0 / limit; }

void add_environment(const RunAnalysis& base, const RunAnalysis& candidate, std::vector<Caveat>& out) {
    if (base.data->sessions.empty() || candidate.data->sessions.empty()) {
        return;
    }
    const auto unlike = listed(base.data->sessions.front().session.environment,
                               candidate.data->sessions.front().session.environment, kNotTheMachine);
    if (!unlike.empty()) {
        out.push_back({"machines-differ", Severity::warning,
                       fmt::format("The two runs are of unlike machines or builds: {}.", fmt::join(unlike, "; ")),
                       "Measure both in one session: landauer compare BASE.gguf CANDIDATE.gguf."});
    }
}

void add_settings(const RunAnalysis& base, const RunAnalysis& candidate, std::vector<Caveat>& out) {
    const auto unlike = listed(base.data->run.settings, candidate.data->run.settings, kNotASetting);
    if (!unlike.empty()) {
        out.push_back({"settings-differ", Severity::warning,
                       fmt::format("The two runs have unlike settings: {}.", fmt::join(unlike, "; ")),
                       "Measure both with the same flags, unless the setting is what you compare."});
    }
    if (base.energy.covers != candidate.energy.covers || base.energy.provenance != candidate.energy.provenance) {
        out.push_back({"joules-differ", Severity::warning,
                       fmt::format("The joules of the two runs cover unlike things: {} ({}) against {} ({}).",
                                   base.energy.covers.empty() ? "nothing" : base.energy.covers, base.energy.provenance,
                                   candidate.energy.covers.empty() ? "nothing" : candidate.energy.covers,
                                   candidate.energy.provenance),
                       "Measure both with the same meter (--meter)."});
    }
}

Result<void> add_prompts(const RunAnalysis& base, const RunAnalysis& candidate, const Pairing& pairing,
                         std::vector<Caveat>& out) {
    const double prompts = median_ratio(base, candidate, pairing, text_tokens);
    const double answers =
        median_ratio(base, candidate, pairing, [](const TrialRecord& t) { return static_cast<double>(t.n_gen); });
    if (is_beyond(prompts, kUnlikePrompts) || is_beyond(answers, kUnlikeAnswers)) {
        return fail(ErrorKind::Invalid,
                    fmt::format("The runs did different work: with prompts of the same name the candidate read {:.2f} "
                                "and wrote {:.2f} times the base's tokens, so that pairing them means nothing.",
                                prompts, answers),
                    "Measure both with the same prompts and the same -n.");
    }
    if (base.data->run.prompts_json != candidate.data->run.prompts_json) {
        out.push_back({"prompts-differ", Severity::warning,
                       "The two runs were made with unlike prompt files; prompts of the same name were paired.",
                       "Measure both with the same --prompts FILE."});
    }
    if (is_beyond(prompts, kNoticed)) {
        out.push_back(
            {"tokens-differ", Severity::note,
             fmt::format("The same prompts are {:.3g} times as many tokens for the candidate: costs compare by "
                         "prompt, tokens a second and joules a token do not.",
                         prompts),
             "Judge by seconds, CPU seconds and Wh a prompt."});
    }
    if (is_beyond(answers, kNoticed)) {
        out.push_back({"answers-differ", Severity::note,
                       fmt::format("The candidate's answers have {:.3g} times the base's tokens.", answers),
                       "Leave out --stop-at-end to compare the cost of answers of one length."});
    }
    return {};
}

void add_turns(const Pairing& pairing, std::vector<Caveat>& out) {
    if (!pairing.interleaved()) {
        out.push_back({"not-interleaved", Severity::warning,
                       "The models ran one after the other, not in turns: a drift of the machine between them is not "
                       "in the intervals.",
                       "Let landauer compare measure both models in one session."});
    } else if (pairing.n_turns < kFewTurns) {
        out.push_back({"few-turns", Severity::note,
                       fmt::format("The models took turns {} times, so the intervals are wide.", pairing.n_turns),
                       "Give more repetitions (-r) or more --pieces."});
    }
    if (pairing.n_unpaired > 0) {
        out.push_back(
            {"unpaired-trials", Severity::note,
             fmt::format("{} valid trials have no partner in the other run and were left out.", pairing.n_unpaired),
             "Run the same command again: only what is missing is measured."});
    }
}

}  // namespace

bool is_difference(const Caveat& caveat) {
    static constexpr std::array<std::string_view, 4> kCodes = {"machines-differ", "settings-differ", "prompts-differ",
                                                               "joules-differ"};
    return is_one_of(kCodes, caveat.code);
}

Result<std::vector<Caveat>> differences_of(const RunAnalysis& base, const RunAnalysis& candidate,
                                           const Pairing& pairing) {
    std::vector<Caveat> out;
    add_environment(base, candidate, out);
    add_settings(base, candidate, out);
    if (auto prompts = add_prompts(base, candidate, pairing, out); !prompts) {
        return tl::unexpected(prompts.error());
    }
    add_turns(pairing, out);
    return out;
}

}  // namespace landauer
