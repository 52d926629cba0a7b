// What the compression page says, before any format. Every text is clean; formats only escape and lay out.
#pragma once

#include <string>
#include <vector>

#include "report/compress/report.h"
#include "report/heat_map.h"

namespace landauer {

struct KeptCell {
    std::string text;    // "208", "all", a dash
    std::string title;   // "208 of 576"
    double share = 1.0;  // kept
};

struct KeptTable {
    std::string name;  // "-20 %"
    std::string words;
    std::vector<std::string> columns;
    std::vector<std::string> full;  // "of 576" by column; empty where layers differ
    std::vector<std::string> rows;  // "3", "4-7": layers that keep the same
    std::vector<std::vector<KeptCell>> cells;
    std::vector<KeptCell> mean;  // over the layers; empty: there is one layer
};

struct CompressDocument {
    std::string title;
    std::string subtitle;
    std::string headline;
    std::string outcome;  // what was written, in sizes and losses; may be empty
    HeatMap heat;
    std::string heat_words;
    std::vector<KeptTable> kept;
    std::vector<std::vector<std::string>> sizes;  // of the curve, a header first
    std::string making;                           // empty: nothing was made
    std::vector<std::string> payback;
    std::vector<Fact> facts;
    std::vector<std::string> notes;
    std::string command;
};
[[nodiscard]] CompressDocument make_compress_document(const CompressReport& report);

// The parts, each in a file of its own.
[[nodiscard]] KeptTable kept_table(const CompressReport& report, const KeptPlan& plan);
[[nodiscard]] std::string compress_headline(const CompressReport& report);
[[nodiscard]] std::string outcome_words(const CompressReport& report);
[[nodiscard]] std::string curve_words(const CompressReport& report);
[[nodiscard]] std::string making_words(const MakingCost& making);
// "1.19 to 1.51": the perplexity to expect as a multiple of the original's.
[[nodiscard]] std::string expected_words(const CompressReport& report, double loss);

}  // namespace landauer
