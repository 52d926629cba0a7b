// What a compression did, as its page shows it: plain numbers and strings, filled in by the caller. Nothing here
// prints, reads clocks or files.
#pragma once

#include <landauer/caveat.h>
#include <landauer/law_card.h>

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/compare/payback.h"
#include "report/assets.h"
#include "report/document.h"
#include "report/heat_map.h"

namespace landauer {

// What stays of a part.
struct KeptPart {
    std::size_t kept = 0;
    std::size_t of = 0;  // 0: the layer has no such part
    std::string type;    // that its matrices are stored in instead of their own; may be empty
};

// One way to a size: what each layer keeps.
struct KeptPlan {
    double removed = 0.0;  // share of the blocks' cost
    double loss = 0.0;     // nats a token, predicted
    bool chosen = false;   // that is what was written
    std::vector<std::string> columns;
    std::vector<std::vector<KeptPart>> layers;
};

struct PredictedSize {
    double removed = 0.0;
    double loss = 0.0;              // nats a token
    std::optional<double> file_mb;  // absent where no smaller file is written
};

// A model that was run on a text.
struct MeasuredSize {
    std::string name;
    bool is_control = false;
    double file_mb = 0.0;
    std::optional<double> removed;  // of the compressed model
    Estimate perplexity_ratio;      // to the base's
};

struct MakingCost {
    double cpu_s = 0.0;
    double wall_s = 0.0;
    std::optional<Estimate> energy_wh;  // net of idle
    std::string covers;                 // what the energy is of; "stated watts .., an estimate"
    bool estimated = false;
};

// Megabytes.
struct FileSizes {
    double before = 0.0;
    double after = 0.0;
};

// How far it is from the base on held-out text, nats a token, before and after it was healed.
struct HealedLoss {
    double before = 0.0;
    double after = 0.0;
};

struct CompressReport {
    std::string title;                // "small.gguf, made of base.gguf"
    std::string subtitle;             // one line: format, sizes
    std::string axis = "parameters";  // what shares of the blocks are of: "parameters", "bytes"
    std::vector<PartColumn> columns;
    std::vector<std::vector<std::optional<double>>> sensitivity;  // by layer and column, nats a token
    std::vector<KeptPlan> plans;
    std::string ways;  // in which the curve's sizes are had: "fewer neurons and head groups"
    std::vector<PredictedSize> curve;
    std::optional<PredictedSize> chosen;
    std::optional<FileSizes> files;    // of what was written
    std::optional<HealedLoss> healed;  // absent: it was not
    double measured_low = 1.0;         // measured losses were that many times the predicted ones
    double measured_high = 1.0;
    std::vector<MeasuredSize> measured;
    std::optional<MakingCost> making;
    std::vector<Payback> payback;
    std::vector<Fact> facts;  // to reproduce: hashes, options, version
    std::vector<std::string> notes;
    std::string command;
    std::string version;
};

// "Compressing took 263 CPU s; a prompt saves 0.31 [0.28, 0.34] CPU s: paid back after 849 [774, 940] prompts."
[[nodiscard]] std::string payback_sentence(const Payback& payback);

// The part that stands above the verdict on its page: without a head and a foot.
[[nodiscard]] std::string compress_section(const CompressReport& report, std::size_t place);
// The series behind its pictures.
[[nodiscard]] nlohmann::json compress_plots(const CompressReport& report);
// A page of its own.
[[nodiscard]] std::string write_compress_html(const CompressReport& report);
[[nodiscard]] std::string compress_page(const CompressReport& report, std::span<const Asset> assets);

}  // namespace landauer
