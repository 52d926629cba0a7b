// What the verdict page says, before any format. Every text is clean; formats only escape and lay out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/compare/report.h"
#include "report/document.h"

namespace landauer {

// One metric of a pair: a line of the table of costs or of quality.
struct EffectRow {
    const Comparison* comparison = nullptr;
    std::string header;     // "time (s)"
    std::string base;       // "2.31 [2.30, 2.33]"
    std::string candidate;  // likewise
    std::string effect;     // "0.424× [0.418, 0.430]"; a difference carries its sign
    std::string p_holm;
    std::string verdict;  // "better", "not separated"
    std::string words;    // "2.36 [2.32, 2.39] times as fast"
};

// A line of the paper's table: ours, and what was published beside it. "no energy meter" where joules are missing.
struct PaperRow {
    std::string name;
    std::string base;
    std::string candidate;
    std::string change;
    std::string published;  // "0.34 -> 0.13", "-60.5 %"; empty: not published or no pair asked for
};

struct AnswerRow {
    std::string prompt;
    std::string base_score;
    std::string candidate_score;
    std::string base;
    std::string candidate;
    std::string base_defect;
    std::string candidate_defect;
    std::string outlier;  // why it is left out of the trimmed accuracy; else empty
};

struct UseRow {
    std::string name;
    std::string kwh;
    std::string price;
    std::string co2;
    std::string prompts_per_charge;
};

struct GateRow {
    std::string gate;
    std::string candidate;
    std::string change;
    std::string outcome;  // "passed", "failed", "beyond the limit, but not certainly"
    bool failed = false;
};

struct PairDocument {
    std::string base;
    std::string candidate;
    bool is_control = false;
    std::string verdict;  // the sentence
    std::string pairing;  // "19 prompts, 38 pairs, in 6 turns"
    std::vector<EffectRow> costs;
    std::vector<EffectRow> quality;  // accuracy first
    std::vector<PaperRow> paper;
    std::vector<AnswerRow> answers;
    std::string break_even;  // may be empty
    std::vector<Caveat> caveats;
};

struct CompareDocument {
    std::string title;
    std::string subtitle;
    std::string notice;  // what must be known before any figure is read
    std::string rules;   // how the verdicts were come by
    std::string energy;  // what the joules cover, or that there are none
    std::vector<PairDocument> pairs;
    std::string paper_source;  // of the published column; empty: none
    std::vector<UseRow> use;
    std::string use_words;  // what was assumed
    std::vector<GateRow> gates;
    std::string pareto;  // who is on the front, one sentence; empty without an accuracy
    std::vector<std::string> notes;
    std::vector<Caveat> caveats;  // of the comparison and of its runs
    std::vector<std::vector<Fact>> models;
    std::vector<std::string> commands;
};

[[nodiscard]] CompareDocument make_compare_document(const CompareReport& report);

// The parts, each in a file of its own.
[[nodiscard]] std::string verdict_sentence(const ModelComparison& comparison, const PairComparison& pair,
                                           const CompareOptions& options);
[[nodiscard]] EffectRow effect_row(const Comparison& comparison, const CompareOptions& options);
[[nodiscard]] std::vector<PaperRow> paper_rows(const ModelComparison& comparison, const PairComparison& pair,
                                               const PublishedPair* published);

// "better", "worse", "not separated", "equivalent".
[[nodiscard]] std::string_view verdict_word(Verdict verdict);
// "190 J" of "190 J [186, 194]": where the effect beside it carries the interval that matters.
[[nodiscard]] std::string without_interval(std::string_view text);
// What the effect is in words; without a verdict's colour: "57.6 % [57.0, 58.2] less".
[[nodiscard]] std::string effect_words(const Comparison& comparison, const CompareOptions& options);
[[nodiscard]] const Comparison* find_cost(const PairComparison& pair, std::string_view metric);
[[nodiscard]] std::string contender_name(const ModelComparison& comparison, std::size_t index);
// "+1.2 [0.3, 2.1]"; a negative one carries its own sign.
[[nodiscard]] std::string signed_text(const Estimate& estimate, int digits);
// "0.424× [0.418, 0.430]".
[[nodiscard]] std::string ratio_text(const Estimate& ratio);
// 1 / ratio, with its interval turned round.
[[nodiscard]] Estimate inverse(const Estimate& ratio);
// (ratio - 1) in percent.
[[nodiscard]] Estimate percent_change(const Estimate& ratio);

}  // namespace landauer
