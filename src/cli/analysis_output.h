// From runs in a store to the text of a format: what bench, laws and report share.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "analysis/run_analysis.h"
#include "report/report.h"
#include "store/store.h"

namespace landauer {

// Runs with their analyses, which point into them.
struct AnalysedRuns {
    std::vector<RunData> data;
    std::vector<RunAnalysis> analyses;
};
[[nodiscard]] Result<AnalysedRuns> analyse_runs(Store& store, const std::vector<std::int64_t>& run_ids,
                                                const AnalysisOptions& options = {});

// The runs in a store that must be there: numbers, labels or "last" as Store::find_run reads
// them; none: the last run.
[[nodiscard]] Result<AnalysedRuns> analyse_stored(const std::filesystem::path& store_file,
                                                  const std::vector<std::string>& names);

// Every run of pictures in a store, of that model; empty: of any. The store must be there.
[[nodiscard]] Result<AnalysedRuns> analyse_image_runs(const std::filesystem::path& store_file,
                                                      const std::string& model);

// Options for output to this file; a terminal's width and colour when it is stdout.
[[nodiscard]] ReportOptions report_options(const std::filesystem::path& out);

// Writes one format to a file or stdout.
[[nodiscard]] Result<void> write_report(const AnalysedRuns& runs, const std::string& format,
                                        const std::filesystem::path& out);

}  // namespace landauer
