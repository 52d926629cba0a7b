// What answers and models are worth: the records that flow from scoring through store and analysis to report.
#pragma once

#include <landauer/caveat.h>
#include <landauer/law_card.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace landauer {

// One stored answer against its references.
struct AnswerScore {
    std::int64_t trial_id = 0;
    std::string prompt_id;
    int repetition = 0;
    // Cosine x 100 of the sentence embeddings (arXiv 2512.16531, accuracy); 0 for an empty answer; not a number
    // where there is no reference.
    double similarity = std::numeric_limits<double>::quiet_NaN();
    std::optional<double> exact_match;     // 0 or 1, where the prompt carries an expected answer
    std::optional<double> keyword_recall;  // 0 to 1, likewise
    std::string defect;                    // "", "empty", "loop", "cut-off"
    friend bool operator==(const AnswerScore&, const AnswerScore&) = default;
};

// All answers of a run, scored alike.
struct RunScores {
    std::int64_t run_id = 0;
    std::string references;         // in words: by whom, when, how many
    std::string references_sha256;  // runs compare only when it is the same
    std::string embedder;           // name; empty: no similarity was computed
    std::string embedder_sha256;
    std::string rule;  // over several references of a prompt: "best" or "mean"
    std::vector<AnswerScore> answers;
    int n_without_reference = 0;  // prompts
    std::vector<Caveat> caveats;  // sentences left out, references missing, ...
    friend bool operator==(const RunScores&, const RunScores&) = default;
};

// A model on a text, alone and against the base model on the same tokens.
struct TextScore {
    std::string model_sha256;
    std::string base_sha256;  // empty: perplexity alone
    std::string text_sha256;
    std::int32_t n_ctx = 0;
    std::int64_t n_tokens = 0;  // scored
    Estimate perplexity;
    // Against the base; present all together.
    std::optional<Estimate> ln_ppl_ratio;  // mean of ln(PPL model / PPL base), paired by token
    std::optional<Estimate> kl_mean;       // nats a token, KL(base || model)
    std::optional<double> kl_p99;
    std::optional<Estimate> same_top;  // fraction of tokens whose most likely next one is the base's
    friend bool operator==(const TextScore&, const TextScore&) = default;
};

}  // namespace landauer
