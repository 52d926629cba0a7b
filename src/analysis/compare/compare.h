// Two or more models on the same prompts: what each difference is, how sure it is, and one verdict a metric.
// Pure: everything is computed from analyses of runs and their scores.
#pragma once

#include <landauer/caveat.h>
#include <landauer/error.h>
#include <landauer/law_card.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/run_analysis.h"
#include "core/metrics.h"
#include "core/scores.h"

namespace landauer {

// One model as it enters a comparison. Nothing is owned.
struct Contender {
    std::string name;  // short, unlike the others'
    const RunAnalysis* run = nullptr;
    const RunScores* scores = nullptr;  // may be null
    const TextScore* text = nullptr;    // against the base (the base's own: perplexity alone); may be null
    std::optional<double> making_wh;    // energy its making took, where known
    bool is_control = false;            // a stock quantisation of the base with a candidate's bytes
};

enum class Verdict : unsigned char { better, worse, not_separated, equivalent };
[[nodiscard]] std::string_view name(Verdict verdict);

enum class EffectScale : unsigned char {
    ratio,       // candidate over base; 1 is no change
    difference,  // candidate less base; 0 is no change
};

struct Comparison {
    const Metric* metric = nullptr;
    EffectScale scale = EffectScale::ratio;
    Estimate base;       // mean over the paired prompts, in the metric's unit
    Estimate candidate;  // likewise
    Estimate effect;     // median over pairs (difference: mean); its interval is not adjusted for the number of metrics
    Interval ci90;       // what equivalence is judged by (TOST at 5 %)
    double p = 1.0;      // two-sided, that there is no effect
    double p_holm = 1.0;  // adjusted over the metrics of the same comparison
    Verdict verdict = Verdict::not_separated;
    int n_pairs = 0;  // trials of both models with the same prompt and repetition
    int n_prompts = 0;
    int n_turns = 0;  // stretches in which both models ran the same prompts one after the other; 1: not interleaved
};

// A prompt of a pair: both answers with what they scored.
struct AnswerPair {
    std::string prompt_id;
    double base = 0.0;  // similarity, mean over repetitions; not a number: not scored
    double candidate = 0.0;
    std::string base_answer;  // of the first repetition
    std::string candidate_answer;
    std::string base_defect;
    std::string candidate_defect;
    bool is_outlier = false;  // left out of the trimmed accuracy, for both
    std::string why;          // "base 12.1 is below 31.0", the fence it fell beyond
};

struct Accuracy {
    Comparison raw;
    std::optional<Comparison> trimmed;  // outliers of either model left out of both (Tukey's fences, 1.5 IQR)
    std::vector<AnswerPair> answers;    // in ladder order
    int n_unscored = 0;                 // prompts without a reference
    // Answers with a defect: base and candidate.
    int n_defects_base = 0;
    int n_defects_candidate = 0;
};

// Candidate against base.
struct PairComparison {
    std::size_t candidate = 0;         // index into ModelComparison::contenders
    std::vector<Comparison> costs;     // in the order of the metric table
    std::optional<Accuracy> accuracy;  // cosine similarity x 100
    std::vector<Comparison> quality;   // exact match, keyword recall, perplexity, KL, same top token: where known
    std::vector<Caveat> caveats;       // what makes this pair less than it seems
    std::optional<double>
        break_even_prompts;  // prompts until the candidate's making is paid back; none: unknown or never
    [[nodiscard]] const Comparison* cost(std::string_view metric) const;
};

struct ParetoPoint {
    std::size_t contender = 0;
    Estimate cost;      // a prompt, in cost_metric's unit
    Estimate accuracy;  // similarity, else exact match x 100
    bool on_front = false;
};

struct ModelComparison {
    std::vector<Contender> contenders;    // base first
    std::vector<PairComparison> pairs;    // one a candidate, in order
    const Metric* cost_metric = nullptr;  // of the Pareto front: Wh where all have joules, else CPU seconds
    std::vector<ParetoPoint> pareto;      // empty without an accuracy
    std::vector<Caveat> caveats;
};

struct CompareOptions {
    double margin = 0.02;          // relative; costs within it are equivalent
    double margin_accuracy = 2.0;  // points
    int bootstrap = 10000;
    std::uint32_t seed = 1;
    bool strict = false;  // differences of machine, settings or prompts are refused
};

// Invalid: fewer than two contenders; no prompt in common; token counts so unlike that pairs mean nothing.
// Refused under `strict`: machine, settings or prompts differ.
[[nodiscard]] Result<ModelComparison> compare_models(std::vector<Contender> contenders, const CompareOptions& options);

}  // namespace landauer
