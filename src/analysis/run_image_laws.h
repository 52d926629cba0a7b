// Law 2 of a run whose prompts are one picture at many sizes: one line a cost in a table.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "analysis/run_analysis.h"

namespace landauer {

[[nodiscard]] bool is_image_run(const RunData& data);

struct RunImageLaws {
    std::vector<Law2> laws;
    std::vector<Caveat> caveats;  // why laws are missing, and those of the laws, each once
};

[[nodiscard]] RunImageLaws fit_run_image_laws(const RunData& data, std::span<const TrialNet> nets,
                                              const AnalysisOptions& options);

// Runs of one model with one picture that differ in the clamp alone, fitted together: one rise, a knee each.
struct ClampLaws {
    std::vector<const RunAnalysis*> runs;  // in order of the clamp, narrowest first; not owned
    std::vector<JointLaw2> laws;           // seconds, encode_s, cpu_s, net_energy_j: where they can be fitted
    struct Unfitted {
        std::string y;
        std::string why;  // one sentence
    };
    std::vector<Unfitted> unfitted;  // and where not
};
[[nodiscard]] std::vector<ClampLaws> fit_clamp_laws(std::span<const RunAnalysis> runs, const AnalysisOptions& options);

// "--image-max-tokens 256", or "the projector's own" where none was set.
[[nodiscard]] std::string clamp_words(const RunRecord& run);

}  // namespace landauer
