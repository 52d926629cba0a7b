// Trials of two runs, paired by prompt and repetition, and the turns in which they were run.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "analysis/run_analysis.h"

namespace landauer {

struct TrialPair {
    const TrialNet* base = nullptr;
    const TrialNet* candidate = nullptr;
    std::string prompt_id;
    int repetition = 0;
    std::size_t turn = 0;    // pairs of one turn share what the machine did meanwhile
    std::size_t prompt = 0;  // number of the prompt
};

struct Pairing {
    std::vector<TrialPair> pairs;
    std::size_t n_turns = 0;
    std::size_t n_prompts = 0;
    int n_unpaired = 0;  // valid trials that only one of the runs has
    [[nodiscard]] bool interleaved() const { return n_turns > 1; }
    // What resamples whole: turns, or prompts where all pairs are of one turn.
    [[nodiscard]] std::size_t cluster(const TrialPair& pair) const { return interleaved() ? pair.turn : pair.prompt; }
};

// A turn: the longest stretch of time that pairs of one session cover without a break, from the first trial of each
// to its second. Pairs that lie in two sessions are of one turn for each two sessions.
[[nodiscard]] Pairing pair_trials(const RunAnalysis& base, const RunAnalysis& candidate);

}  // namespace landauer
