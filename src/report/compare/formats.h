// The writers behind the format table, one file each.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "report/assets.h"
#include "report/compare/report.h"

namespace landauer {

[[nodiscard]] std::string write_compare_table(const CompareReport& report, const ReportOptions& options);
[[nodiscard]] std::string write_compare_markdown(const CompareReport& report, const ReportOptions& options);
[[nodiscard]] std::string write_compare_json(const CompareReport& report, const ReportOptions& options);
[[nodiscard]] std::string write_compare_html(const CompareReport& report, const ReportOptions& options);

// The whole page with these assets built in.
[[nodiscard]] std::string compare_page(const CompareReport& report, const ReportOptions& options,
                                       std::span<const Asset> assets);
// The series behind the page's pictures: one object a pair, and last the Pareto front.
[[nodiscard]] nlohmann::json compare_plots(const CompareReport& report);

}  // namespace landauer
