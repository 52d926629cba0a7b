// What a report says, before any format: built purely from a RunAnalysis. Every text is clean
// (plain_text.h); formats only escape and lay out.
#pragma once

#include <landauer/caveat.h>

#include <optional>
#include <string>
#include <vector>

#include "analysis/run_analysis.h"
#include "core/metrics.h"
#include "report/law_sentence.h"
#include "report/numbers.h"

namespace landauer {

struct Fact {
    std::string name;
    std::string value;
};

// A figure of the whole run, with its interval and unit.
struct KeyFigure {
    const Metric* metric = nullptr;
    std::string header;    // "net energy (estimate)"
    std::string value;     // "31.2 s"
    std::string interval;  // "[30.9, 31.5]"; may be empty
};

// A column of figures, all in one unit that suits them.
struct FigureColumn {
    const Metric* metric = nullptr;
    std::string header;  // "peak RSS"
    Scale scale;         // raw over scale.factor is shown, in scale.unit
};

struct PromptRow {
    std::string id;
    std::int64_t n_in = 0;  // tokens of the prompt; of its text alone beside a picture
    std::int64_t n_reused = 0;
    std::int64_t n_out = 0;
    int n_valid = 0;
    ImageRecord image;                             // all 0 without a picture
    std::string grades;                            // "A", "2A 1C"
    std::vector<std::optional<Estimate>> figures;  // one a column, raw units
    std::vector<std::optional<double>> sd;
};

struct PromptTable {
    std::vector<FigureColumn> columns;
    std::vector<PromptRow> rows;
    bool has_reuse = false;
    bool has_images = false;
};

struct IdleRow {
    std::string where;
    double seconds = 0.0;
    bool contaminated = false;
    std::vector<std::string> figures;  // one a header of Document::idle_headers; "–" when not sampled
};

struct Document {
    std::string title;                // the model
    std::string subtitle;             // run, protocol, date, repetitions
    std::string notice;               // what must be known before any figure is read; may be empty
    std::string headline;             // one sentence
    std::string energy;               // one sentence: what the joules cover, or that there are none
    std::vector<std::string> meters;  // more than one was named: a line each
    bool is_grid = false;
    bool is_image = false;
    std::vector<KeyFigure> key_figures;
    PromptTable prompts;
    std::vector<LawText> laws;
    std::vector<std::string> idle_headers;
    std::vector<IdleRow> idle;
    std::string windows;  // the detector against the marks, one sentence; may be empty
    std::vector<Caveat> caveats;
    std::vector<Fact> settings;
    std::vector<Fact> environment;
    std::vector<std::string> commands;  // to reproduce, exact
};

[[nodiscard]] Document make_document(const RunAnalysis& run);

// The parts, each in a file of its own.
[[nodiscard]] std::string headline_sentence(const RunAnalysis& run);
[[nodiscard]] std::string image_headline(const RunAnalysis& run);
[[nodiscard]] std::string energy_sentence(const RunAnalysis& run);
[[nodiscard]] std::string windows_sentence(const RunAnalysis& run);
[[nodiscard]] PromptTable prompt_table(const RunAnalysis& run);
[[nodiscard]] std::string model_name(const RunAnalysis& run);
// True when the run is synthetic tests (pp512) and not a ladder of prompts.
[[nodiscard]] bool is_grid_run(const RunAnalysis& run);

// "1.05" of pixels that entered the encoder, in megapixels; an en dash where they are not known.
[[nodiscard]] std::string effective_text(const ImageRecord& image);
// What a row of the table is, in the singular: "prompt", "test", "size".
[[nodiscard]] std::string_view row_word(const Document& document);
[[nodiscard]] std::string_view severity_word(Severity severity);
// The metric's header without the unit at its end ("prefill t/s" of "t/s" is "prefill").
[[nodiscard]] std::string bare_header(const Metric& metric);
// The same for a run's table or plot: joules that no instrument measured say so, " (estimate)".
[[nodiscard]] std::string bare_header(const RunAnalysis& run, const Metric& metric);
// "1.9 s [1.8, 2.0]", in the unit that suits.
[[nodiscard]] std::string amount_text(const Estimate& estimate, std::string_view unit);
// " (estimate)", " (calibrated)", or nothing: for figures that are no energy, and for measured ones.
[[nodiscard]] std::string provenance_mark(const RunAnalysis& run, const Metric& metric);

}  // namespace landauer
