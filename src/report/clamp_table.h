// Runs that differ in the clamp alone, side by side: where each knee was predicted and where it was found.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "analysis/run_image_laws.h"
#include "report/plain_text.h"

namespace landauer {

// One cost of one group of runs.
struct ClampTable {
    std::string metric;  // "encode_s"
    std::string header;  // "encode"
    std::string common;  // whether one knee would do for all clamps, one sentence
    TextTable table;     // first row: headers
};

struct ClampGroup {
    std::string title;                // the model and the picture
    std::vector<std::size_t> places;  // of its runs among those given, narrowest clamp first
    ClampLaws laws;
    std::vector<ClampTable> tables;  // one a cost
};

// None for runs without kin.
[[nodiscard]] std::vector<ClampGroup> clamp_groups(std::span<const RunAnalysis> runs);

// What the tables' columns mean, one sentence.
[[nodiscard]] std::string clamp_legend();

}  // namespace landauer
