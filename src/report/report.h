// Reports: analysis results in, text out. Nothing here prints, reads clocks or files.
#pragma once

#include <landauer/error.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/run_analysis.h"

namespace landauer {

struct ReportOptions {
    bool colour = false;  // terminal only
    int width = 100;      // terminal only, in columns
    std::string title;    // HTML only; empty: from the models' names
};

// One line of the format table: adding a format is one file and one line there.
struct ReportFormat {
    std::string_view name;  // "table", "md", "csv", "json", "jsonl", "sql", "html"
    std::string_view help;
    std::string (*write)(std::span<const RunAnalysis> runs, const ReportOptions& options);
};
[[nodiscard]] std::span<const ReportFormat> format_table();
// Invalid, naming the formats there are, for an unknown name.
[[nodiscard]] Result<ReportFormat> find_format(std::string_view name);

// The laws of one run in words, formulas and figures of merit, for the terminal.
[[nodiscard]] std::string render_laws(const RunAnalysis& run, const ReportOptions& options);

// Runs that differ in the clamp on image tokens alone, side by side, for the terminal; empty where there are none.
[[nodiscard]] std::string render_clamps(std::span<const RunAnalysis> runs, const ReportOptions& options);

}  // namespace landauer
