#include "analysis/compare/accuracy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <random>
#include <string>
#include <utility>

#include "analysis/compare/cluster_bootstrap.h"
#include "analysis/compare/verdict.h"
#include "analysis/stats.h"

namespace landauer {
namespace {

constexpr double kFence = 1.5;  // interquartile ranges beyond the quartiles (Tukey)
constexpr double kZ95 = 1.959963984540054;
constexpr double kZ90 = 1.644853626951473;

// A score of an answer; empty where it has none.
using ScoreOf = std::function<std::optional<double>(const AnswerScore&)>;

std::optional<double> similarity_of(const AnswerScore& score) {
    return std::isnan(score.similarity) ? std::nullopt : std::optional(score.similarity);
}

std::map<std::string, double> prompt_means(const RunScores& scores, const ScoreOf& score_of) {
    std::map<std::string, std::pair<double, int>> sums;
    for (const AnswerScore& answer : scores.answers) {
        if (const auto score = score_of(answer)) {
            sums[answer.prompt_id].first += *score;
            ++sums[answer.prompt_id].second;
        }
    }
    std::map<std::string, double> out;
    for (const auto& [prompt, sum] : sums) {
        out[prompt] = sum.first / sum.second;
    }
    return out;
}

struct PairedScores {
    std::vector<std::string> prompts;
    std::vector<double> base;
    std::vector<double> candidate;
};

PairedScores paired(const Contender& base, const Contender& candidate, const ScoreOf& score_of) {
    PairedScores out;
    const auto ours = prompt_means(*base.scores, score_of);
    const auto theirs = prompt_means(*candidate.scores, score_of);
    for (const auto& [prompt, value] : ours) {
        if (const auto found = theirs.find(prompt); found != theirs.end()) {
            out.prompts.push_back(prompt);
            out.base.push_back(value);
            out.candidate.push_back(found->second);
        }
    }
    return out;
}

std::vector<std::size_t> each_its_own(std::size_t n) {
    std::vector<std::size_t> out(n);
    std::iota(out.begin(), out.end(), std::size_t{0});
    return out;
}

Estimate mean_over_prompts(std::span<const double> values, const CompareOptions& options, std::uint32_t stream) {
    std::mt19937_64 random = random_stream(options.seed, 12, stream);
    const Clustered c = clustered_centre(values, each_its_own(values.size()), Centre::mean, options.bootstrap, random);
    return {c.value, c.ci95};
}

Comparison difference(const Metric& metric, const PairedScores& scores, const CompareOptions& options,
                      std::uint32_t stream) {
    std::vector<double> differences(scores.base.size());
    std::transform(scores.candidate.begin(), scores.candidate.end(), scores.base.begin(), differences.begin(),
                   std::minus<>());
    std::mt19937_64 random = random_stream(options.seed, 13, stream);
    Comparison out = comparison_of(
        metric, EffectScale::difference,
        clustered_centre(differences, each_its_own(differences.size()), Centre::mean, options.bootstrap, random));
    out.base = mean_over_prompts(scores.base, options, stream);
    out.candidate = mean_over_prompts(scores.candidate, options, stream);
    out.n_pairs = out.n_prompts = static_cast<int>(differences.size());
    out.n_turns = out.n_prompts;  // an answer does not depend on when it was given
    return out;
}

struct Fences {
    double low = 0.0;
    double high = 0.0;
};

Fences fences_of(std::span<const double> values) {
    const double q1 = quantile(values, 0.25);
    const double q3 = quantile(values, 0.75);
    return {q1 - kFence * (q3 - q1), q3 + kFence * (q3 - q1)};
}

// Why a value is an outlier; empty: it is none.
std::string beyond(const char* who, double value, const Fences& fences) {
    if (value < fences.low) {
        return fmt::format("{} {:.1f} is below {:.1f}", who, value, fences.low);
    }
    return value > fences.high ? fmt::format("{} {:.1f} is above {:.1f}", who, value, fences.high) : std::string();
}

std::map<std::string, std::string> outliers(const PairedScores& scores) {
    std::map<std::string, std::string> out;
    const Fences base = fences_of(scores.base);
    const Fences candidate = fences_of(scores.candidate);
    for (std::size_t i = 0; i < scores.prompts.size(); ++i) {
        std::string why = beyond("base", scores.base[i], base);
        const std::string also = beyond("candidate", scores.candidate[i], candidate);
        why += (why.empty() || also.empty() ? "" : ", ") + also;
        if (!why.empty()) {
            out.emplace(scores.prompts[i], std::move(why));
        }
    }
    return out;
}

PairedScores without(const PairedScores& scores, const std::map<std::string, std::string>& left_out) {
    PairedScores out;
    for (std::size_t i = 0; i < scores.prompts.size(); ++i) {
        if (!left_out.contains(scores.prompts[i])) {
            out.prompts.push_back(scores.prompts[i]);
            out.base.push_back(scores.base[i]);
            out.candidate.push_back(scores.candidate[i]);
        }
    }
    return out;
}

// The answer of a prompt's first repetition, and its defect.
struct Shown {
    std::string answer;
    std::string defect;
};

std::map<std::string, Shown> shown_answers(const Contender& contender) {
    std::map<std::string, Shown> out;
    std::map<std::int64_t, const TrialRecord*> trials;
    for (const TrialRecord& trial : contender.run->data->trials) {
        trials[trial.id] = &trial;
    }
    std::map<std::string, int> repetition;
    for (const AnswerScore& score : contender.scores->answers) {
        const auto trial = trials.find(score.trial_id);
        const auto known = repetition.find(score.prompt_id);
        if (trial == trials.end() || (known != repetition.end() && known->second <= score.repetition)) {
            continue;
        }
        repetition[score.prompt_id] = score.repetition;
        out[score.prompt_id] = {trial->second->answer, score.defect};
    }
    return out;
}

std::vector<AnswerPair> answer_pairs(const Contender& base, const Contender& candidate, const PairedScores& scores,
                                     const std::map<std::string, std::string>& left_out) {
    const auto ours = shown_answers(base);
    const auto theirs = shown_answers(candidate);
    std::vector<AnswerPair> out;
    for (const PromptFigures& prompt : base.run->prompts) {
        const auto a = ours.find(prompt.prompt_id);
        const auto b = theirs.find(prompt.prompt_id);
        if (a == ours.end() || b == theirs.end()) {
            continue;
        }
        const double none = std::numeric_limits<double>::quiet_NaN();
        AnswerPair pair{prompt.prompt_id, none,  none, a->second.answer, b->second.answer, a->second.defect,
                        b->second.defect, false, {}};
        const auto place = std::find(scores.prompts.begin(), scores.prompts.end(), prompt.prompt_id);
        if (place != scores.prompts.end()) {
            const auto i = static_cast<std::size_t>(place - scores.prompts.begin());
            pair.base = scores.base[i];
            pair.candidate = scores.candidate[i];
        }
        if (const auto why = left_out.find(prompt.prompt_id); why != left_out.end()) {
            pair.is_outlier = true;
            pair.why = why->second;
        }
        out.push_back(std::move(pair));
    }
    return out;
}

int n_defects(const RunScores& scores) {
    return static_cast<int>(std::count_if(scores.answers.begin(), scores.answers.end(),
                                          [](const AnswerScore& a) { return !a.defect.empty(); }));
}

// Figures of a text are paired by token already: their interval is taken as it comes, and a p with it.
Comparison of_text(const char* metric, EffectScale scale, const Estimate& effect) {
    const double error = (effect.ci95.high - effect.ci95.low) / (2.0 * kZ95);
    Clustered clustered;
    clustered.value = effect.value;
    clustered.ci95 = effect.ci95;
    clustered.ci90 = {effect.value - kZ90 * error, effect.value + kZ90 * error};
    clustered.p =
        error > 0.0 ? std::erfc(std::abs(effect.value) / error / std::sqrt(2.0)) : (effect.value == 0.0 ? 1.0 : 0.0);
    return comparison_of(*find_metric(metric), scale, clustered);
}

// Perplexity, and how far the candidate is from the base on the same tokens.
std::vector<Comparison> compare_text(const Contender& base, const Contender& candidate) {
    std::vector<Comparison> out;
    if (base.text == nullptr || candidate.text == nullptr) {
        return out;
    }
    const TextScore& text = *candidate.text;
    if (text.ln_ppl_ratio) {
        out.push_back(of_text("perplexity", EffectScale::ratio, *text.ln_ppl_ratio));
        out.back().base = base.text->perplexity;
        out.back().candidate = text.perplexity;
    }
    if (text.kl_mean) {
        out.push_back(of_text("kl_mean", EffectScale::difference, *text.kl_mean));
        out.back().candidate = *text.kl_mean;
    }
    if (text.same_top) {
        const Estimate& same = *text.same_top;
        out.push_back(of_text("same_top", EffectScale::difference,
                              {same.value - 1.0, {same.ci95.low - 1.0, same.ci95.high - 1.0}}));
        out.back().base = {1.0, {1.0, 1.0}};
        out.back().candidate = same;
    }
    for (Comparison& one : out) {
        one.n_pairs = static_cast<int>(text.n_tokens);
        one.n_prompts = one.n_turns = 1;
    }
    return out;
}

}  // namespace

std::map<std::string, double> similarity_by_prompt(const RunScores& scores) {
    return prompt_means(scores, similarity_of);
}

std::optional<Estimate> accuracy_of(const RunScores& scores, const CompareOptions& options) {
    const auto means = prompt_means(scores, similarity_of);
    if (means.empty()) {
        return std::nullopt;
    }
    std::vector<double> values;
    values.reserve(means.size());
    std::transform(means.begin(), means.end(), std::back_inserter(values), [](const auto& m) { return m.second; });
    return mean_over_prompts(values, options, 1);
}

std::optional<Accuracy> compare_accuracy(const Contender& base, const Contender& candidate,
                                         const CompareOptions& options) {
    if (base.scores == nullptr || candidate.scores == nullptr) {
        return std::nullopt;
    }
    const PairedScores scores = paired(base, candidate, similarity_of);
    if (scores.prompts.empty()) {
        return std::nullopt;
    }
    Accuracy out;
    const Metric& metric = *find_metric("similarity");
    out.raw = difference(metric, scores, options, 1);
    const auto left_out = outliers(scores);
    if (!left_out.empty() && left_out.size() < scores.prompts.size()) {
        out.trimmed = difference(metric, without(scores, left_out), options, 2);
    }
    out.answers = answer_pairs(base, candidate, scores, left_out);
    out.n_unscored = std::max(base.scores->n_without_reference, candidate.scores->n_without_reference);
    out.n_defects_base = n_defects(*base.scores);
    out.n_defects_candidate = n_defects(*candidate.scores);
    return out;
}

std::vector<Comparison> compare_quality(const Contender& base, const Contender& candidate,
                                        const CompareOptions& options) {
    std::vector<Comparison> out;
    if (base.scores != nullptr && candidate.scores != nullptr) {
        const std::pair<const char*, ScoreOf> shares[] = {
            {"exact_match", [](const AnswerScore& a) { return a.exact_match; }},
            {"keyword_recall", [](const AnswerScore& a) { return a.keyword_recall; }}};
        std::uint32_t stream = 3;
        for (const auto& [metric, score_of] : shares) {
            const PairedScores scores = paired(base, candidate, score_of);
            if (!scores.prompts.empty()) {
                out.push_back(difference(*find_metric(metric), scores, options, stream));
            }
            ++stream;
        }
    }
    const std::vector<Comparison> text = compare_text(base, candidate);
    out.insert(out.end(), text.begin(), text.end());
    return out;
}

}  // namespace landauer
