// The laws that are fitted to every run: one line each in a table.
#pragma once

#include <span>
#include <vector>

#include "analysis/run_analysis.h"

namespace landauer {

struct RunLaws {
    std::vector<Law1> laws;
    std::vector<Caveat> caveats;  // why laws are missing, and those of the laws, each once
};

// Over valid trials of at most one cache depth (0); x is the tokens really processed.
[[nodiscard]] RunLaws fit_run_laws(const RunData& data, std::span<const TrialNet> nets, const AnalysisOptions& options);

}  // namespace landauer
