// The writers behind the format table, one file each.
#pragma once

#include <span>
#include <string>

#include "report/report.h"

namespace landauer {

[[nodiscard]] std::string write_table(std::span<const RunAnalysis> runs, const ReportOptions& options);
[[nodiscard]] std::string write_markdown(std::span<const RunAnalysis> runs, const ReportOptions& options);
[[nodiscard]] std::string write_csv(std::span<const RunAnalysis> runs, const ReportOptions& options);
[[nodiscard]] std::string write_json(std::span<const RunAnalysis> runs, const ReportOptions& options);
[[nodiscard]] std::string write_jsonl(std::span<const RunAnalysis> runs, const ReportOptions& options);
[[nodiscard]] std::string write_sql(std::span<const RunAnalysis> runs, const ReportOptions& options);
[[nodiscard]] std::string write_html(std::span<const RunAnalysis> runs, const ReportOptions& options);

}  // namespace landauer
